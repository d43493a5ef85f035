"""Gradients of several processes that train together. DistributedDataParallel would ask all of them for the same number
of passes, but the last batch of an epoch may have fewer sequences than there are processes.
"""

from collections.abc import Iterable, Iterator

import torch

from world import World

# Numbers that travel at once: few enough to be no burden on the memory, enough that a message costs little more.
BUCKET = 1 << 24


def sum_gradients(parameters: Iterable[torch.nn.Parameter], world: World) -> None:
    """Gives every process the sum of all processes' gradients. What has none in any process keeps none."""
    if world.size == 1:
        return
    several = list(parameters)
    present = world.any(*(one.grad is not None for one in several))
    with torch.no_grad():
        for some in buckets([one for one, has in zip(several, present, strict=True) if has], BUCKET):
            ours = [torch.zeros_like(one) if one.grad is None else one.grad for one in some]
            total = world.sum(torch.cat([one.flatten() for one in ours]))
            for one, part in zip(some, total.split([one.numel() for one in some]), strict=True):
                one.grad = part.view_as(one)


def buckets(parameters: list[torch.nn.Parameter], size: int) -> Iterator[list[torch.nn.Parameter]]:
    """Neighbours that have at most `size` numbers together, or one that has more."""
    some: list[torch.nn.Parameter] = []
    for one in parameters:
        if some and sum(other.numel() for other in some) + one.numel() > size:
            yield some
            some = []
        some.append(one)
    if some:
        yield some
