"""SIGTERM as an exception, delayed while something must be finished first: a file, or a training step.

Raised inside torch.save, it would surface as another error, or end the process from within C++.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from errors import Interrupted

_depth = 0
_pending = False


def raise_on_sigterm() -> None:
    """From now on SIGTERM raises Interrupted in the main thread."""
    global _pending
    _pending = False
    signal.signal(signal.SIGTERM, _on_sigterm)


def _on_sigterm(*_: object) -> None:
    global _pending
    # Once is enough: a second signal must not interrupt what the first one started.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _pending = True
    if _depth == 0:
        raise Interrupted


def asked_to_stop() -> bool:
    """Whether SIGTERM has arrived: code inside `undisturbed` should then stop on its own."""
    return _pending


@contextmanager
def undisturbed() -> Iterator[None]:
    """Delays Interrupted until the end of the outermost block. It is raised only in the main thread; in other threads
    this does nothing.
    """
    global _depth
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _depth += 1
    try:
        yield
    finally:
        _depth -= 1
    if _pending and _depth == 0:
        raise Interrupted
