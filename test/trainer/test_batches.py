import multiprocessing
from dataclasses import replace

import pytest
import torch
from augment import shifted
from torch.utils._python_dispatch import TorchDispatchMode

import data
from batches import (
    evaluation_batches,
    evaluation_size,
    plan_epoch,
    statistics,
    steps_of,
    training_batches,
)
from errors import UnreadableError
from loader import NO_LABEL, Images, Unreadable, ahead
from world import World

CPU = torch.device("cpu")


@pytest.fixture
def held(images, tmp_path) -> Images:
    return data.load(data.split_folder(images, 0, 0.2), data.Sizes(8, 8, 8), tmp_path / "cache", 1).training


def batches(images: Images, first_step: int = 0, world: World | None = None, seed: int = 0, epoch: int = 1):
    plan = plan_epoch(images, seed, epoch, "shift_flip")
    return list(training_batches(images, plan, 7, first_step, world or World(), CPU, 1))


def same(some, others) -> bool:
    return len(some) == len(others) and all(
        torch.equal(a, b) for one, other in zip(some, others, strict=True) for a, b in zip(one, other, strict=True)
    )


def test_order_and_augmentation_are_a_function_of_seed_and_epoch(held):
    assert same(batches(held), batches(held))
    assert not same(batches(held), batches(held, epoch=2))
    assert not same(batches(held), batches(held, seed=1))


def test_the_batches_from_a_step_on_are_those_of_the_whole_epoch(held):
    assert same(batches(held, first_step=3), batches(held)[3:])


def test_the_parts_of_all_processes_are_the_batch_of_one(held):
    parts = [batches(held, world=World(rank, 3)) for rank in range(3)]
    whole = [tuple(torch.cat(values) for values in zip(*some, strict=True)) for some in zip(*parts, strict=True)]
    assert same(whole, batches(held))


def test_images_that_are_decoded_each_time_give_the_same_batches(held):
    assert same(batches(replace(held, pixels=None)), batches(held))


def test_images_are_decoded_before_their_batch_is_asked_for(held):
    some = replace(held, pixels=None)
    before = set(multiprocessing.active_children())
    upcoming = training_batches(some, plan_epoch(some, 0, 1, "shift_flip"), 7, 0, World(), CPU, 1)
    assert set(multiprocessing.active_children()) - before
    assert same(list(upcoming), batches(held))


def test_a_last_batch_of_one_image_is_left_out():
    assert [steps_of(count, 8) for count in (1, 8, 9, 10, 16)] == [1, 1, 1, 2, 2]


def test_a_last_batch_that_leaves_a_process_without_an_image_is_left_out():
    assert [steps_of(count, 8, processes=4) for count in (3, 8, 11, 12, 16)] == [1, 1, 1, 2, 2]


def test_statistics_are_those_of_all_pixels_however_many_are_summed_at_a_time(held, monkeypatch):
    pixels = held.pixels[held.places].double().flatten(0, 2) / 255
    std, mean = torch.std_mean(pixels, dim=0)
    for size in (1, 1000, 8 << 20):
        monkeypatch.setattr("batches.BYTES_FOR_STATISTICS", size)
        means, stds = statistics(held, World(), CPU, 1)
        assert means == pytest.approx(mean.tolist(), abs=1e-6)
        assert stds == pytest.approx(std.tolist(), abs=1e-6)


def test_statistics_take_little_memory(held):
    large = replace(held, pixels=torch.zeros(64, 224, 224, 3, dtype=torch.uint8), size=224, places=torch.arange(32))
    large = replace(large, labels=torch.zeros(32, dtype=torch.int64))

    class Largest(TorchDispatchMode):
        bytes = 0

        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            result = func(*args, **(kwargs or {}))
            if isinstance(result, torch.Tensor):
                self.bytes = max(self.bytes, result.nbytes)
            return result

    with Largest() as seen:
        statistics(large, World(), CPU, 1)
    assert seen.bytes <= 4 * 8 << 20  # as float32; in float64 all at once they would be 38 MB


@pytest.mark.parametrize(
    ("batch_size", "size", "processes", "expected"),
    [(64, 32, 1, 512), (2, 256, 1, 8), (512, 224, 1, 1024), (512, 224, 4, 256), (2, 1024, 2, 2), (4, 8, 1, 1024)],
)
def test_as_many_are_evaluated_at_once_as_fit_where_a_step_fits(batch_size, size, processes, expected):
    assert evaluation_size(batch_size, size, processes) == expected


def test_an_image_that_cannot_be_read_when_its_turn_comes_has_no_label(held, capsys):
    held.paths[3].write_bytes(b"no image")
    some = replace(held, pixels=None, unreadable=Unreadable(40, 0.1))
    for _ in range(2):
        labels = torch.cat([labels for _, labels in evaluation_batches(some, 8, World(), CPU, 1)])
        assert (labels == NO_LABEL).nonzero().flatten().tolist() == [3]
    assert capsys.readouterr().err.count("cannot be read") == 1


def test_too_many_of_them_end_the_training(held):
    for path in held.paths[:2]:
        path.write_bytes(b"no image")
    some = replace(held, pixels=None, unreadable=Unreadable(40, 0.03))
    with pytest.raises(UnreadableError, match="2 of 40 images cannot be read, more than MAX_UNREADABLE"):
        list(evaluation_batches(some, 8, World(), CPU, 1))


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_processes_that_inherit_nothing_decode_batches(held, method):
    before = multiprocessing.get_start_method()
    multiprocessing.set_start_method(method, force=True)
    try:
        read = list(evaluation_batches(replace(held, pixels=None), 32, World(), CPU, 1))
    finally:
        multiprocessing.set_start_method(before, force=True)
    assert same(read, list(evaluation_batches(held, 32, World(), CPU, 1)))


def test_an_image_is_moved_whole_and_mirrored_as_one():
    image = torch.zeros(1, 8, 8, 3, dtype=torch.uint8)
    image[0, 4, 2] = 255
    moved = shifted(image, torch.tensor([1]), torch.tensor([-1]), torch.tensor([True]))
    assert (moved[..., 0] > 0).nonzero().tolist() == [[0, 5, 6]]  # from (4, 2) to (5, 1), mirrored


def test_a_shift_reaches_an_eighth_of_the_side(held):
    plan = plan_epoch(held, 0, 1, "shift")
    down, right = plan.draws.down, plan.draws.right
    assert down is not None and right is not None and plan.draws.mirrored is None
    assert set(down.tolist()) == set(right.tolist()) == {-1, 0, 1}


def test_an_error_in_the_thread_that_prepares_batches_comes_out():
    def broken():
        yield 1
        raise OSError("gone")

    items = ahead(broken())
    assert next(items) == 1
    with pytest.raises(OSError, match="gone"):
        next(items)


def test_statistics_of_the_brightest_images_are_exact(held):
    bright = replace(held, pixels=torch.full((600, 4, 4, 3), 255, dtype=torch.uint8), size=4)
    bright = replace(bright, places=torch.arange(600), labels=torch.zeros(600, dtype=torch.int64))
    assert statistics(bright, World(), CPU, 1) == ([1.0] * 3, [1e-3] * 3)


def test_without_shared_memory_a_thread_decodes(held, monkeypatch):
    monkeypatch.setattr("loader.shared_memory", lambda _: 0)
    monkeypatch.setattr("torch.utils.data.dataloader._MultiProcessingDataLoaderIter", None)
    assert same(batches(replace(held, pixels=None)), batches(held))
