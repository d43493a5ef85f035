"""Brings the pixels of batches to the device, ahead of the step that needs them."""

import queue
import signal
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from decode import read_pixels

if TYPE_CHECKING:
    from batches import Images

Batch = tuple[torch.Tensor, torch.Tensor]

AHEAD = 3


def load_batches(
    images: "Images", indices: Sequence[torch.Tensor], device: torch.device, workers: int
) -> Iterator[Batch]:
    """Pixels, uint8 [N, H, W, 3], and labels of each batch, on the device.

    Pixels held where the model is are picked there. Pixels held elsewhere are picked into pinned memory by a thread and
    copied while the device computes. Pixels that are not held are decoded by `workers` processes.
    """
    if images.pixels is not None and images.pixels.device == device:
        for some in indices:
            yield images.read(some), images.labels[some]
        return
    if images.pixels is not None:
        host = ahead(pinned(images.read(some), images.labels[some]) for some in indices)
    else:
        host = decoded(images, indices, workers, pin=device.type == "cuda")
    yield from copied(host, device) if device.type == "cuda" else host


def pinned(*tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """In memory that a GPU copies from while the program goes on."""
    return tuple(tensor.pin_memory() for tensor in tensors)


def decoded(images: "Images", indices: Sequence[torch.Tensor], workers: int, pin: bool) -> Iterator[Batch]:
    from torch.utils.data import DataLoader

    loader = DataLoader(
        _Files(images.paths, images.size),
        batch_sampler=[some.tolist() for some in indices],
        num_workers=workers,
        collate_fn=lambda pixels: pixels,
        pin_memory=pin,
        prefetch_factor=AHEAD,
        worker_init_fn=leave_sigterm,
    )
    for pixels, some in zip(loader, indices, strict=True):
        labels = images.labels[some]
        yield pixels, labels.pin_memory() if pin else labels


def leave_sigterm(_: int) -> None:
    """What is told to stop is the training: it needs its batches up to the end of the step."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


@dataclass(frozen=True)
class _Files(torch.utils.data.Dataset):
    """Without the labels, which lie on the device: the processes that decode must not touch it."""

    paths: list[Path]
    size: int

    def __getitems__(self, indices: list[int]) -> torch.Tensor:
        return read_all([self.paths[index] for index in indices], self.size)


def read_all(paths: Sequence[Path], size: int) -> torch.Tensor:
    """uint8 [N, size, size, 3]."""
    pixels = np.empty((len(paths), size, size, 3), np.uint8)
    for place, path in enumerate(paths):
        pixels[place] = read_pixels(path, size)
    return torch.from_numpy(pixels)


def ahead(items: Iterator, most: int = AHEAD) -> Iterator:
    """The same items, made by a thread that is at most `most` of them ahead. Its errors come out here."""
    made: queue.Queue = queue.Queue(most)
    over = threading.Event()
    end = object()

    def put(item: object) -> bool:
        while not over.is_set():
            try:
                made.put(item, timeout=0.1)
                return True
            except queue.Full:
                continue
        return False

    def make() -> None:
        try:
            for item in items:
                if not put(item):
                    return
            put(end)
        except BaseException as error:
            put(error)

    thread = threading.Thread(target=make, daemon=True)
    thread.start()
    try:
        while (item := made.get()) is not end:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        over.set()
        thread.join()


def copied(batches: Iterator[Batch], device: torch.device) -> Iterator[Batch]:
    """Copies pinned batches to the GPU on a stream of their own, one batch ahead of the one that is computed on."""
    stream = torch.cuda.Stream(device)
    before: Batch | None = None
    for pixels, labels in batches:
        with torch.cuda.stream(stream):
            there = pixels.to(device, non_blocking=True), labels.to(device, non_blocking=True)
        if before is not None:
            yield before
        computing = torch.cuda.current_stream(device)
        computing.wait_stream(stream)
        for tensor in there:
            # Its memory must not be given to others while the computing stream still reads it.
            tensor.record_stream(computing)
        before = there
    if before is not None:
        yield before
