"""Two states of a training on disk, the last and the one before, of which one is always whole.

A file ends with a digest of its contents, so that a damaged one is detected. Training resumes from the one before if
the last is damaged.
"""

import hashlib
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

import torch

from errors import BadSettingError, first_line
from files import write_whole

CHECKPOINT_NAME = "checkpoint.pt"
BEFORE_NAME = "checkpoint-before.pt"
# The file ends with this mark and the SHA-256 of everything before it. torch.load ignores both.
MARK = b"sweepstack-sha256"
BLOCK = 1 << 20

Read = TypeVar("Read")


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


def save_state(folder: Path, state: dict[str, Any]) -> None:
    """Keeps the existing checkpoint as the one before. At any moment one of them is complete."""

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


def read_state(path: Path) -> dict[str, Any]:
    """Raises ValueError if it is damaged, and whatever torch raises."""
    size = path.stat().st_size - len(MARK) - hashlib.sha256().digest_size
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(min(BLOCK, max(0, size - file.tell()))):
            digest.update(block)
        if file.read() != MARK + digest.digest():
            raise ValueError("it is damaged, or was written by another version")
    return torch.load(path, map_location="cpu", weights_only=True)


def newest(folder: Path, read: Callable[[Path], Read], program: str) -> tuple[Path, Read] | None:
    """The last checkpoint that can be read, and its file; None if there is none. `program` is named in warnings."""
    paths = [path for path in (folder / CHECKPOINT_NAME, folder / BEFORE_NAME) if path.exists()]
    for path in paths:
        try:
            return path, read(path)
        except Exception as error:  # torch raises many types of error for a truncated file
            then = "training starts from scratch" if path == paths[-1] else "training resumes from the one before"
            reason = first_line(str(error) or type(error).__name__)
            print(f"{program}: {path} cannot be read ({reason}); {then}", file=sys.stderr)
    return None


def forget_damaged(folder: Path, readable: Path) -> None:
    """Removes the last checkpoint if the one before is the readable one, or it would become the one before."""
    if readable.name == BEFORE_NAME:
        (folder / CHECKPOINT_NAME).unlink(missing_ok=True)


def refuse_others(path: Path, theirs: dict[str, Any], ours: dict[str, Any]) -> None:
    """Raises BadSettingError if a checkpoint was trained with other settings. One that it does not know may differ."""
    for name, value in ours.items():
        if name in theirs and theirs[name] != value:
            raise BadSettingError(
                f"{path} was trained with {name.upper()}={theirs[name]}, but {name.upper()} is now {value}; "
                "remove the checkpoint, or set CHECKPOINT_DIR to another folder"
            )
