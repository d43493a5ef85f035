"""Batch normalisation over the batch of all processes, or of each alone.

Not torch.nn.SyncBatchNorm: that one refuses CPUs, reads a mask from the GPU at every layer, for which the program has
to wait, and has processes exchange tensors of different types when one of them has no image.
"""

from typing import Any

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import nn

CHANNELS = (1, -1, 1, 1)
OVER = (0, 2, 3)


class GlobalBatchNorm(nn.BatchNorm2d):
    """BatchNorm2d whose mean and variance in training are those of all processes' images while `together` is set.

    A process may have fewer images than others, or none. All must have the same `together` at the same step.
    """

    together = True

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        if not (self.training and self.together):
            return super().forward(images)
        assert self.num_batches_tracked is not None
        self.num_batches_tracked.add_(1)
        return _Normalise.apply(
            images, self.weight, self.bias, self.running_mean, self.running_var, self.momentum or 0.0, self.eps
        )


def synchronise(model: nn.Module) -> list[GlobalBatchNorm]:
    """Has each batch normalisation of the model see the global batch. Weights, statistics and names stay."""
    for module in model.modules():
        if type(module) is nn.BatchNorm2d:
            module.__class__ = GlobalBatchNorm
    return [module for module in model.modules() if isinstance(module, GlobalBatchNorm)]


class _Normalise(torch.autograd.Function):
    """One exchange forward and one back, in float32 whatever the images are in. Nothing asks the device for a value."""

    @staticmethod
    def forward(
        ctx: Any,
        images: torch.Tensor,
        weight: torch.Tensor,
        bias: torch.Tensor,
        running_mean: torch.Tensor,
        running_var: torch.Tensor,
        momentum: float,
        eps: float,
    ) -> torch.Tensor:
        mean, variance, count = combined(*own_moments(images))
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(variance * (count / (count - 1).clamp(min=1)), momentum)
        ctx.save_for_backward(images, weight, mean, torch.rsqrt(variance + eps), count)
        return F.batch_norm(images, mean, variance, weight, bias, training=False, eps=eps)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        images, weight, mean, scale, count = ctx.saved_tensors
        gradient = gradients[0].float()
        normal = (images.float() - mean.view(CHANNELS)) * scale.view(CHANNELS)
        for_bias, for_weight = gradient.sum(OVER), (gradient * normal).sum(OVER)
        # The mean and variance count in the loss of every process.
        everywhere = torch.stack([for_bias, for_weight])
        dist.all_reduce(everywhere)
        shared_bias, shared_weight = (everywhere / count).unbind()
        inner = gradient - shared_bias.view(CHANNELS) - normal * shared_weight.view(CHANNELS)
        for_images = inner * (scale * weight).view(CHANNELS)
        return for_images.to(images.dtype), for_weight, for_bias, None, None, None, None


def own_moments(images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, int]:
    """Mean, variance (float32 [C]) and number of the values of each channel; zeros without any."""
    channels = images.shape[1]
    if images.numel() == 0:
        zeros = torch.zeros(channels, device=images.device)
        return zeros, zeros, 0
    variance, mean = torch.var_mean(images.float(), OVER, correction=0)
    return mean, variance, images.numel() // channels


def combined(mean: torch.Tensor, variance: torch.Tensor, count: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Mean, variance and number of the values of all processes. By each one's own mean: a mean of squares less the
    square of the mean would lose digits.
    """
    channels = len(mean)
    own = torch.cat([mean, variance, torch.full((1,), float(count), device=mean.device)])
    parts = [torch.empty_like(own) for _ in range(dist.get_world_size())]
    dist.all_gather(parts, own)
    means, variances, counts = torch.stack(parts).split([channels, channels, 1], dim=1)
    total = counts.sum()
    share = counts / total
    mean = (means * share).sum(0)
    return mean, ((variances + (means - mean).square()) * share).sum(0), total
