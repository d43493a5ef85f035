"""SIGTERM as an exception, held back while a file is written.

Raised inside torch.save it would come out as another error, or end the process from within C++.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from errors import Interrupted

_writing = False
_pending = False


def raise_on_sigterm() -> None:
    """From now on SIGTERM raises Interrupted in the main thread."""
    global _pending
    _pending = False
    signal.signal(signal.SIGTERM, _on_sigterm)


def _on_sigterm(*_: object) -> None:
    global _pending
    # Once is enough: a second signal must not cut short what the first one set going.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if _writing:
        _pending = True
    else:
        raise Interrupted


@contextmanager
def undisturbed() -> Iterator[None]:
    """Holds Interrupted back until the end of the block. Not to be nested."""
    global _writing, _pending
    _writing = True
    try:
        yield
    finally:
        _writing = False
    if _pending:
        _pending = False
        raise Interrupted
