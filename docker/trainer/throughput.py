"""How well the machine is used: the share of a GPU's peak spent on the network's own multiplications (MFU), GPU memory,
and the time that training waits.
"""

import copy
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from compilation import keep_compiler_out
from precision import Precision

# Dense peak in TFLOP/s by precision, from NVIDIA's data sheets; the longest name contained in that of the device
# counts. "no" is float32 without tensor cores.
PEAKS: dict[str, dict[str, float]] = {
    "A100": {"bf16": 312, "fp16": 312, "no": 19.5},
    "A10G": {"bf16": 70, "fp16": 70, "no": 31.2},
    "A10": {"bf16": 125, "fp16": 125, "no": 31.2},
    "B200": {"bf16": 2250, "fp16": 2250, "no": 75},
    "H100 PCIe": {"bf16": 756, "fp16": 756, "no": 51},
    "H100": {"bf16": 989, "fp16": 989, "no": 67},
    "H200": {"bf16": 989, "fp16": 989, "no": 67},
    "L4": {"bf16": 121, "fp16": 121, "no": 30.3},
    "L40S": {"bf16": 362, "fp16": 362, "no": 91.6},
    "T4": {"fp16": 65, "no": 8.1},
    "V100": {"fp16": 125, "no": 15.7},
}
# The backward pass multiplies twice as much as the forward pass.
STEPS_FORWARD = 3


class Stopwatch:
    """Seconds spent in its `with` blocks since it was last read."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __enter__(self) -> "Stopwatch":
        self.began = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self.began

    def read(self) -> float:
        seconds, self.seconds = self.seconds, 0.0
        return seconds

    def timed(self, items: Iterable) -> Iterator:
        """The same items; the time spent waiting for each is counted."""
        iterator = iter(items)
        end = object()
        while True:
            with self:
                item = next(iterator, end)
            if item is end:
                return
            yield item


class Meter:
    """What an epoch's line says about the machine. Waits are shares (0 to 1) of the time since the previous line."""

    def __init__(self, precision: Precision, gpus: int, flops: Callable[[], float]):
        """`gpus`: how many train together; `flops`: FLOPs of training on one image or token."""
        self.data_wait, self.checkpoint_wait = Stopwatch(), Stopwatch()
        self.since = time.perf_counter()
        self.device = precision.device
        self.rate_at_peak: float | None = None
        if self.device.type == "cuda":
            peak = peak_flops(torch.cuda.get_device_name(self.device), precision.name)
            if peak is not None:
                self.rate_at_peak = gpus * peak / flops()

    def read(self, rate: float) -> dict[str, float]:
        """The waits; on a GPU also its peak memory in GB, and the MFU at `rate` images or tokens a second, if its peak
        is known.
        """
        now = time.perf_counter()
        seconds, self.since = max(now - self.since, 1e-9), now
        read: dict[str, Any] = {
            "data_wait": round(self.data_wait.read() / seconds, 4),
            "checkpoint_wait": round(self.checkpoint_wait.read() / seconds, 4),
        }
        if self.device.type == "cuda":
            read["gpu_memory_gb"] = round(torch.cuda.max_memory_allocated(self.device) / 1e9, 3)
            torch.cuda.reset_peak_memory_stats(self.device)
        if self.rate_at_peak is not None:
            read["mfu"] = round(rate / self.rate_at_peak, 4)
        return read


def peak_flops(name: str, precision: str) -> float | None:
    """FLOP/s of a GPU by its name; None if it is unknown, or a slice of a GPU (MIG)."""
    if " MIG " in name:
        return None
    known = [gpu for gpu in PEAKS if gpu in name]
    tera = PEAKS[max(known, key=len)].get(precision) if known else None
    return None if tera is None else tera * 1e12


def training_flops(model: nn.Module, size: int) -> float:
    """FLOPs of training on one image of [3, size, size], counted in a forward pass."""
    from torch.utils.flop_counter import flop_registry

    class Counter(TorchDispatchMode):
        """As torch's FlopCounterMode counts, which would import the compiler."""

        total = 0

        def __torch_dispatch__(
            self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
        ) -> Any:
            result = func(*args, **(kwargs or {}))
            count = flop_registry.get(func.overloadpacket)
            self.total += count(*args, **(kwargs or {}), out_val=result) if count else 0
            return result

    keep_compiler_out(TorchDispatchMode)
    keep_compiler_out(Counter)
    # On the CPU: a GPU would search for the fastest convolutions of this one image, and on torch's meta device batch
    # normalisation imports the compiler, too.
    same = copy.deepcopy(model).to("cpu").eval()
    with Counter() as counter, torch.no_grad():
        same(torch.zeros(1, 3, size, size))
    return STEPS_FORWARD * counter.total
