"""The processes that train together, one for each GPU; or this one alone, for which everything here does nothing.

Batches are shared out so that all processes together do what one would: each takes its part of the global batch, losses
are divided by the global number of images, batch normalisation sees the global batch (batch_norm.py), and counts are
summed. BATCH_SIZE and LEARNING_RATE therefore mean the same on any number of GPUs.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch import nn

import batch_norm

# Another process may be decoding the images, or writing the model.
PATIENCE = timedelta(hours=3)


@dataclass(frozen=True)
class World:
    """`control` is a group over the CPU, so that asking it does not wait for the GPU; None: the only group is one."""

    rank: int = 0
    size: int = 1
    control: Any = None

    @property
    def writes(self) -> bool:
        """One process alone prints, and writes files."""
        return self.rank == 0

    @property
    def steps_between_talks(self) -> int:
        """Steps after which the processes ask each other whether to stop: a talk costs a tenth of a millisecond."""
        return 1 if self.size == 1 else 8

    def part(self, start: int, end: int) -> slice:
        """This process's part of the places from `start` to `end`. Parts differ by one at most, and may be empty."""
        count = end - start
        return slice(start + count * self.rank // self.size, start + count * (self.rank + 1) // self.size)

    def sum(self, values: torch.Tensor) -> torch.Tensor:
        """The sum over all processes."""
        if self.size == 1:
            return values
        total = values.clone()
        dist.all_reduce(total)
        return total

    def any(self, *flags: bool) -> list[bool]:
        """For each flag, whether it is set in any process. All must ask at the same step."""
        if self.size == 1:
            return list(flags)
        values = torch.tensor(flags, dtype=torch.int32)
        dist.all_reduce(values, dist.ReduceOp.MAX, self.control)
        return [bool(value) for value in values.tolist()]

    def synchronise(self, model: nn.Module, device: torch.device) -> None:
        """Has batch normalisation see the batches of all processes."""
        if self.size > 1:
            batch_norm.synchronise(model, device)

    def join(self, model: nn.Module, device: torch.device) -> nn.Module:
        """The model as the processes train it together: the gradient is the mean of theirs."""
        if self.size == 1:
            return model
        return nn.parallel.DistributedDataParallel(
            model,
            device_ids=[device] if device.type == "cuda" else None,
            forward_sync_buffers=False,  # synchronised batch normalisation keeps the same ones everywhere
            gradient_as_bucket_view=True,
        )

    def leave(self) -> None:
        if self.size > 1:
            dist.destroy_process_group()


def local_rank(environ: Mapping[str, str]) -> int:
    return int(environ.get("LOCAL_RANK", "0"))


def enter(device: torch.device, environ: Mapping[str, str]) -> World:
    """Meets the other processes that torchrun started; alone when it started none."""
    size = int(environ.get("WORLD_SIZE", "1"))
    if size == 1:
        return World()
    if os.path.isdir("/sys/class/net/lo"):
        # All are on one machine, and a container's host name may not resolve.
        os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    if device.type == "cuda":
        dist.init_process_group("nccl", timeout=PATIENCE, device_id=device)
        control = dist.new_group(backend="gloo", timeout=PATIENCE)
    else:
        dist.init_process_group("gloo", timeout=PATIENCE)
        control = None
    return World(dist.get_rank(), size, control)
