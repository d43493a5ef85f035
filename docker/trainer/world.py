"""The processes that train together, one per GPU. With a single process, everything here does nothing.

Batches are split so that all processes together do what one would: each takes its part of the global batch, losses are
divided by the global number of images, batch normalisation covers the global batch unless each part is large
(batch_norm.py), and counts are summed. BATCH_SIZE and LEARNING_RATE therefore mean the same on any number of GPUs.
"""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch import nn

from batch_norm import GlobalBatchNorm, synchronise
from compilation import keep_compiler_out, leave_compiler_out

# Until the first step is done: another process may be decoding the images, or compiling the network.
PATIENCE = timedelta(hours=3)
# After that. No step or validation keeps the others waiting this long unless a process hangs.
PATIENCE_LATER = timedelta(minutes=15)
# By SYNC_BN: the number of images from which each process normalises its part of a batch separately. A variance needs
# at least two.
NORMALISED_ALONE = {"auto": 16, "true": math.inf, "false": 2}


@dataclass(frozen=True)
class World:
    """`control` is a group on the CPU, so that using it does not wait for the GPU; None: the default group is one."""

    rank: int = 0
    size: int = 1
    control: Any = None

    @property
    def writes(self) -> bool:
        """Only one process prints and writes files."""
        return self.rank == 0

    @property
    def steps_between_talks(self) -> int:
        """Steps between which the processes agree on whether to stop, which costs a tenth of a millisecond."""
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

    def synchronise(self, model: nn.Module) -> list[GlobalBatchNorm]:
        """Has batch normalisation see the batches of all processes; its layers."""
        return synchronise(model) if self.size > 1 else []

    def normalises_alone(self, count: int, choice: str) -> bool:
        """Whether each process normalises its part of a batch of `count` images by itself; `choice` is SYNC_BN."""
        return count // self.size >= NORMALISED_ALONE[choice]

    def join(self, model: nn.Module, device: torch.device) -> nn.Module:
        """The model as the processes train it together: the gradient is the mean of theirs. The statistics of batch
        normalisation stay each one's own until `share_buffers`, which saves an exchange at every step.
        """
        if self.size == 1:
            return model
        keep_compiler_out(nn.parallel.DistributedDataParallel)
        return leave_compiler_out(
            lambda: nn.parallel.DistributedDataParallel(
                model,
                device_ids=[device] if device.type == "cuda" else None,
                gradient_as_bucket_view=True,
                forward_sync_buffers=False,
            )
        )

    def share_buffers(self, model: nn.Module) -> None:
        """Gives all processes the statistics of the one that writes, so that they validate the same model."""
        if self.size > 1:
            for buffer in model.buffers():
                dist.broadcast(buffer, 0)

    def lose_patience(self) -> None:
        """Shortens the time-outs after the first step: a process that does not answer within minutes never will."""
        if self.size > 1:
            for group in (None, self.control) if self.control else (None,):
                dist.set_timeout(PATIENCE_LATER, group)

    def leave(self) -> None:
        if self.size > 1:
            dist.destroy_process_group()


def enter(device: torch.device, environ: Mapping[str, str]) -> World:
    """Joins the other processes that torchrun started, if any."""
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
