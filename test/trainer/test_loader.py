"""What brings batches to the device, and that no step waits for more than its own."""

import threading
from collections.abc import Iterator

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

import loader
from loader import ahead, copied, moved, within

CPU = torch.device("cpu")


class Stream:
    """A twin of a CUDA stream that notes what is asked of it."""

    def __init__(self, *_: object) -> None:
        self.waited: list[object] = []

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *_: object) -> None: ...

    def wait_stream(self, other: object) -> None:
        self.waited.append(other)


@pytest.fixture
def streams(monkeypatch: pytest.MonkeyPatch) -> Stream:
    """CUDA's streams on a CPU; the one that computes."""
    computing = Stream()
    monkeypatch.setattr(torch.cuda, "Stream", Stream)
    monkeypatch.setattr(torch.cuda, "stream", lambda stream: stream)
    monkeypatch.setattr(torch.cuda, "current_stream", lambda _: computing)
    monkeypatch.setattr(torch.Tensor, "record_stream", lambda *_: None)
    return computing


def numbered(count: int, made: list[int]) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    for number in range(count):
        made.append(number)
        yield torch.full((2,), number), torch.full((1,), number)


def test_a_step_gets_its_batch_before_the_next_one_is_waited_for(streams):
    made: list[int] = []
    batches = copied(numbered(3, made), CPU)
    for number in range(3):
        pixels, _ = next(batches)
        assert pixels.tolist() == [number, number]
        assert made == list(range(number + 1))
        assert len(streams.waited) == number + 1  # the GPU waits for the copy, the program does not
    assert next(batches, None) is None


def test_batches_are_prepared_while_a_step_runs(streams):
    made: list[int] = []
    prepared = threading.Event()

    def slow() -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        for number, batch in enumerate(numbered(20, made)):
            if number == loader.AHEAD:
                prepared.set()
            yield batch

    batches = copied(ahead(slow()), CPU)
    next(batches)
    assert prepared.wait(60)  # the step has not asked for a second one
    assert [int(labels) for _, labels in batches] == list(range(1, 20))


def test_pixels_are_moved_a_few_at_a_time(monkeypatch):
    pixels = torch.arange(40 * 12, dtype=torch.int32).to(torch.uint8).view(40, 2, 2, 3)
    places = torch.randperm(40)[:30]
    monkeypatch.setattr(loader, "BYTES_MOVED", 7 * 12)

    class Picked(TorchDispatchMode):
        images: tuple[int, ...] = ()

        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            result = func(*args, **(kwargs or {}))
            if func is torch.ops.aten.index.Tensor:
                self.images = (*self.images, len(result))
            return result

    with Picked() as picked:
        there = moved(pixels, places, CPU)
    assert picked.images == (7, 7, 7, 7, 2)
    assert torch.equal(there, pixels[places])


@pytest.mark.parametrize(
    ("room", "expected"),
    [
        (None, (8, 3)),  # no shared memory to fill
        (1000, (8, 3)),
        (170, (8, 2)),
        (80, (8, 1)),
        (35, (3, 1)),
        (20, (2, 1)),
        (19, (0, None)),
        (0, (0, None)),
    ],
)
def test_no_more_is_decoded_ahead_than_shared_memory_holds(room, expected):
    assert within(room, 8, 10) == expected
