import threading
from functools import partial

import pytest

from writer import Writer


def test_the_caller_does_not_wait_and_the_end_does():
    go, done = threading.Event(), []
    with Writer() as writer:
        writer.submit("file", lambda: done.append(go.wait(60)))
        assert done == []
        go.set()
        writer.finish()
        assert done == [True]


def test_what_still_waits_gives_way_to_a_newer_one_of_its_name():
    go, started = threading.Event(), threading.Event()
    done: list[str] = []

    def slow() -> None:
        started.set()
        go.wait(60)

    with Writer() as writer:
        writer.submit("model", slow)
        started.wait(60)
        for number in range(3):
            for name in ("model", "checkpoint"):
                writer.submit(name, partial(done.append, f"{name} {number}"))
        go.set()
    assert done == ["model 2", "checkpoint 2"]


def test_what_goes_wrong_comes_out():
    def full() -> None:
        raise OSError("No space left on device")

    with Writer() as writer:
        writer.submit("file", full)
        with pytest.raises(OSError, match="No space left"):
            writer.finish()


def test_however_it_ends_what_is_under_way_is_written():
    done = []
    with pytest.raises(ValueError, match="the training's own"), Writer() as writer:
        writer.submit("file", lambda: done.append(1))
        raise ValueError("the training's own")
    assert done == [1]
