"""Batch normalisation over the batch of all processes.

torch.nn.SyncBatchNorm does it on GPUs and refuses CPUs; there, the class below does the same with sums that
differentiate through the exchange.
"""

from typing import Any

import torch
import torch.distributed as dist
from torch import nn


def synchronise(model: nn.Module, device: torch.device) -> None:
    """Has each batch normalisation of the model see the global batch. Weights, statistics and names stay."""
    if device.type == "cuda":
        nn.SyncBatchNorm.convert_sync_batchnorm(model)
        return
    for module in model.modules():
        if type(module) is nn.BatchNorm2d:
            module.__class__ = HostSyncBatchNorm


class SumOverProcesses(torch.autograd.Function):
    """The sum of a tensor over all processes. It counts in the loss of each of them, so gradients are summed, too."""

    @staticmethod
    def forward(_: Any, values: torch.Tensor) -> torch.Tensor:
        total = values.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(_: Any, gradient: torch.Tensor) -> torch.Tensor:
        total = gradient.clone()
        dist.all_reduce(total)
        return total


class HostSyncBatchNorm(nn.BatchNorm2d):
    """BatchNorm2d whose mean and variance in training are those of all processes' images. A part may be empty."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return super().forward(images)
        channels = (1, -1, 1, 1)
        values = images.float()
        count = torch.tensor([float(values.numel() // values.shape[1])])
        dist.all_reduce(count)
        mean = SumOverProcesses.apply(values.sum((0, 2, 3))) / count
        centred = values - mean.view(channels)
        # From the centred values: a mean of squares less the square of the mean would lose digits.
        variance = SumOverProcesses.apply(centred.square().sum((0, 2, 3))) / count
        assert self.running_mean is not None and self.running_var is not None and self.num_batches_tracked is not None
        with torch.no_grad():
            momentum = self.momentum or 0.0
            self.num_batches_tracked.add_(1)
            self.running_mean.lerp_(mean, momentum)
            self.running_var.lerp_(variance * (count / (count - 1)), momentum)
        scale = torch.rsqrt(variance + self.eps) * self.weight
        return (centred * scale.view(channels) + self.bias.view(channels)).to(images.dtype)
