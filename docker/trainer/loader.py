"""Images with labels, and loading their batches onto the device before the step that needs them."""

import os
import queue
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch

from decode import read_pixels
from errors import UnreadableError
from images import CHANNELS
from machine import shared_memory
from tar_files import archive_of, located

Batch = tuple[torch.Tensor, torch.Tensor]

AHEAD = 3
# Share of the free GPU memory: the rest is for the network, and for other trials on the same GPU.
SHARE_OF_GPU = 0.2
# Bytes copied to the GPU at a time.
BYTES_MOVED = 64 << 20
# The label of an image that could not be read when it was needed: neither the loss nor the counts include it.
NO_LABEL = -100
UNREADABLE_NAMED = 10


def refuse_unreadable(reasons: list[str], count: int, limit: float) -> None:
    """Names some of the unreadable files, out of `count`. Raises UnreadableError above the limit."""
    if not reasons:
        return
    if len(reasons) > limit * count:
        raise UnreadableError(
            f"{len(reasons)} of {count} images cannot be read, more than MAX_UNREADABLE ({limit:g}) allows; "
            f"{reasons[0]}"
        )
    print(f"train.py: warning: skipping {len(reasons)} of {count} images, which cannot be read", file=sys.stderr)
    for reason in reasons[:UNREADABLE_NAMED]:
        print(f"train.py: warning: {reason}", file=sys.stderr)


class Unreadable:
    """The files found to be unreadable during training, over all parts of the data."""

    def __init__(self, count: int, limit: float):
        self.count, self.limit = count, limit
        self.reasons: dict[Path, str] = {}

    def add(self, path: Path, reason: str) -> None:
        """Reports a file once. Raises UnreadableError if there are too many."""
        if path in self.reasons:
            return
        self.reasons[path] = reason
        if len(self.reasons) > self.limit * self.count:
            refuse_unreadable(list(self.reasons.values()), self.count, self.limit)
        if len(self.reasons) <= UNREADABLE_NAMED:
            print(f"train.py: warning: {reason}; skipping it", file=sys.stderr)


@dataclass(frozen=True)
class Images:
    """Images with labels. `pixels` holds all images of the data, these at `places`; None: they are read from files."""

    paths: list[Path]
    labels: torch.Tensor
    size: int
    pixels: torch.Tensor | None
    places: torch.Tensor
    fit: str = "crop"
    unreadable: Unreadable = field(default_factory=lambda: Unreadable(0, 0.0))

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def shards(self) -> torch.Tensor | None:
        """The number of the shard of each image; None for images in files of their own."""
        if not self.paths or located(self.paths[0]) is None:
            return None
        numbers: dict[str, int] = {}
        return torch.tensor([numbers.setdefault(archive_of(path), len(numbers)) for path in self.paths])

    @property
    def bytes_each(self) -> int:
        return self.size**2 * CHANNELS

    def on(self, device: torch.device) -> "Images":
        """The same images on a GPU, if they take a small part of its memory; otherwise unchanged."""
        if self.pixels is None or device.type != "cuda":
            return self
        free, _ = torch.cuda.mem_get_info(device)
        if len(self) * self.bytes_each > free * SHARE_OF_GPU:
            return self
        pixels = moved(self.pixels, self.places, device)
        places = torch.arange(len(self), device=device)
        return replace(self, labels=self.labels.to(device), pixels=pixels, places=places)

    @property
    def home(self) -> str:
        """For the log: \"on the GPU\" if the pixels are there."""
        return "on the GPU" if self.pixels is not None and self.pixels.device.type == "cuda" else ""

    def workers(self, processors: int) -> int:
        """Number of processes that decode images during training."""
        return processors if self.pixels is None else 0


