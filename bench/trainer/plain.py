"""The loop that people start from, to measure train.py beside it: every image decoded by Pillow when its batch is due,
in this one process, float32, Adam, and two numbers fetched from the device at each step.

    python plain.py DATA MODEL SIZE BATCH EPOCHS

DATA holds train/ and val/ with a folder for each class. The network is the trainer's own of that name. A line an epoch,
as train.py writes it.
"""

import sys
import time
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "docker" / "trainer"))
from models import Architecture, build


def main(data: str, name: str, size: int, batch_size: int, epochs: int) -> None:
    torch.manual_seed(0)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    transform = transforms.Compose(
        [transforms.Resize((size, size)), transforms.ToTensor(), transforms.Normalize([0.3] * 3, [0.35] * 3)]
    )
    training, validation = (ImageFolder(f"{data}/{part}", transform) for part in ("train", "val"))
    train_loader = DataLoader(training, batch_size, shuffle=True)
    val_loader = DataLoader(validation, batch_size)
    model = build(Architecture(name, len(training.classes), size)).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    criterion = nn.CrossEntropyLoss()

    for epoch in range(1, epochs + 1):
        started = time.perf_counter()
        model.train()
        total_loss, right = 0.0, 0.0
        for images, labels in train_loader:
            images, labels = images.to(device), labels.to(device)
            optimizer.zero_grad()
            outputs = model(images)
            loss = criterion(outputs, labels)
            loss.backward()
            optimizer.step()
            total_loss += loss.item() * len(labels)
            right += (outputs.argmax(1) == labels).sum().item()
        trained = time.perf_counter() - started

        model.eval()
        val_loss, val_right = 0.0, 0.0
        with torch.no_grad():
            for images, labels in val_loader:
                images, labels = images.to(device), labels.to(device)
                outputs = model(images)
                val_loss += criterion(outputs, labels).item() * len(labels)
                val_right += (outputs.argmax(1) == labels).sum().item()
        seconds = time.perf_counter() - started
        print(
            f"epoch {epoch}/{epochs}  "
            f"train loss {total_loss / len(training):.4f} accuracy {right / len(training):.4f}  "
            f"val loss {val_loss / len(validation):.4f} accuracy {val_right / len(validation):.4f}  "
            f"rate 0.001  {seconds:.1f} s  {len(training) / trained:,.0f} images/s",
            flush=True,
        )


if __name__ == "__main__":
    data, name, *numbers = sys.argv[1:]
    main(data, name, *map(int, numbers))
