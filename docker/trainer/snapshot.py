"""Copies of tensors on a device, taken without waiting for it."""

from collections.abc import Callable
from typing import Any

import torch


def snapshot(value: Any) -> Any:
    """Copies of the tensors on the CPU, as they are now. Dicts, lists and tuples are copied recursively; other values
    are shared.

    A GPU copies them into pinned memory in the order of its queue: later training does not change them, and they are
    complete once `arrival` returns.
    """
    if isinstance(value, torch.Tensor):
        if value.device.type != "cuda":
            return value.detach().clone()
        return torch.empty_like(value, device="cpu", pin_memory=True).copy_(value.detach(), non_blocking=True)
    if isinstance(value, dict):
        return {key: snapshot(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(snapshot(item) for item in value)
    return value


def numbers(state: dict[str, Any]) -> dict[str, Any]:
    """The same, with tensors of a single value replaced by that value."""
    return {name: value.item() if isinstance(value, torch.Tensor) else value for name, value in state.items()}


def arrival(device: torch.device) -> Callable[[], None]:
    """A function that waits, in whichever thread calls it, for the snapshots taken so far."""
    if device.type != "cuda":
        return lambda: None
    event = torch.cuda.Event(blocking=True)  # the thread sleeps; otherwise it would keep a CPU busy
    event.record(torch.cuda.current_stream(device))
    return event.synchronize
