"""How well a GPU is used: the share of its peak that goes into the network's own multiplications (MFU)."""

import copy

import torch
from torch import nn

from precision import Precision

# Dense peak in TFLOP/s by precision, from NVIDIA's data sheets; the longest name that a device's contains counts.
# "no" is TF32 where the GPU has it, float32 on V100 and T4.
PEAKS: dict[str, dict[str, float]] = {
    "A100": {"bf16": 312, "fp16": 312, "no": 156},
    "A10G": {"bf16": 70, "fp16": 70, "no": 35},
    "A10": {"bf16": 125, "fp16": 125, "no": 62.5},
    "B200": {"bf16": 2250, "fp16": 2250, "no": 1125},
    "H100 PCIe": {"bf16": 756, "fp16": 756, "no": 378},
    "H100": {"bf16": 989, "fp16": 989, "no": 494},
    "H200": {"bf16": 989, "fp16": 989, "no": 494},
    "L4": {"bf16": 121, "fp16": 121, "no": 60},
    "L40S": {"bf16": 362, "fp16": 362, "no": 183},
    "T4": {"fp16": 65, "no": 8.1},
    "V100": {"fp16": 125, "no": 15.7},
}
# A step back through a network multiplies twice as much as the step forward.
STEPS_FORWARD = 3


class Meter:
    """Tells the MFU of a training on GPUs whose peak is known; elsewhere it says nothing."""

    def __init__(self, model: nn.Module, size: int, precision: Precision, gpus: int):
        self.images_at_peak: float | None = None
        if precision.device.type == "cuda":
            peak = peak_flops(torch.cuda.get_device_name(precision.device), precision.name)
            if peak is not None:
                self.images_at_peak = gpus * peak / training_flops(model, size)

    def use(self, images_per_second: float) -> str:
        """For the end of an epoch's line."""
        return "" if self.images_at_peak is None else f"  MFU {images_per_second / self.images_at_peak:.1%}"


def peak_flops(name: str, precision: str) -> float | None:
    """FLOP/s that a GPU of that name can do; None when it is not known."""
    known = [gpu for gpu in PEAKS if gpu in name]
    tera = PEAKS[max(known, key=len)].get(precision) if known else None
    return None if tera is None else tera * 1e12


def training_flops(model: nn.Module, size: int) -> float:
    """FLOPs of training on one image of [3, size, size]. Counted on shapes alone: nothing is computed."""
    from torch.utils.flop_counter import FlopCounterMode

    shapes = copy.deepcopy(model).to("meta").eval()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        shapes(torch.empty(1, 3, size, size, device="meta"))
    return STEPS_FORWARD * counter.get_total_flops()