def moved(pixels: torch.Tensor, places: torch.Tensor, device: torch.device) -> torch.Tensor:
    """`pixels[places]` on a device, copied in pieces: the host may not have memory for a second copy of everything."""
    there = torch.empty((len(places), *pixels.shape[1:]), dtype=pixels.dtype, device=device)
    at_once = max(1, BYTES_MOVED // max(1, pixels[0].nbytes))
    for some, target in zip(places.split(at_once), there.split(at_once), strict=True):
        target.copy_(pixels[some])
    return there


def load_batches(
    images: Images, indices: Sequence[torch.Tensor], device: torch.device, processors: int
) -> Iterator[Batch]:
    """Pixels, uint8 [N, H, W, 3], and labels of each batch, on the device.

    Pixels on the device of the model are indexed there. A thread copies pixels held elsewhere into pinned memory, from
    which they reach the device while it computes. Pixels that are not held are decoded by `processors` processes, which
    start before the first batch is asked for.
    """
    pixels, places, labels = images.pixels, images.places, images.labels
    if pixels is None:
        host = decoded(images, indices, images.workers(processors), pin=device.type == "cuda")
    elif pixels.device == device:
        return ((pixels[places[some]], labels[some]) for some in indices)
    else:
        host = ahead(pinned(pixels[places[some]], labels[some]) for some in indices)
    return copied(host, device) if device.type == "cuda" else host


def pinned(*tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Copies in memory that a GPU can read while the program continues; without a GPU, the tensors themselves."""
    return tuple(tensor.pin_memory() for tensor in tensors) if torch.cuda.is_available() else tensors


def decoded(images: Images, indices: Sequence[torch.Tensor], workers: int, pin: bool) -> Iterator[Batch]:
    """Batches decoded by worker processes. An image that cannot be read is grey and has the label NO_LABEL."""
    from torch.utils.data import DataLoader

    largest = max((len(some) for some in indices), default=1) * images.bytes_each
    workers, ahead_each = within(shared_memory(os.environ), workers, largest)
    loader = DataLoader(
        _Files(images.paths, images.size, images.fit),
        batch_sampler=[some.tolist() for some in indices],
        num_workers=workers,
        collate_fn=as_it_is,
        pin_memory=pin,
        prefetch_factor=ahead_each,
        worker_init_fn=leave_sigterm,
    )
    batches = iter(loader) if workers > 0 else ahead(iter(loader))

    def labelled(some: torch.Tensor, pixels: torch.Tensor, reasons: list[tuple[int, str]]) -> Batch:
        labels = images.labels[some]  # a copy
        for place, reason in reasons:
            images.unreadable.add(images.paths[int(some[place])], reason)
            labels[place] = NO_LABEL
        return pixels, labels.pin_memory() if pin else labels

    return (labelled(some, *batch) for batch, some in zip(batches, indices, strict=True))


def within(room: int | None, workers: int, batch: int) -> tuple[int, int | None]:
    """How many processes decode, and how many batches each may be ahead, if finished batches of `batch` bytes wait in
    `room` bytes of shared memory (None: no limit). A process that writes more than there is dies of a bus error.
    Without room for two batches, a thread of this process decodes instead.
    """
    batches = AHEAD * workers if room is None else room // batch
    if batches < 2:
        return 0, None
    return min(workers, batches), max(1, min(AHEAD, batches // workers))


# These two are passed to the worker processes, which import them by name if they are not forked.
def as_it_is(batch: object) -> object:
    """The dataset already returns whole batches."""
    return batch


def leave_sigterm(_: int) -> None:
    """Workers ignore SIGTERM: training handles it, and needs batches until the current step is done."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


@dataclass(frozen=True)
class _Files(torch.utils.data.Dataset):
    """Without the labels: they are on the device, which worker processes must not touch."""

    paths: list[Path]
    size: int
    fit: str

    def __getitems__(self, indices: list[int]) -> tuple[torch.Tensor, list[tuple[int, str]]]:
        return read_all([self.paths[index] for index in indices], self.size, self.fit)


def read_all(paths: Sequence[Path], size: int, fit: str) -> tuple[torch.Tensor, list[tuple[int, str]]]:
    """uint8 [N, size, size, 3], and the places of unreadable images with the reason."""
    pixels = np.full((len(paths), size, size, CHANNELS), 128, np.uint8)
    reasons = []
    for place, path in enumerate(paths):
        try:
            pixels[place] = read_pixels(path, size, fit)
        except UnreadableError as error:
            reasons.append((place, str(error)))
    return torch.from_numpy(pixels), reasons


def ahead(items: Iterator, most: int = AHEAD) -> Iterator:
    """The same items, produced by a thread that runs at most `most` items ahead. Its errors are raised here."""
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
    """Copies pinned batches to the GPU on a stream of their own.

    A batch is yielded without waiting for its copy: the program only queues the step, and the GPU copies while it still
    computes the steps before.
    """
    stream = torch.cuda.Stream(device)
    for pixels, labels in batches:
        with torch.cuda.stream(stream):
            there = pixels.to(device, non_blocking=True), labels.to(device, non_blocking=True)
        computing = torch.cuda.current_stream(device)
        computing.wait_stream(stream)
        for tensor in there:
            # Its memory must not be reused while the computing stream still reads it.
            tensor.record_stream(computing)
        yield there
