"""torchvision's own loop, to measure train.py beside it: worker processes decode, crop and mirror each image anew in
every epoch, SGD steps, and loss and accuracy are fetched from the device at each step.

    python reference.py DATA MODEL SIZE BATCH EPOCHS [--workers N] [--amp]

It follows references/classification/train.py and presets.py of pytorch/vision (2025) with their defaults, in our own
words: random resized crop and mirror by PIL, then tensors; validation on the centre of a larger image; pinned batches;
fp16 with `--amp`. DATA holds train/ and val/ with a folder for each class. The network is the trainer's own of that
name, so that only the loops differ. A line an epoch, as train.py writes it.
"""

import argparse
import sys
import time
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader, RandomSampler, SequentialSampler
from torchvision import transforms
from torchvision.datasets import ImageFolder

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "docker" / "trainer"))
from models import Architecture, build

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
# Presets: validation images are scaled to 256 where 224 pixels are cut out of them.
RESIZE = 256 / 224


def loaders(data: str, size: int, batch: int, workers: int) -> tuple[DataLoader, DataLoader]:
    last = [transforms.PILToTensor(), transforms.ConvertImageDtype(torch.float), transforms.Normalize(MEAN, STD)]
    varied = transforms.Compose([transforms.RandomResizedCrop(size), transforms.RandomHorizontalFlip(), *last])
    fixed = transforms.Compose([transforms.Resize(round(size * RESIZE)), transforms.CenterCrop(size), *last])
    training, validation = ImageFolder(f"{data}/train", varied), ImageFolder(f"{data}/val", fixed)
    pin = torch.cuda.is_available()
    return (
        DataLoader(training, batch, sampler=RandomSampler(training), num_workers=workers, pin_memory=pin),
        DataLoader(validation, batch, sampler=SequentialSampler(validation), num_workers=workers, pin_memory=pin),
    )


class Averages:
    """Means over images, each batch's numbers fetched from the device."""

    def __init__(self) -> None:
        self.images, self.loss, self.right = 0, 0.0, 0

    def update(self, loss: torch.Tensor, output: torch.Tensor, target: torch.Tensor) -> None:
        self.images += len(target)
        self.loss += loss.item() * len(target)
        self.right += int((output.argmax(1) == target).sum().item())

    def __str__(self) -> str:
        return f"loss {self.loss / self.images:.4f} accuracy {self.right / self.images:.4f}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("model")
    for number in ("size", "batch", "epochs"):
        parser.add_argument(number, type=int)
    parser.add_argument("--workers", type=int, default=16)
    parser.add_argument("--amp", action="store_true")
    options = parser.parse_args()
    torch.manual_seed(0)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    training, validation = loaders(options.data, options.size, options.batch, options.workers)
    classes = len(training.dataset.classes)  # type: ignore[attr-defined]
    model = build(Architecture(options.model, classes, options.size)).to(device)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=30, gamma=0.1)
    scaler = torch.amp.GradScaler(device.type, enabled=options.amp)

    for epoch in range(1, options.epochs + 1):
        started = time.perf_counter()
        model.train()
        trained = Averages()
        for image, target in training:
            image, target = image.to(device), target.to(device)
            with torch.autocast(device.type, enabled=options.amp):
                output = model(image)
                loss = criterion(output, target)
            optimizer.zero_grad()
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()
            trained.update(loss, output, target)
        scheduler.step()
        rate = trained.images / (time.perf_counter() - started)

        model.eval()
        validated = Averages()
        with torch.inference_mode():
            for image, target in validation:
                image, target = image.to(device, non_blocking=True), target.to(device, non_blocking=True)
                output = model(image)
                validated.update(criterion(output, target), output, target)
        seconds = time.perf_counter() - started
        print(
            f"epoch {epoch}/{options.epochs}  train {trained}  val {validated}  rate 0.01  {seconds:.1f} s  "
            f"{rate:,.0f} images/s",
            flush=True,
        )


if __name__ == "__main__":
    main()
