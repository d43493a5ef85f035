"""Images decoded once, for all epochs and for all trials of a host.

The pixels of all images lie one after another in a file of the cache folder, named by a digest of what decides them.
Whoever needs a file that is not there makes it, under a lock that the others wait for.
"""

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Literal

import numpy as np
import PIL
import torch

from decode import decode_into
from files import write_whole
from machine import free_memory

# Part of a file's name: a change of decode.py that changes pixels raises it.
VERSION = 1
MAX_AGE_SECONDS = 30 * 24 * 3600
# Starting processes takes as long as decoding some thousands of small images; threads start at once, and share a lock.
IMAGES_WORTH_PROCESSES = 4000
IMAGES_A_TASK = 250

Kind = Literal["in memory", "mapped from a file", "decoded each epoch"]


@dataclass(frozen=True)
class Decoded:
    """`pixels`: uint8 [N, size, size, 3], or None where they are decoded each time. `unreadable`: reasons by place."""

    kind: Kind
    bytes: int
    pixels: torch.Tensor | None
    unreadable: dict[int, str]


def decode_once(paths: Sequence[Path], size: int, folder: Path, workers: int, sharers: int = 1) -> Decoded:
    """The pixels of `paths`, from the cache or put there.

    In memory when they take at most half of what is free; else the file, mapped, and the system keeps in memory what it
    can. Larger than half of the free disk, they are looked through once and not kept. `sharers`: processes of this
    training on this machine, each of which holds a copy.
    """
    needed = len(paths) * size * size * 3
    with usable(folder) as images:
        keep = needed <= shutil.disk_usage(images).free / 2
        file = images / f"{digest_of(paths, size)}.{'pixels' if keep else 'checked'}"
        unreadable = made(file, paths, size, workers, keep)
        if not keep:
            return Decoded("decoded each epoch", needed, None, unreadable)
        shape = (len(paths), size, size, 3)
        if needed * sharers <= free_memory() / 2:
            pixels = torch.from_numpy(np.fromfile(file, np.uint8).reshape(shape))
            return Decoded("in memory", needed, pixels, unreadable)
        # Copy on write, as torch wants an array that it could write to; nothing does.
        mapped = torch.from_numpy(np.memmap(file, np.uint8, "c", shape=shape))
        return Decoded("mapped from a file", needed, mapped, unreadable)


@contextmanager
def usable(folder: Path) -> Iterator[Path]:
    """The folder, or one for this process alone where it cannot be written; what is mapped outlives its name."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            yield folder
            return
    except OSError:
        pass
    with tempfile.TemporaryDirectory(prefix="sweepstack-images-") as own:
        yield Path(own)


def digest_of(paths: Sequence[Path], size: int) -> str:
    """Of what decides the pixels. A file is known by path, size and time: reading all of them would take as long as
    decoding does.
    """
    digest = hashlib.sha256(f"{VERSION}/{PIL.__version__}/{size}\n".encode())
    for path in paths:
        info = os.stat(path)
        digest.update(f"{os.path.abspath(path)}\0{info.st_size}\0{info.st_mtime_ns}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()[:32]


def made(file: Path, paths: Sequence[Path], size: int, workers: int, keep: bool) -> dict[int, str]:
    """Makes `file` unless it is there, and returns what could not be read. The list of that is written last: where it
    is, the pixels are whole.
    """
    notes = file.with_suffix(".json")
    with locked(file.with_suffix(".lock")):
        with suppress(OSError, ValueError):
            unreadable = {int(place): reason for place, reason in json.loads(notes.read_text()).items()}
            if not keep or file.stat().st_size == len(paths) * size * size * 3:
                os.utime(notes)  # it was used
                return unreadable
        remove_old(file.parent)
        part = file.with_suffix(".tmp") if keep else None
        if part is not None:
            with open(part, "wb") as empty:
                empty.truncate(len(paths) * size * size * 3)
        unreadable = decode_all(part, paths, size, workers)
        if part is not None:
            os.replace(part, file)
        write_whole(notes, lambda target: target.write(json.dumps(unreadable).encode()))
        return unreadable


def decode_all(part: Path | None, paths: Sequence[Path], size: int, workers: int) -> dict[int, str]:
    tasks = [(first, list(paths[first : first + IMAGES_A_TASK])) for first in range(0, len(paths), IMAGES_A_TASK)]
    large = len(paths) > IMAGES_WORTH_PROCESSES and workers > 1
    pool = ProcessPoolExecutor(workers, get_context("spawn")) if large else ThreadPoolExecutor(workers)
    with pool:
        try:
            done = [pool.submit(decode_into, part, size, first, some) for first, some in tasks]
            return {place: reason for task in done for place, reason in task.result().items()}
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Waits for whoever has the lock. The system takes it from a process that ends, so none is left behind."""
    with open(path, "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def remove_old(folder: Path) -> None:
    """Removes what was not used for 30 days."""
    for notes in folder.glob("*.json"):
        with suppress(OSError):
            if time.time() - notes.stat().st_mtime > MAX_AGE_SECONDS:
                for suffix in (".json", ".pixels"):
                    notes.with_suffix(suffix).unlink(missing_ok=True)
