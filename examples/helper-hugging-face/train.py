"""Hugging Face's Trainer on numbers of its own, with the helper's callback for metrics and interruptions."""

import sweepstack
import torch
from torch import nn
from torch.utils.data import Dataset
from transformers import Trainer, TrainingArguments
from transformers.trainer_utils import get_last_checkpoint


class Points(Dataset):
    """Whether a point lies inside of a circle."""

    def __init__(self, count: int, seed: int) -> None:
        generator = torch.Generator().manual_seed(seed)
        self.inputs = torch.rand(count, 2, generator=generator) * 2 - 1
        self.labels = (self.inputs.square().sum(dim=1) < 0.5).long()

    def __len__(self) -> int:
        return len(self.inputs)

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        return {"inputs": self.inputs[index], "labels": self.labels[index]}


class Network(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(2, width), nn.ReLU(), nn.Linear(width, 2))

    def forward(self, inputs: torch.Tensor, labels: torch.Tensor) -> dict[str, torch.Tensor]:
        logits = self.layers(inputs)
        return {"loss": nn.functional.cross_entropy(logits, labels), "logits": logits}


options = sweepstack.params(learning_rate=0.01, width=16)
torch.manual_seed(sweepstack.seed())
folder = str(sweepstack.checkpoint_dir())
trainer = Trainer(
    model=Network(options.width),
    args=TrainingArguments(
        output_dir=folder,
        num_train_epochs=sweepstack.epochs(3),
        learning_rate=options.learning_rate,
        per_device_train_batch_size=32,
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=1,
        logging_strategy="epoch",
        report_to="none",
        use_cpu=not torch.cuda.is_available(),
    ),
    train_dataset=Points(512, 1),
    eval_dataset=Points(256, 2),
    callbacks=[sweepstack.HuggingFaceCallback()],
)
trainer.train(resume_from_checkpoint=get_last_checkpoint(folder))
if sweepstack.should_stop():
    raise SystemExit(sweepstack.INTERRUPTED)
trainer.save_model(str(sweepstack.model_dir()))
