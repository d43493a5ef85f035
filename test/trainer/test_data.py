import shutil
from collections import Counter

import pytest
from PIL import Image

import data
from conftest import write_images
from decode import image_size


def names(samples) -> list[str]:
    return [f"{sample.path.parent.name}/{sample.path.name}" for sample in samples]


def test_each_class_gives_its_share_to_validation(tmp_path):
    split = data.split_folder(write_images(tmp_path / "a", {"cat": 40, "dog": 10}), seed=0, validation_share=0.2)
    assert Counter(sample.label for sample in split.validation) == {0: 8, 1: 2}
    assert Counter(sample.label for sample in split.training) == {0: 32, 1: 8}


def test_an_image_is_on_one_side_only(images):
    split = data.split_folder(images, seed=0, validation_share=0.5)
    assert not set(names(split.training)) & set(names(split.validation))


def test_the_split_depends_on_the_seed(images):
    first, second = (data.split_folder(images, seed, 0.2) for seed in (0, 1))
    assert names(first.validation) != names(second.validation)


def test_the_split_does_not_depend_on_where_or_in_what_order_files_were_written(images, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    for path in sorted(images.rglob("*.png"), reverse=True):
        target = elsewhere / path.relative_to(images)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    first, second = (data.split_folder(root, 0, 0.2) for root in (images, elsewhere))
    assert names(first.training) == names(second.training)
    assert names(first.validation) == names(second.validation)


def test_images_of_one_name_in_several_folders_of_a_class_are_split_each_by_itself(tmp_path):
    for folder in range(20):
        write_images(tmp_path / "data" / "cat", {f"shoot {folder}": 1})
        write_images(tmp_path / "data" / "dog", {f"walk {folder}": 1})
    held_out = [data.split_folder(tmp_path / "data", seed, 0.5).validation for seed in (0, 1)]
    assert [len(some) for some in held_out] == [20, 20]
    # By name alone all images would have the same key, and every seed the same split.
    assert held_out[0] != held_out[1]


def test_the_commonest_size_is_the_default_and_not_the_first(tmp_path):
    root = write_images(tmp_path / "data", {"cat": 6, "dog": 6}, size=16)
    Image.new("RGB", (4, 5)).save(root / "cat" / "000.png")
    assert image_size(root / "cat" / "000.png") == (4, 5)
    assert data.common_side(data.split_folder(root, 0, 0.2)) == 16


def test_the_default_size_does_not_depend_on_the_split(tmp_path):
    root = write_images(tmp_path / "data", {"cat": 3, "dog": 3}, size=16)
    for path in (root / "cat").iterdir():
        Image.new("RGB", (12, 40)).save(path)
    assert {data.common_side(data.split_folder(root, seed, 0.5)) for seed in range(5)} == {16}


def test_images_to_test_on_are_neither_trained_nor_validated_on(tmp_path):
    write_images(tmp_path / "train", {"cat": 10, "dog": 10})
    write_images(tmp_path / "test", {"cat": 2, "dog": 2})
    split = data.split_folder(tmp_path, seed=0, validation_share=0.2)
    assert (len(split.training), len(split.validation), len(split.test)) == (16, 4, 4)
    assert {path.parent.parent.name for path in split.seen} == {"train"}


@pytest.mark.parametrize(
    ("trained", "augment", "stored"),
    [
        (100, "crop_flip", 115),
        (100, "trivial", 115),
        (190, "crop", 200),  # no image has more
        (200, "crop", 200),
        (300, "crop", 300),
        (100, "shift_flip", 100),
    ],
)
def test_random_crops_are_taken_from_larger_images_where_there_are(tmp_path, trained, augment, stored):
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
        for number in range(4):
            Image.new("RGB", (200, 300)).save(tmp_path / name / f"{number}.png")
    assert data.stored_size(data.split_folder(tmp_path, 0, 0.25), trained, augment) == stored


def test_images_held_out_are_decoded_at_a_size_of_their_own(tmp_path):
    root = write_images(tmp_path / "data", {"cat": 5, "dog": 5}, size=16)
    images = data.load(data.split_folder(root, 0, 0.2), data.Sizes(8, 9, 12), tmp_path / "cache", 1)
    sizes = [part.pixels.shape for part in (images.training, images.validation) if part.pixels is not None]
    assert sizes == [(8, 9, 9, 3), (2, 12, 12, 3)]
    assert images.decoded.bytes == 3 * (8 * 81 + 2 * 144)
    alike = data.load(data.split_folder(root, 0, 0.2), data.Sizes(8, 8, 8), tmp_path / "cache", 1)
    assert alike.training.pixels is alike.validation.pixels
