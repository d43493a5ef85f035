"""A small classifier under LightningCLI: which side of a curve a point lies on."""

import lightning as L
import torch
from lightning.pytorch.cli import LightningCLI
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset


class Classifier(L.LightningModule):
    def __init__(self, hidden: int = 16, learning_rate: float = 0.01, dropout: float = 0.0):
        super().__init__()
        self.learning_rate = learning_rate
        self.net = nn.Sequential(nn.Linear(2, hidden), nn.Tanh(), nn.Dropout(dropout), nn.Linear(hidden, 2))

    def training_step(self, batch: tuple[Tensor, Tensor]) -> Tensor:
        points, sides = batch
        loss = nn.functional.cross_entropy(self.net(points), sides)
        self.log("train_loss", loss)
        return loss

    def validation_step(self, batch: tuple[Tensor, Tensor]) -> None:
        points, sides = batch
        self.log("val_acc", (self.net(points).argmax(1) == sides).float().mean())

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.parameters(), lr=self.learning_rate)


class Points(L.LightningDataModule):
    def __init__(self, batch_size: int = 64):
        super().__init__()
        self.batch_size = batch_size

    def setup(self, stage: str) -> None:
        points = torch.rand(2000, 2, generator=torch.Generator().manual_seed(0)) * 2 - 1
        sides = (points[:, 1] > torch.sin(3 * points[:, 0])).long()
        self.train_set = TensorDataset(points[:1500], sides[:1500])
        self.val_set = TensorDataset(points[1500:], sides[1500:])

    def train_dataloader(self) -> DataLoader:
        return DataLoader(self.train_set, self.batch_size, shuffle=True)

    def val_dataloader(self) -> DataLoader:
        return DataLoader(self.val_set, 500)


if __name__ == "__main__":
    LightningCLI(Classifier, Points)
