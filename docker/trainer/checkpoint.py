"""The checkpoint that training resumes from: after an epoch, or after any step of one.

A file ends with a digest of its contents, so that a damaged one is detected. The last two are kept, and training
resumes from the one before if the last is damaged. Random generators are not saved: order, augmentation and dropout are
functions of (seed, epoch, step).
"""

import hashlib
import os
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import torch

from card import DataSummary
from errors import BadSettingError, first_line
from files import write_whole
from models import Architecture

FORMAT = 3
# Earlier formats that can be read: 2 lacks the precision and the names of the weights in the optimizer.
EARLIER_FORMATS = (2,)
CHECKPOINT_NAME = "checkpoint.pt"
BEFORE_NAME = "checkpoint-before.pt"
# The file ends with this mark and the SHA-256 of everything before it. torch.load ignores both.
MARK = b"sweepstack-sha256"
BLOCK = 1 << 20

# Settings that had another name when a checkpoint was written.
RENAMED = {"pretrained": "weights"}

State = dict[str, Any]


@dataclass(frozen=True)
class ModelInput:
    """How an image becomes the input of a network, and what its outputs mean. `fit` is IMAGE_FIT."""

    classes: list[str]
    mean: list[float]
    std: list[float]
    fit: str = "crop"


@dataclass(frozen=True)
class Best:
    """The best epoch so far. Its tensors are on the CPU, or still being copied there: snapshot.py."""

    epoch: int
    metrics: dict[str, float]
    weights: State
    # Validation images counted by class (rows) and predicted class (columns): int64 [classes, classes].
    confusion: torch.Tensor | None = None


@dataclass(frozen=True)
class Checkpoint:
    """Training after `epoch` whole epochs and `step` steps of the next one. `tally`: sums of that epoch so far."""

    epoch: int
    step: int
    tally: torch.Tensor
    identity: dict[str, Any]
    architecture: Architecture
    input: ModelInput
    data: DataSummary
    weights: State
    optimizer: State
    scaler: State
    best: Best | None
    # As named by choose_precision; None for a checkpoint without it.
    precision: str | None = None
    # The averaged weights, with EMA.
    average: State | None = None


def save_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Keeps the existing checkpoint as the one before. At any moment one of them is complete."""
    # Not asdict, which would copy every tensor. If this epoch is the best, both share one set of weights, and torch
    # writes it once.
    state = {
        "format": FORMAT,
        **vars(checkpoint),
        "architecture": asdict(checkpoint.architecture),
        "input": asdict(checkpoint.input),
        "data": asdict(checkpoint.data),
        "best": vars(checkpoint.best) if checkpoint.best else None,
    }

    def write(file: BinaryIO) -> None:
        digesting = Digesting(file)
        torch.save(state, cast(BinaryIO, digesting))
        file.write(MARK + digesting.digest.digest())

    def keep_before() -> None:
        last, part = folder / CHECKPOINT_NAME, folder / f".{BEFORE_NAME}.tmp"
        with suppress(FileNotFoundError):
            part.unlink()
        with suppress(FileNotFoundError):
            os.link(last, part)
            os.replace(part, folder / BEFORE_NAME)

    write_whole(folder / CHECKPOINT_NAME, write, keep_before)


class Digesting:
    """A file that computes the digest of what is written to it."""

    def __init__(self, file: BinaryIO):
        self.file = file
        self.digest = hashlib.sha256()

    def write(self, content: bytes) -> int:
        self.digest.update(content)
        return self.file.write(content)

    def flush(self) -> None:
        self.file.flush()


def load_checkpoint(folder: Path, identity: dict[str, Any], defaults: dict[str, Any]) -> Checkpoint | None:
    """The checkpoint of an earlier attempt or a lower rung; None if there is none that can be read.

    A setting newer than the checkpoint counts as having had its default.

    Raises BadSettingError if it was trained with other settings.
    """
    paths = [path for path in (folder / CHECKPOINT_NAME, folder / BEFORE_NAME) if path.exists()]
    for path in paths:
        try:
            checkpoint = read_checkpoint(path)
        except Exception as error:  # torch raises many types of error for a truncated file
            then = "training starts from scratch" if path == paths[-1] else "training resumes from the one before"
            reason = first_line(str(error) or type(error).__name__)
            print(f"train.py: {path} cannot be read ({reason}); {then}", file=sys.stderr)
            continue
        theirs = {RENAMED.get(name, name): value for name, value in checkpoint.identity.items()}
        refuse_others(path, {**defaults, **theirs}, identity)
        if path != paths[0]:
            # Otherwise the damaged one would become the one before.
            paths[0].unlink(missing_ok=True)
        return checkpoint
    return None


def read_checkpoint(path: Path) -> Checkpoint:
    """Raises ValueError if it is damaged or of another version, and whatever torch raises."""
    size = path.stat().st_size - len(MARK) - hashlib.sha256().digest_size
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(min(BLOCK, max(0, size - file.tell()))):
            digest.update(block)
        if file.read() != MARK + digest.digest():
            raise ValueError("it is damaged, or was written by another version")
    state = torch.load(path, map_location="cpu", weights_only=True)
    if state.pop("format") not in (FORMAT, *EARLIER_FORMATS):
        raise ValueError("it was written by another version")
    return Checkpoint(
        **{
            **state,
            "architecture": Architecture(**state["architecture"]),
            "input": ModelInput(**state["input"]),
            "data": DataSummary(**state["data"]),
            "best": Best(**state["best"]) if state["best"] else None,
        }
    )


def refuse_others(path: Path, theirs: dict[str, Any], ours: dict[str, Any]) -> None:
    for name, value in ours.items():
        if name in theirs and theirs[name] != value:
            raise BadSettingError(
                f"{path} was trained with {name.upper()}={theirs[name]}, but it is now {value}; "
                "remove the checkpoint, or set CHECKPOINT_DIR to another folder"
            )
