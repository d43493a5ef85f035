"""Copies of what is on a device, taken without waiting for it."""

from collections.abc import Callable
from typing import Any

import torch


def snapshot(value: Any) -> Any:
    """The same tensors on the CPU, as they are now: dicts, lists and tuples are walked through, other values shared.

    From a GPU they are copied into pinned memory, in the order of its work: what is trained after this call does not
    change them, and they are there once `arrival` says so.
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
    """The same with each tensor of one value as that value."""
    return {name: value.item() if isinstance(value, torch.Tensor) else value for name, value in state.items()}


def arrival(device: torch.device) -> Callable[[], None]:
    """Waits, in whichever thread calls it, for the snapshots that were taken before."""
    if device.type != "cuda":
        return lambda: None
    event = torch.cuda.Event(blocking=True)  # the thread sleeps; otherwise it would keep a CPU busy
    event.record(torch.cuda.current_stream(device))
    return event.synchronize
