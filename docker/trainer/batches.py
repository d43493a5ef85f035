"""Batches of images on the device of the model: which images, in which order, changed how (augment.py).

The plan of an epoch depends only on (seed, epoch), so the batch of any step is known without the steps before it. The
plan is small; pixels are changed on the device.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from augment import Draws, augmented, draw

from images import CHANNELS
from loader import Batch, Images, load_batches
from world import World

# Statistics of this many training images are as good as those of all, and take less than a second.
IMAGES_FOR_STATISTICS = 2000
# Bytes of images summed at a time.
BYTES_FOR_STATISTICS = 8 << 20
# The sum of squares of this many bytes is below 2^24, so float32 holds it exactly.
MAX_EXACT = 256
# Pixels per channel in a batch to evaluate: 128 images of 64x64, which even a first layer of 64 channels in float32
# turns into no more than 130 MB.
PIXELS_EVALUATED = 128 * 64 * 64
MAX_EVALUATED = 1024


@dataclass(frozen=True)
class Plan:
    """One epoch of training: the order of the images, and how the image at each place is changed."""

    order: torch.Tensor
    draws: Draws


def plan_epoch(
    images: Images,
    seed: int,
    epoch: int,
    augment: str,
    sampling: str = "none",
    erasing: float = 0.0,
    buffer: int = 0,
) -> Plan:
    """Order and augmentation as a function of (seed, epoch). With `balanced` sampling each class is drawn equally
    often, and images of rare classes several times. Images in shards are read nearly in the order in which they lie
    there, each at most `buffer` places from its own.
    """
    generator = torch.Generator().manual_seed(derive_seed(seed, epoch, "order"))
    count = len(images)
    order = torch.randperm(count, generator=generator)
    draws = draw(augment, erasing, count, images.size, generator)
    if sampling == "balanced":
        labels = images.labels.cpu()
        shares = 1.0 / labels.bincount()[labels].double()
        order = torch.multinomial(shares, count, replacement=True, generator=generator)
    shards = images.shards
    if shards is not None and buffer < count:
        order = order[streamed(shards[order], order, buffer, generator)]
    return Plan(order, draws)


def streamed(shards: torch.Tensor, places: torch.Tensor, buffer: int, generator: torch.Generator) -> torch.Tensor:
    """The order of images in shards, given the shard of each and its place: shards at random, one after another, and
    within them what a shuffle buffer of `buffer` images makes. As it reads nothing, training resumes at any step.
    """
    turn = torch.randperm(int(shards.max()) + 1, generator=generator)[shards]
    lies = torch.empty_like(places)
    lies[(turn * (int(places.max()) + 1) + places).argsort(stable=True)] = torch.arange(len(places))
    return (lies + buffer * torch.rand(len(places), generator=generator, dtype=torch.float64)).argsort(stable=True)


def steps_of(count: int, batch_size: int, processes: int = 1) -> int:
    """Steps of an epoch. A remainder of one image, or of fewer images than processes, is skipped (a different one in
    each epoch): batch normalisation cannot train on one image, nor a process on none.
    """
    whole, rest = divmod(count, batch_size)
    return max(1, whole + (rest >= max(2, processes)))


def training_batches(
    images: Images,
    plan: Plan,
    batch_size: int,
    first_step: int,
    world: World,
    device: torch.device,
    threads: int,
    size: int | None = None,
) -> Iterator[Batch]:
    """This process's parts of the batches of an epoch from `first_step` on, augmented, of `size` pixels a side where
    that is not what they are stored with (which takes a crop). What is decoded for
    them begins with this call.
    """
    draws = plan.draws.on(device)
    order = plan.order.to(images.labels.device)
    parts = [
        world.part(step * batch_size, min((step + 1) * batch_size, len(images)))
        for step in range(first_step, steps_of(len(images), batch_size, world.size))
    ]
    loaded = load_batches(images, [order[part] for part in parts], device, threads)

    return (
        (augmented(pixels, draws.of(part), size or images.size), labels)
        for part, (pixels, labels) in zip(parts, loaded, strict=True)
    )


def evaluation_size(batch_size: int, image_size: int, processes: int) -> int:
    """Images to evaluate at once: twice a step's, which fit without gradients, or as many as make up a small fixed
    number of pixels, because tiny batches are slow.
    """
    few = min(MAX_EVALUATED, PIXELS_EVALUATED // image_size**2)
    return max(2 * batch_size // processes, few, 1)


def evaluation_batches(
    images: Images, at_once: int, world: World, device: torch.device, threads: int
) -> Iterator[Batch]:
    """This process's share of all images, each once in all processes, in the order of their names."""
    ours = torch.arange(len(images), device=images.labels.device)[world.part(0, len(images))]
    return load_batches(images, ours.split(at_once), device, threads)


def statistics(images: Images, world: World, device: torch.device, threads: int) -> tuple[list[float], list[float]]:
    """Mean and standard deviation of each channel of the training images, on a scale of 0 to 1.

    The processes share the work. Sums of whole numbers are exact, so the result depends neither on that nor on how
    many are summed at a time.
    """
    count = min(len(images), IMAGES_FOR_STATISTICS)
    # Spread over all images: the first ones all belong to one class.
    some = torch.linspace(0, len(images) - 1, count).long().to(images.labels.device)[world.part(0, count)]
    # Count, sum and sum of squares of the pixels of each channel.
    sums = torch.zeros(3, CHANNELS, dtype=torch.int64, device=device)
    at_once = min(MAX_EXACT, max(1, BYTES_FOR_STATISTICS // images.bytes_each))
    chunks = some.split(at_once) if len(some) else []
    for pixels, labels in load_batches(images, chunks, device, threads):
        values = pixels[labels >= 0].flatten(1).float()
        sums[0] += values.numel() // CHANNELS
        # Over images first, which adds long rows instead of three numbers at a time.
        sums[1] += values.sum(0).view(-1, CHANNELS).long().sum(0)
        sums[2] += values.square_().sum(0).view(-1, CHANNELS).long().sum(0)
    mean, std = [], []
    for pixels, total, squares in world.sum(sums).T.tolist():
        mean.append(round(total / (pixels or 1) / 255, 6))
        variance = (squares - total * total / (pixels or 1)) / max(1, pixels - 1)
        # A constant channel would be divided by zero.
        std.append(max(round(variance**0.5 / 255, 6), 1e-3))
    return mean, std


def derive_seed(seed: int, *use: int | str) -> int:
    """A 63-bit seed for one purpose, so that resuming needs no random generator state."""
    text = "/".join(map(str, (seed, *use)))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
