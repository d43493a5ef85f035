"""The checkpoint that a training goes on from.

It is written whole or not at all. The random generators are no part of a checkpoint: order, augmentation and
dropout are functions of (seed, epoch).
"""

import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from card import DataSummary
from errors import BadSettingError
from files import write_whole
from models import Architecture

FORMAT = 2
CHECKPOINT_NAME = "checkpoint.pt"

State = dict[str, Any]


@dataclass(frozen=True)
class ModelInput:
    """How an image becomes a network's input, and what its outputs mean."""

    classes: list[str]
    mean: list[float]
    std: list[float]


@dataclass(frozen=True)
class Best:
    """The best epoch so far. Tensors are on the CPU."""

    epoch: int
    metrics: dict[str, float]
    weights: State
    # Validation images counted by class (rows) and predicted class (columns): int64 [classes, classes].
    confusion: torch.Tensor | None = None


@dataclass(frozen=True)
class Checkpoint:
    """A training after a whole epoch."""

    epoch: int
    identity: dict[str, Any]
    architecture: Architecture
    input: ModelInput
    data: DataSummary
    weights: State
    optimizer: State
    best: Best


def copy_weights(model: torch.nn.Module) -> State:
    """The weights as they are now, on the CPU; training on does not change them."""
    return {name: value.detach().to("cpu", copy=True) for name, value in model.state_dict().items()}


def save_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    # Not asdict: it would copy every tensor. Where this epoch is the best, both names share one set of weights, and
    # torch writes it once.
    state = {
        "format": FORMAT,
        **vars(checkpoint),
        "architecture": asdict(checkpoint.architecture),
        "input": asdict(checkpoint.input),
        "data": asdict(checkpoint.data),
        "best": vars(checkpoint.best),
    }
    write_whole(folder / CHECKPOINT_NAME, lambda file: torch.save(state, file))


def load_checkpoint(folder: Path, identity: dict[str, Any]) -> Checkpoint | None:
    """What an earlier attempt, or a lower rung, left; None when there is nothing, or nothing that can be read.

    Raises BadSettingError when it is of a training with other settings.
    """
    path = folder / CHECKPOINT_NAME
    if not path.exists():
        return None
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        if state.pop("format") != FORMAT:
            raise ValueError("it was written by another version")
        checkpoint = Checkpoint(
            **{
                **state,
                "architecture": Architecture(**state["architecture"]),
                "input": ModelInput(**state["input"]),
                "data": DataSummary(**state["data"]),
                "best": Best(**state["best"]),
            }
        )
    except Exception as error:  # torch raises many kinds for a file that is torn
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        print(f"train.py: {path} cannot be read, so training starts anew ({reason})", file=sys.stderr)
        return None
    for name, value in identity.items():
        if name in checkpoint.identity and checkpoint.identity[name] != value:
            raise BadSettingError(
                f"{path} was trained with {name.upper()}={checkpoint.identity[name]}, and now it is {value}; "
                "remove it, or set CHECKPOINT_DIR to another folder"
            )
    return checkpoint

