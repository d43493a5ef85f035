"""The checkpoint that training resumes from: after an epoch, or after any step of one.

The last two are kept (stored.py). Random generators are not saved: order, augmentation and dropout are functions of
(seed, epoch, step).
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from card import DataSummary
from models import Architecture
from stored import forget_damaged, newest, read_state, refuse_others, save_state

FORMAT = 3
# Earlier formats that can be read: 2 lacks the precision and the names of the weights in the optimizer.
EARLIER_FORMATS = (2,)
# Settings that had another name when a checkpoint was written.
RENAMED = {"pretrained": "weights"}

State = dict[str, Any]


@dataclass(frozen=True)
class ModelInput:
    """How an image becomes the input of a network, and what its outputs mean. `fit` is IMAGE_FIT. `size`: pixels per
    side, where they are not those that it was trained at.
    """

    classes: list[str]
    mean: list[float]
    std: list[float]
    fit: str = "crop"
    size: int | None = None


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
    # With BATCH_SIZE=auto: what was found, since another machine may find another one.
    batch_size: int | None = None


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
    save_state(folder, state)


def load_checkpoint(folder: Path, identity: dict[str, Any], defaults: dict[str, Any]) -> Checkpoint | None:
    """The checkpoint of an earlier attempt or a lower rung; None if there is none that can be read.

    A setting newer than the checkpoint counts as having had its default.

    Raises BadSettingError if it was trained with other settings.
    """
    found = newest(folder, read_checkpoint, "train.py")
    if found is None:
        return None
    path, checkpoint = found
    theirs = {RENAMED.get(name, name): value for name, value in checkpoint.identity.items()}
    refuse_others(path, {**defaults, **theirs}, identity)
    forget_damaged(folder, path)
    return checkpoint


def read_checkpoint(path: Path) -> Checkpoint:
    """Raises ValueError if it is damaged or of another version, and whatever torch raises."""
    state = read_state(path)
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
