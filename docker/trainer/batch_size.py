"""BATCH_SIZE=auto: the largest batch that fits, found by trying before training begins."""

from collections.abc import Callable

import torch

from engine import Learner
from errors import OutOfGpuMemoryError, OutOfMemoryError, translate

# An epoch of fewer steps learns little, however large they are.
LEAST_STEPS = 8
# A larger one no longer makes a GPU faster.
LARGEST = 4096
# A CPU is no faster with more.
LARGEST_ON_CPU = 64
# Of the memory of a GPU: the rest is for what takes more than a trial step does, such as fragments and validation.
SHARE_OF_GPU = 0.9


def candidates(images: int, most: int) -> list[int]:
    """Powers of two from 2 to `most`, of which an epoch of `images` has at least LEAST_STEPS; never none."""
    sizes = [2**power for power in range(1, most.bit_length()) if 2**power * LEAST_STEPS <= images]
    return sizes or [2]


def largest(sizes: list[int], fits: Callable[[int], bool]) -> int:
    """The last of ascending `sizes` before one that does not fit. The first counts as fitting: a step that does not fit
    is done in parts, or fails with a message of its own.
    """
    chosen = sizes[0]
    for size in sizes:
        if not fits(size):
            break
        chosen = size
    return chosen


def choose(images: int, processes: int, device: torch.device, fits: Callable[[int], bool]) -> int:
    """Images per step over all processes, each of which takes an equal part. `fits` says whether one GPU can take so
    many; a CPU is not tried, since its memory hardly ever is the limit.
    """
    sizes = candidates(images // processes, LARGEST if device.type == "cuda" else LARGEST_ON_CPU)
    return processes * (largest(sizes, fits) if device.type == "cuda" else sizes[-1])


def fits_in(learner: Learner, size: int, images: int) -> bool:
    """Whether a training step of `images` images of `size` pixels a side fits into the memory of the learner's device.
    The learner is changed by it, and is of no use afterwards.
    """
    device = learner.device
    try:
        try_steps(learner, size, images)
        return device.type != "cuda" or torch.cuda.max_memory_reserved(device) <= usable(device)
    except Exception as error:
        if not isinstance(translate(error), OutOfGpuMemoryError | OutOfMemoryError):
            raise
        return False
    finally:
        if device.type == "cuda":
            learner.optimizer.zero_grad(set_to_none=True)
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats(device)


def try_steps(learner: Learner, size: int, images: int) -> None:
    """Two, because the second holds the state that the optimizer made in the first."""
    pixels = torch.zeros(images, size, size, 3, dtype=torch.uint8, device=learner.device)
    labels = torch.zeros(images, dtype=torch.int64, device=learner.device)
    for _ in range(2):
        learner.optimizer.zero_grad(set_to_none=True)
        learner.accumulate((pixels, labels), images)
        learner.scaler.step(learner.optimizer)
        learner.scaler.update()


def usable(device: torch.device) -> float:
    """Bytes of a GPU that this process may hold: SHARE_OF_GPU of what it holds and what is free."""
    free, _ = torch.cuda.mem_get_info(device)
    return SHARE_OF_GPU * (free + torch.cuda.memory_reserved(device))
