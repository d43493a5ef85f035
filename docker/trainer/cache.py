"""Images decoded once, for all epochs and for all trials of a host.

The pixels of all images are stored one after another in a file in the cache folder, named by a digest of what they
depend on. The first process that needs a missing file creates it, holding a lock that the others wait for.
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
from tar_files import located

# Part of the digest: increase it when a change in decode.py changes pixels.
VERSION = 2
MAX_AGE_SECONDS = 30 * 24 * 3600
# Starting processes takes as long as decoding a few thousand small images; threads start at once, but share the GIL.
IMAGES_WORTH_PROCESSES = 4000
IMAGES_A_TASK = 250

Kind = Literal["in memory", "mapped from a file", "decoded each epoch"]


@dataclass(frozen=True)
class Decoded:
    """`pixels`: uint8 [N, size, size, 3], or None if they are decoded each time. `unreadable`: reasons by place, as far
    as they are known.
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
    """The pixels of `paths`, from the cache or added to it.

    They are in memory if they take at most half of what is free; otherwise the file is mapped, and the system keeps in
    memory what it can. If they are not cached yet and would take more than half of the free disk, nothing is decoded in
    advance. `sharers`: processes that train together on this machine, each of which holds a copy.
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
        # Copy on write, because torch wants a writable array; nothing writes to it.
        mapped = torch.from_numpy(np.memmap(file, np.uint8, "c", shape=shape))
        return Decoded("mapped from a file", needed, mapped, unreadable)


@contextmanager
def usable(folder: Path) -> Iterator[Path]:
    """The folder, or a private one if it cannot be written to; a mapped file outlives its name."""
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
    """Digest of what the pixels depend on. A file is identified by path, size and modification time: reading all files
    would take as long as decoding them.
    """
    digest = hashlib.sha256(f"{VERSION}/{PIL.__version__}/{size}/{fit}\n".encode())
    stamps: dict[Path, os.stat_result] = {}
    for path in paths:
        member = located(path)
        file = member[0] if member else path
        if file not in stamps:
            try:
                info = os.stat(file)
            except OSError:  # a broken link: an image that cannot be read
                info = os.lstat(file)
            if member:
                stamps[file] = info
        else:
            info = stamps[file]
        digest.update(os.fsencode(os.path.abspath(path)) + f"\0{info.st_size}\0{info.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:32]


def made(
    file: Path, paths: Sequence[Path], size: int, fit: str, workers: int, progress: Progress
) -> dict[int, str] | None:
    """Creates `file` unless it exists, and returns what could not be read; None if there is no room for it. The list of
    unreadable images is written last: if it exists, the pixels are complete.
    """
    needed = len(paths) * size * size * 3
    notes = file.with_suffix(".json")
    progress.begin("waiting for another trial to decode the images", 0)
    with locked(file.with_suffix(".lock")):
        with suppress(OSError, ValueError):
            unreadable = {int(place): reason for place, reason in json.loads(notes.read_text()).items()}
            if file.stat().st_size == needed:
                os.utime(notes)  # marks it as used
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
            return None  # others have filled the disk meanwhile
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
    """Waits for the lock. The system releases it when a process ends, so none is left behind."""
    with open(path, "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def remove_old(folder: Path) -> None:
    """Removes what has not been used for 30 days."""
    for notes in folder.glob("*.json"):
        with suppress(OSError):
            if time.time() - notes.stat().st_mtime > MAX_AGE_SECONDS:
                for suffix in (".json", ".pixels"):
                    notes.with_suffix(suffix).unlink(missing_ok=True)
