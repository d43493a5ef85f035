"""Lightning's Trainer on numbers of its own, with the helper's callback for metrics and interruptions."""

import lightning
import sweepstack
import torch
from lightning.pytorch.callbacks import ModelCheckpoint
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def points(count: int, seed: int) -> TensorDataset:
    """Whether a point lies inside of a circle."""
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.rand(count, 2, generator=generator) * 2 - 1
    return TensorDataset(inputs, (inputs.square().sum(dim=1) < 0.5).long())


class Network(lightning.LightningModule):
    def __init__(self, width: int, learning_rate: float) -> None:
        super().__init__()
        self.learning_rate = learning_rate
        self.layers = nn.Sequential(nn.Linear(2, width), nn.ReLU(), nn.Linear(width, 2))

    def training_step(self, batch: tuple[torch.Tensor, torch.Tensor], _: int) -> torch.Tensor:
        inputs, labels = batch
        return nn.functional.cross_entropy(self.layers(inputs), labels)

    def validation_step(self, batch: tuple[torch.Tensor, torch.Tensor], _: int) -> None:
        inputs, labels = batch
        self.log("val_accuracy", (self.layers(inputs).argmax(dim=1) == labels).float().mean())

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.parameters(), lr=self.learning_rate)


options = sweepstack.params(learning_rate=0.01, width=16)
lightning.seed_everything(sweepstack.seed(), verbose=False)
folder = sweepstack.checkpoint_dir()
last = folder / "last.ckpt"
trainer = lightning.Trainer(
    max_epochs=sweepstack.epochs(3),
    accelerator="auto",
    devices=1,
    logger=False,
    enable_progress_bar=False,
    enable_model_summary=False,
    callbacks=[ModelCheckpoint(folder, save_last=True), sweepstack.LightningCallback()],
)
trainer.fit(
    Network(options.width, options.learning_rate),
    DataLoader(points(512, 1), batch_size=32, shuffle=True),
    DataLoader(points(256, 2), batch_size=256),
    ckpt_path=str(last) if last.exists() else None,
)
if sweepstack.should_stop():
    raise SystemExit(sweepstack.INTERRUPTED)
trainer.save_checkpoint(sweepstack.model_dir() / "model.ckpt")
