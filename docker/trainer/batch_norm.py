"""Batch normalisation over the batch of all processes.

torch.nn.SyncBatchNorm does it on GPUs and refuses CPUs; there, the class below does the same with sums that
differentiate through the exchange.
"""

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


class HostSyncBatchNorm(nn.BatchNorm2d):
    """BatchNorm2d whose mean and variance in training are those of all processes' images. A part may be empty."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return super().forward(images)
        import torch.distributed.nn.functional as exchange

        channels = (1, -1, 1, 1)
        values = images.float()
        count = torch.tensor([float(values.numel() // values.shape[1])])
        dist.all_reduce(count)
        mean = exchange.all_reduce(values.sum((0, 2, 3))) / count
        centred = values - mean.view(channels)
        # From the centred values: a mean of squares less the square of the mean would lose digits.
        variance = exchange.all_reduce(centred.square().sum((0, 2, 3))) / count
        assert self.running_mean is not None and self.running_var is not None and self.num_batches_tracked is not None
        with torch.no_grad():
            momentum = self.momentum or 0.0
            self.num_batches_tracked.add_(1)
            self.running_mean.lerp_(mean, momentum)
            self.running_var.lerp_(variance * (count / (count - 1)), momentum)
        scale = torch.rsqrt(variance + self.eps) * self.weight
        return (centred * scale.view(channels) + self.bias.view(channels)).to(images.dtype)
