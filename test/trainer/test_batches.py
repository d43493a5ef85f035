from dataclasses import replace

import pytest
import torch

import data
from batches import Images, augmented, plan_epoch, steps_of, training_batches
from loader import ahead
from world import World

CPU = torch.device("cpu")


@pytest.fixture
def held(images, tmp_path) -> Images:
    training, _, _ = data.load(data.split_folder(images, 0, 0.2), 8, tmp_path / "cache", 1, 1, 0.0)
    return training


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


def test_a_last_batch_of_one_image_is_left_out():
    assert [steps_of(count, 8) for count in (1, 8, 9, 10, 16)] == [1, 1, 1, 2, 2]


def test_an_image_is_moved_whole_and_mirrored_as_one():
    image = torch.zeros(1, 8, 8, 3, dtype=torch.uint8)
    image[0, 4, 2] = 255
    moved = augmented(image, torch.tensor([1]), torch.tensor([-1]), torch.tensor([True]))
    assert (moved[..., 0] > 0).nonzero().tolist() == [[0, 5, 6]]  # from (4, 2) to (5, 1), mirrored


def test_a_shift_reaches_an_eighth_of_the_side(held):
    plan = plan_epoch(held, 0, 1, "shift")
    assert plan.down is not None and plan.right is not None and plan.mirrored is None
    assert set(plan.down.tolist()) == set(plan.right.tolist()) == {-1, 0, 1}


def test_an_error_in_the_thread_that_prepares_batches_comes_out():
    def broken():
        yield 1
        raise OSError("gone")

    items = ahead(broken())
    assert next(items) == 1
    with pytest.raises(OSError, match="gone"):
        next(items)
