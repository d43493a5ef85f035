"""The model folder, MODEL_DIR: the model of the best epoch, and what a user or a program needs to use it.

| file | holds |
| --- | --- |
| `model.safetensors` | the weights: a state_dict in float32, on no device |
| `model.json` | what predict.py needs beside them: network, classes, image size, normalisation; epoch, metrics, accuracy of each class, and loss and accuracy on test images where there are any |
| `MODEL_CARD.md` | the same for a person, with settings, seed, data and versions |
| `confusion.csv` | validation images counted by class (rows) and predicted class (columns) |
| `model.onnx` | the same network for other runtimes, unless EXPORT=none |

Each file is written completely or not at all. Models of format 1 had their weights in model.pt and can still be read.
"""  # noqa: E501 - a table's row is one line

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import safetensors.torch
import torch
from torch import nn

from card import DataSummary, model_card
from checkpoint import Best, ModelInput, State
from config import Settings
from errors import NoDataError
from files import write_whole
from models import Architecture, WithMirrorImage, build

FORMAT = 2
WEIGHTS_NAME = "model.safetensors"
DESCRIPTION_NAME = "model.json"
CARD_NAME = "MODEL_CARD.md"
CONFUSION_NAME = "confusion.csv"
EXPORT_NAME = "model.onnx"
EARLIER_WEIGHTS_NAME = "model.pt"
# The safetensors names of the types of a network's tensors. The widest come first in a file, so that all are aligned.
KINDS = {torch.int64: "I64", torch.float32: "F32"}


@dataclass(frozen=True)
class ModelFolder:
    """Where training saves its best model, and everything about it that stays the same from epoch to epoch."""

    path: Path
    architecture: Architecture
    input: ModelInput
    settings: Settings
    data: DataSummary

    def save(self, best: Best, test: dict[str, float] | None = None) -> None:
        """Writes everything but the export. The weights come first, so that a description never exists without them.

        `test`: loss and accuracy of this model on the test images, once they have been used. An export left by an
        earlier attempt has other weights, so it is removed; it is made again at the end.
        """
        (self.path / EXPORT_NAME).unlink(missing_ok=True)
        write_whole(self.path / WEIGHTS_NAME, lambda file: write_tensors(file, best.weights))
        write_text(self.path / DESCRIPTION_NAME, json.dumps(self.describe(best, test), indent=2) + "\n")
        if best.confusion is not None:
            write_text(self.path / CONFUSION_NAME, confusion_csv(self.input.classes, best.confusion))
        write_text(
            self.path / CARD_NAME, model_card(self.settings, self.data, self.describe(best, test), best.confusion)
        )

    def describe(self, best: Best, test: dict[str, float] | None) -> dict[str, Any]:
        """The contents of model.json."""
        description = {
            "format": FORMAT,
            "model": self.architecture.name,
            "classes": self.input.classes,
            "image_size": self.architecture.image_size,
            "image_fit": self.input.fit,
            "channels": 3,
            "mean": self.input.mean,
            "std": self.input.std,
            "dropout": self.architecture.dropout,
            "epoch": best.epoch,
            "metrics": best.metrics,
            "data_digest": self.data.digest,
            "torch": str(torch.__version__),
        }
        if self.input.size is not None:
            description["test_resolution"] = self.input.size
        if self.settings.test_flip == "true":
            description["test_flip"] = True
        if best.confusion is not None:
            description["class_accuracy"] = class_accuracy(self.input.classes, best.confusion)
        if test is not None:
            description["test"] = test
        return description


def class_accuracy(classes: list[str], confusion: torch.Tensor) -> dict[str, float | None]:
    """The share of the images of each class that were classified correctly (its recall); None without images."""
    counts = confusion.sum(1).tolist()
    right = confusion.diagonal().tolist()
    return {name: hit / count if count else None for name, hit, count in zip(classes, right, counts, strict=True)}


def confusion_csv(classes: list[str], confusion: torch.Tensor) -> str:
    """`confusion[i, j]`: images of class i that were taken for class j."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["class", *classes])
    table.writerows([name, *row] for name, row in zip(classes, confusion.tolist(), strict=True))
    return text.getvalue()


def read_model(folder: Path, device: str = "cpu") -> tuple[dict[str, Any], State]:
    """model.json and the weights. Raises NoDataError if the folder has no model that this version can read."""
    try:
        description = json.loads((folder / DESCRIPTION_NAME).read_text())
        version = description["format"]
        if version == FORMAT:
            weights = safetensors.torch.load_file(folder / WEIGHTS_NAME, device=device)
        elif version == 1:
            weights = torch.load(folder / EARLIER_WEIGHTS_NAME, map_location=device, weights_only=True)
        else:
            raise NoDataError(
                f"{folder} has format {version}; this version reads {FORMAT} and 1: use the predict.py of "
                "the version that wrote it"
            )
    except (OSError, ValueError, KeyError, TypeError, safetensors.SafetensorError) as error:
        needed = f"{DESCRIPTION_NAME} and {WEIGHTS_NAME}"
        raise NoDataError(f"{folder} is not a model folder ({error}); it must have {needed}") from error
    return description, weights


def architecture_of(description: dict[str, Any]) -> Architecture:
    return Architecture(
        description["model"], len(description["classes"]), description["image_size"], description["dropout"]
    )


def input_size_of(description: dict[str, Any]) -> int:
    """Pixels per side of the images that the model is used on."""
    return description.get("test_resolution", description["image_size"])


def network_of(description: dict[str, Any], weights: State) -> nn.Module:
    """The network as it was validated: with TEST_FLIP it looks at the mirror image too."""
    model = build(architecture_of(description))
    model.load_state_dict(weights)
    return (WithMirrorImage(model) if description.get("test_flip") else model).eval()


def write_tensors(file: BinaryIO, tensors: State) -> None:
    """Writes the safetensors format one tensor at a time, with the same bytes as the library's `save`.

    `save` copies all tensors while holding Python's lock: seconds for a large model, in which training could not queue
    a step. The library's `save_file` leaves a temporary file behind if it is killed.
    """
    names = sorted(tensors, key=lambda name: (-tensors[name].itemsize, name))
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name in names:
        begin, end = end, end + tensors[name].nbytes
        dtype = KINDS[tensors[name].dtype]
        header[name] = {"dtype": dtype, "shape": list(tensors[name].shape), "data_offsets": [begin, end]}
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    file.write(len(text).to_bytes(8, "little") + text)
    for name in names:
        file.write(memoryview(tensors[name].contiguous().numpy()).cast("B"))


def write_bytes(path: Path, content: bytes) -> None:
    write_whole(path, lambda file: file.write(content))


def write_text(path: Path, text: str) -> None:
    write_bytes(path, text.encode())
