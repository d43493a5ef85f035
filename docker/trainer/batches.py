"""Batches of images, where the model is: which images in which order, moved how.

An epoch's plan is drawn at its start from (seed, epoch) alone, so the batch of any step is known without the steps
before it. What is drawn is small; pixels are moved and mirrored on the device.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from images import CHANNELS
from loader import Batch, load_batches, read_all
from world import World

# Statistics of that many training images are as good as those of all, and take no second to compute.
IMAGES_FOR_STATISTICS = 2000
# Of what is free on the GPU: the rest is for the network, and for other trials that share it.
SHARE_OF_GPU = 0.2
LEAST_EVALUATED = 128


@dataclass(frozen=True)
class Images:
    """Images with labels. `pixels` holds those of all images of the data, ours at `places`; None: read from files."""

    paths: list[Path]
    labels: torch.Tensor
    size: int
    pixels: torch.Tensor | None
    places: torch.Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def on(self, device: torch.device) -> "Images":
        """The same on a GPU, where the pixels take a small part of its memory; else as it is."""
        if self.pixels is None or device.type != "cuda":
            return self
        free, _ = torch.cuda.mem_get_info(device)
        if len(self) * self.size**2 * CHANNELS > free * SHARE_OF_GPU:
            return self
        places = torch.arange(len(self), device=device)
        return replace(self, labels=self.labels.to(device), pixels=self.pixels[self.places].to(device), places=places)

    @property
    def home(self) -> str:
        """For the log: where the pixels are, if that is a GPU."""
        return "on the GPU" if self.pixels is not None and self.pixels.device.type == "cuda" else ""

    def workers(self, processors: int) -> int:
        """Processes that decode images while training goes on."""
        return processors if self.pixels is None else 0

    def read(self, indices: torch.Tensor) -> torch.Tensor:
        """Pixels of the images, uint8 [N, size, size, 3], on the CPU or where they are held."""
        if self.pixels is not None:
            return self.pixels[self.places[indices]]
        return read_all([self.paths[index] for index in indices.tolist()], self.size)


@dataclass(frozen=True)
class Plan:
    """One epoch of training: the images' order, and for each place in it how far to move the image, and whether to
    mirror it.
    """

    order: torch.Tensor
    down: torch.Tensor | None
    right: torch.Tensor | None
    mirrored: torch.Tensor | None


def plan_epoch(images: Images, seed: int, epoch: int, augment: str) -> Plan:
    """Order and augmentation as a function of (seed, epoch)."""
    generator = torch.Generator().manual_seed(derive_seed(seed, epoch, "order"))
    count = len(images)
    order = torch.randperm(count, generator=generator)
    down = right = mirrored = None
    if "shift" in augment:
        reach = max(1, images.size // 8)
        down, right = (torch.randint(-reach, reach + 1, (count,), generator=generator) for _ in range(2))
    if "flip" in augment:
        mirrored = torch.rand(count, generator=generator) < 0.5
    return Plan(order, down, right, mirrored)


def steps_of(count: int, batch_size: int) -> int:
    """Steps of an epoch. A remainder of one image is left out, another one each epoch: batch normalisation cannot train
    on it.
    """
    whole, rest = divmod(count, batch_size)
    return max(1, whole + (rest > 1))


def training_batches(
    images: Images, plan: Plan, batch_size: int, first_step: int, world: World, device: torch.device, threads: int
) -> Iterator[Batch]:
    """This process's parts of an epoch's batches from `first_step` on, moved and mirrored."""
    drawn = (plan.down, plan.right, plan.mirrored)
    down, right, mirrored = (None if values is None else values.to(device) for values in drawn)
    order = plan.order.to(images.labels.device)
    parts = [
        world.part(step * batch_size, min((step + 1) * batch_size, len(images)))
        for step in range(first_step, steps_of(len(images), batch_size))
    ]
    loaded = load_batches(images, [order[part] for part in parts], device, images.workers(threads))
    for part, (pixels, labels) in zip(parts, loaded, strict=True):
        moves = (None if values is None else values[part] for values in (down, right, mirrored))
        yield augmented(pixels, *moves), labels


def evaluation_batches(
    images: Images, batch_size: int, world: World, device: torch.device, threads: int
) -> Iterator[Batch]:
    """This process's share of all images, each once in all processes, in the order of their names.

    Without gradients a batch takes little memory, and a larger one less time.
    """
    ours = torch.arange(len(images), device=images.labels.device)[world.part(0, len(images))]
    batches = ours.split(max(LEAST_EVALUATED, 2 * batch_size))
    yield from load_batches(images, batches, device, images.workers(threads))


def augmented(
    pixels: torch.Tensor, down: torch.Tensor | None, right: torch.Tensor | None, mirrored: torch.Tensor | None
) -> torch.Tensor:
    """uint8 [N, H, W, C] to the same: each image moved by its own number of pixels, edges repeated, then mirrored."""
    if down is None and mirrored is None:
        return pixels
    count, height, width, _ = pixels.shape

    def places(side: int, by: torch.Tensor | None) -> torch.Tensor:
        at = torch.arange(side, device=pixels.device).expand(count, side)
        return at if by is None else (at - by.unsqueeze(1)).clamp(0, side - 1)

    rows, columns = places(height, down), places(width, right)
    if mirrored is not None:
        columns = torch.where(mirrored.unsqueeze(1), columns.flip(1), columns)
    # One copy for moving and mirroring together.
    own = torch.arange(count, device=pixels.device).view(-1, 1, 1)
    return pixels[own, rows.unsqueeze(2), columns.unsqueeze(1)]


def statistics(images: Images) -> tuple[list[float], list[float]]:
    """Mean and standard deviation of each channel of the training images, on a scale of 0 to 1."""
    count = min(len(images), IMAGES_FOR_STATISTICS)
    # Spread over all of them: the first ones are all of one class.
    pixels = images.read(torch.linspace(0, len(images) - 1, count).long())
    std, mean = torch.std_mean(pixels.flatten(0, 2).double().cpu() / 255, dim=0)
    # A channel of one value would be divided by nothing.
    return [round(value, 6) for value in mean.tolist()], [max(round(value, 6), 1e-3) for value in std.tolist()]


def derive_seed(seed: int, *use: int | str) -> int:
    """A seed of 63 bits for one use, so a resumed training needs no state of a random generator."""
    text = "/".join(map(str, (seed, *use)))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
