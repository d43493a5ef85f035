"""MODEL_CARD.md, which explains a model to whoever finds it in a year, and the digest of its data."""

import hashlib
import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import torch

from config import Settings
from tar_files import bare, located

FITS = {
    "crop": "an image's largest centred square",
    "letterbox": "the whole image in the middle of a grey square",
    "squeeze": "the whole image, distorted",
}
MIRRORED = (
    " The results below, predict.py and `model.onnx` use the mean of the logits for an image and for its mirror image; "
    "who loads the weights alone does that too, or gets slightly other results."
)


@dataclass(frozen=True)
class DataSummary:
    """The data of a training run."""

    digest: str
    training_images: int
    validation_images: int
    test_images: int = 0


def listing_digest(root: Path, paths: Iterable[Path]) -> str:
    """SHA-256 of the names of the images below `root` and their sizes in bytes, in the order of the names.

    Not of their contents, which would mean reading all data once more. The sweep's own record (data.json, or the digest
    of the folder) is exact; this one distinguishes two sets of images even if train.py runs on its own.
    """
    lines = sorted(f"{bare(path).relative_to(root).as_posix()}\0{size_of(path)}\n" for path in paths)
    return hashlib.sha256("".join(lines).encode(errors="surrogateescape")).hexdigest()


def size_of(path: Path) -> int:
    member = located(path)
    if member is not None:
        return member[3]
    try:
        return os.stat(path).st_size
    except OSError:  # a broken link
        return os.lstat(path).st_size


def model_card(
    settings: Settings, data: DataSummary, description: dict[str, Any], confusion: torch.Tensor | None
) -> str:
    """The Markdown of the card. `description`: the contents of model.json; `confusion`: counts, [classes, classes]."""
    classes, size = description["classes"], description.get("test_resolution", description["image_size"])
    metrics = description["metrics"]
    value = metrics[settings.objective_metric]
    sections = [
        f"# {description['model']}, {len(classes)} classes",
        f"An image classifier. {settings.objective_metric} is {value:.6g} at epoch {description['epoch']} of "
        f"{settings.epochs}, its best epoch.",
        "## Use",
        "```python\nfrom predict import load  # docker/trainer/predict.py of Sweepstack\n\n"
        'load("this folder").predict("image.png").label\n```',
        f"The network takes {size}x{size} pixels ({FITS[description.get('image_fit', 'crop')]}), RGB, scaled to 0 to 1 "
        "and normalised with the mean and std in "
        "model.json. It returns logits in the order of the classes. `model.safetensors` is a plain state_dict of "
        "float32. `model.onnx`, if present, takes uint8 pixels of shape [batch, 3, height, width] and "
        f"normalises them itself.{MIRRORED if description.get('test_flip') else ''}",
        "## Results on the validation images",
        table(["metric", "value"], [[name, f"{number:.6g}"] for name, number in metrics.items()]),
        *([] if confusion is None else [class_table(classes, confusion)]),
        *test_sections(description.get("test")),
        "## Data",
        table(
            ["", ""],
            [
                ["training images", f"{data.training_images:,}"],
                ["validation images", f"{data.validation_images:,}"],
                *([["test images", f"{data.test_images:,}"]] if data.test_images else []),
                ["classes", ", ".join(map(cell, classes))],
                ["digest of names and sizes (SHA-256)", data.digest],
            ],
        ),
        "## Settings",
        table(["setting", "value"], settings_rows(settings)),
        "## Made with",
        table(["", ""], versions()),
    ]
    return "\n\n".join(sections) + "\n"


def test_sections(test: dict[str, float] | None) -> list[str]:
    """Results on images used neither to train nor to choose the model."""
    if test is None:
        return []
    rows = [[name, f"{value:.6g}"] for name, value in test.items()]
    return ["## Results on the test images", table(["metric", "value"], rows)]


def class_table(classes: list[str], confusion: torch.Tensor) -> str:
    """Accuracy and precision of each class, and the class it is most often confused with."""
    rows = []
    predicted = confusion.sum(0).tolist()
    for place, (name, counts) in enumerate(zip(classes, confusion.tolist(), strict=True)):
        right, count = counts[place], sum(counts)
        others = [*counts[:place], -1, *counts[place + 1 :]]
        most = max(range(len(classes)), key=others.__getitem__)
        mistaken = f"{cell(classes[most])} ({others[most]})" if others[most] > 0 else ""
        rows.append([cell(name), str(count), share(right, count), share(right, predicted[place]), mistaken])
    return table(["class", "images", "accuracy", "precision", "most often confused with"], rows)


def share(part: int, whole: int) -> str:
    return f"{part / whole:.4f}" if whole else ""


def settings_rows(settings: Settings) -> list[list[str]]:
    return [
        [name.upper(), cell(f"{value:g}" if isinstance(value, float) else str(value))]
        for name, value in settings.shown().items()
    ]


def versions() -> list[list[str]]:
    has_gpu = torch.cuda.is_available()
    gpu = [["GPU", torch.cuda.get_device_name()], ["CUDA", str(torch.version.cuda)]] if has_gpu else []
    return [
        ["Python", platform.python_version()],
        ["torch", str(torch.__version__)],
        ["numpy", numpy.__version__],
        ["system", f"{platform.system()} {platform.machine()}"],
        *gpu,
    ]


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cell(text: str) -> str:
    """Escapes text for a table cell: the name of a class is that of a folder, which may contain a `|`."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")
