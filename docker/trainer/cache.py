"""Images decoded once, for all epochs and for all trials of a host.

The pixels of all images lie one after another in a file of the cache folder, named by a digest of what decides them.
Whoever needs a file that is not there makes it, under a lock that the others wait for.
"""

import errno
import fcntl
import hashlib
import json
import math
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
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
from progress import SILENT, Progress

# Part of a file's name: a change of decode.py that changes pixels raises it.
VERSION = 2
MAX_AGE_SECONDS = 30 * 24 * 3600
# Starting processes takes as long as decoding some thousands of small images; threads start at once, and share a lock.
IMAGES_WORTH_PROCESSES = 4000
IMAGES_A_TASK = 250

Kind = Literal["in memory", "mapped from a file", "decoded each epoch"]


@dataclass(frozen=True)
class Decoded:
    """`pixels`: uint8 [N, size, size, 3], or None where they are decoded each time. `unreadable`: reasons by place, as
    far as they are known.
    """

    kind: Kind
    bytes: int
    pixels: torch.Tensor | None
    unreadable: dict[int, str]


def decode_once(
    paths: Sequence[Path],
    size: int,
    fit: str,
    folder: Path,
    workers: int,
    sharers: int = 1,
    progress: Progress = SILENT,
) -> Decoded:
    """The pixels of `paths`, from the cache or put there.

    In memory when they take at most half of what is free; else the file, mapped, and the system keeps in memory what it
    can. What is not there yet and would take more than half of the free disk is not kept, and nothing is decoded ahead
    of the training. `sharers`: processes of this training on this machine, each of which holds a copy.
    """
    shape = (len(paths), size, size, 3)
    needed = math.prod(shape)
    with usable(folder) as images:
        file = images / f"{digest_of(paths, size, fit)}.pixels"
        unreadable = made(file, paths, size, fit, workers, progress)
        if unreadable is None:
            return Decoded("decoded each epoch", needed, None, {})
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


def digest_of(paths: Sequence[Path], size: int, fit: str) -> str:
    """Of what decides the pixels. A file is known by path, size and time: reading all of them would take as long as
    decoding does.
    """
    digest = hashlib.sha256(f"{VERSION}/{PIL.__version__}/{size}/{fit}\n".encode())
    for path in paths:
        try:
            info = os.stat(path)
        except OSError:  # a link to nothing: an image that cannot be read
            info = os.lstat(path)
        digest.update(os.fsencode(os.path.abspath(path)) + f"\0{info.st_size}\0{info.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:32]


def made(
    file: Path, paths: Sequence[Path], size: int, fit: str, workers: int, progress: Progress
) -> dict[int, str] | None:
    """Makes `file` unless it is there, and returns what could not be read; None when there is no room for it. The list
    of what could not be read is written last: where it is, the pixels are whole.
    """
    needed = len(paths) * size * size * 3
    notes = file.with_suffix(".json")
    progress.begin("waiting for another trial to decode the images", 0)
    with locked(file.with_suffix(".lock")):
        with suppress(OSError, ValueError):
            unreadable = {int(place): reason for place, reason in json.loads(notes.read_text()).items()}
            if file.stat().st_size == needed:
                os.utime(notes)  # it was used
                return unreadable
        remove_old(file.parent)
        if needed > shutil.disk_usage(file.parent).free / 2:
            return None
        part = file.with_suffix(".tmp")
        try:
            with open(part, "wb") as empty:
                empty.truncate(needed)
            progress.begin("decoding images", len(paths))
            unreadable = decode_all(part, paths, size, fit, workers, progress)
            os.replace(part, file)
            write_whole(notes, lambda target: target.write(json.dumps(unreadable).encode()))
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            return None  # others filled the disk meanwhile
        finally:
            part.unlink(missing_ok=True)
        return unreadable


def decode_all(
    part: Path, paths: Sequence[Path], size: int, fit: str, workers: int, progress: Progress
) -> dict[int, str]:
    tasks = [(first, list(paths[first : first + IMAGES_A_TASK])) for first in range(0, len(paths), IMAGES_A_TASK)]
    large = len(paths) > IMAGES_WORTH_PROCESSES and workers > 1
    pool = ProcessPoolExecutor(workers, get_context("spawn")) if large else ThreadPoolExecutor(workers)
    unreadable: dict[int, str] = {}
    with pool:
        try:
            done = {pool.submit(decode_into, part, size, fit, first, some): len(some) for first, some in tasks}
            for task in as_completed(done):
                unreadable |= task.result()
                progress.advance(done[task])
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return dict(sorted(unreadable.items()))


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
