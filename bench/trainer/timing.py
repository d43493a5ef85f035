"""How fast steps are, on a device that works through a queue of them."""

import time
from collections.abc import Callable, Iterator

WARM_UP_STEPS = 5
# Steps that are timed come in groups, for which the program waits once.
GROUP = 10


def timed(steps: Iterator[None], seconds: float, wait: Callable[[], None]) -> float:
    """Steps a second, over at least `seconds`, after some that warm up."""
    for _ in range(WARM_UP_STEPS):
        next(steps)
    wait()
    began, count = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        for _ in range(GROUP if seconds >= 1 else 1):
            next(steps)
            count += 1
        wait()
    return count / (time.perf_counter() - began)
