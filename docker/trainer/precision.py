"""The number formats of training: which one a device is good at, and what goes with it."""

from contextlib import AbstractContextManager
from dataclasses import dataclass

import torch

from errors import BadSettingError, NoDeviceError
from machine import processor_flags

DTYPES = {"no": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
# With these a CPU multiplies bf16 at least twice as fast as float32; without them many times slower.
BF16_INSTRUCTIONS = {"avx512_bf16", "amx_bf16", "bf16"}


@dataclass(frozen=True)
class Precision:
    """Weights, optimizer, normalisation and loss stay in float32; what is multiplied is in `name`'s format."""

    device: torch.device
    name: str

    def __str__(self) -> str:
        what = torch.cuda.get_device_name(self.device) if self.device.type == "cuda" else "CPU"
        return f"{what}, {'float32' if self.name == 'no' else self.name}"

    def autocast(self) -> AbstractContextManager:
        return torch.autocast(self.device.type, DTYPES[self.name], enabled=self.name != "no", cache_enabled=True)

    def scaler(self) -> torch.amp.GradScaler:
        """Scales the loss so that fp16's small gradients do not vanish; does nothing in the other formats."""
        return torch.amp.GradScaler(self.device.type, enabled=self.name == "fp16")


def choose_device(wanted: str, local_rank: int) -> torch.device:
    """The device to train on. Raises NoDeviceError when a GPU is asked for and there is none."""
    if wanted == "cuda" and not torch.cuda.is_available():
        raise NoDeviceError("DEVICE is 'cuda' and no GPU is usable; use a machine with one, or DEVICE=auto")
    if wanted == "cpu" or not torch.cuda.is_available():
        return torch.device("cpu")
    torch.cuda.set_device(local_rank)
    return torch.device("cuda", local_rank)


def choose_precision(wanted: str, device: torch.device) -> Precision:
    """`auto`: bf16 on GPUs of compute capability 8 (2020) or later and on CPUs with the instructions; fp16 on older
    GPUs with tensor cores (capability 7); float32 elsewhere. Raises BadSettingError for fp16 on a CPU.
    """
    if wanted == "fp16" and device.type == "cpu":
        raise BadSettingError("MIXED_PRECISION is 'fp16', which is for GPUs; on a CPU use auto, bf16 or no")
    if wanted != "auto":
        return Precision(device, wanted)
    if device.type == "cpu":
        return Precision(device, "bf16" if BF16_INSTRUCTIONS & processor_flags() else "no")
    capability = torch.cuda.get_device_capability(device)
    return Precision(device, "bf16" if capability >= (8, 0) else "fp16" if capability >= (7, 0) else "no")


def tune(device: torch.device) -> None:
    """Lets a GPU try convolution algorithms once for each shape, and multiply float32 as TF32."""
    if device.type == "cuda":
        torch.backends.cudnn.benchmark = True
        torch.set_float32_matmul_precision("high")
