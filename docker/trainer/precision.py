"""The number formats of training: which one suits a device, and what it requires."""

import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import torch

from errors import BadSettingError, NoDeviceError, first_line, translate
from machine import processor_flags, visible_gpus

DTYPES = {"no": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
# With these a CPU multiplies bf16 at least twice as fast as float32; without them many times slower.
BF16_INSTRUCTIONS = {"avx512_bf16", "amx_bf16", "bf16"}


@dataclass(frozen=True)
class Precision:
    """Weights, optimizer, normalisation and loss stay in float32; multiplications use the format `name`."""

    device: torch.device
    name: str

    def __str__(self) -> str:
        what = torch.cuda.get_device_name(self.device) if self.device.type == "cuda" else "CPU"
        return f"{what}, {'float32' if self.name == 'no' else self.name}"

    def autocast(self) -> AbstractContextManager:
        return torch.autocast(self.device.type, DTYPES[self.name], enabled=self.name != "no", cache_enabled=True)

    def scaler(self) -> torch.amp.GradScaler:
        """Scales the loss so that small gradients do not vanish in fp16; does nothing in other formats."""
        return torch.amp.GradScaler(self.device.type, enabled=self.name == "fp16")


def scaler_state(scaler: torch.amp.GradScaler) -> dict[str, Any]:
    """Like `scaler.state_dict()`, except that two of its numbers are still tensors on the device: reading them would
    wait for all steps queued there. Empty if the scaler does nothing.
    """
    if not scaler.is_enabled() or scaler._scale is None:  # before the first step the numbers are the program's own
        return scaler.state_dict()
    return {
        "scale": scaler._scale,
        "_growth_tracker": scaler._growth_tracker,
        "growth_factor": scaler.get_growth_factor(),
        "backoff_factor": scaler.get_backoff_factor(),
        "growth_interval": scaler.get_growth_interval(),
    }


def choose_device(wanted: str, environ: Mapping[str, str]) -> torch.device:
    """The device to train on. Raises NoDeviceError if a GPU is requested and there is none."""
    local_rank = int(environ.get("LOCAL_RANK", "0"))
    if wanted == "cpu":
        return torch.device("cpu")
    if torch.cuda.is_available():
        return working_gpu(local_rank)
    there = visible_gpus(environ)
    why = f"{there} {'is' if there == 1 else 'are'} present, but {why_no_gpu()}" if there else "there is none"
    if wanted == "cuda":
        raise NoDeviceError(
            f"DEVICE is 'cuda', but no GPU can be used: {why}; use a machine with a GPU, or DEVICE=auto"
        )
    if there and local_rank == 0:
        print(f"train.py: warning: training on the CPU, because no GPU can be used: {why}", file=sys.stderr)
    return torch.device("cpu")


def working_gpu(number: int) -> torch.device:
    """A GPU that has been seen to compute. Raises NoDeviceError if it is broken, or torch is not built for it."""
    device = torch.device("cuda", number)
    try:
        torch.cuda.set_device(device)
        torch.ones(1, device=device).add_(1).item()
    except RuntimeError as error:
        if translate(error) is not None:  # others have taken its memory
            raise
        raise NoDeviceError(f"GPU {number} cannot be used: {first_line(str(error))}") from error
    return device


def why_no_gpu() -> str:
    """Why torch cannot use the GPUs of this machine; usually the driver is too old."""
    if torch.version.cuda is None:
        return f"torch {torch.__version__} was built without CUDA"
    try:
        torch.cuda.init()
    except Exception as error:  # torch raises many kinds here
        return first_line(str(error))
    return "torch does not find them"


def choose_precision(wanted: str, device: torch.device) -> Precision:
    """`auto`: bf16 on GPUs of compute capability 8 (2020) or later and on CPUs with the instructions; fp16 on older
    GPUs with tensor cores (capability 7); float32 elsewhere. Raises BadSettingError for fp16 on a CPU.
    """
    if wanted == "fp16" and device.type == "cpu":
        raise BadSettingError("MIXED_PRECISION is 'fp16', which needs a GPU; on a CPU, use auto, bf16 or no")
    if wanted != "auto":
        return Precision(device, wanted)
    if device.type == "cpu":
        return Precision(device, "bf16" if BF16_INSTRUCTIONS & processor_flags() else "no")
    capability = torch.cuda.get_device_capability(device)
    return Precision(device, "bf16" if capability >= (8, 0) else "fp16" if capability >= (7, 0) else "no")


def tune(precision: Precision) -> None:
    """Has a GPU try convolution algorithms once per shape. With bf16 or fp16, the remaining float32 multiplications may
    use TF32; without them, float32 means float32.
    """
    if precision.device.type != "cuda":
        return
    torch.backends.cudnn.benchmark = True
    mixed = precision.name != "no"
    torch.set_float32_matmul_precision("high" if mixed else "highest")
    torch.backends.cudnn.allow_tf32 = mixed
