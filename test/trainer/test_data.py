import shutil
from collections import Counter

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
    assert data.default_image_size(data.split_folder(root, 0, 0.2)) == 16


def test_the_default_size_does_not_depend_on_the_split(tmp_path):
    root = write_images(tmp_path / "data", {"cat": 3, "dog": 3}, size=16)
    for path in (root / "cat").iterdir():
        Image.new("RGB", (12, 40)).save(path)
    assert {data.default_image_size(data.split_folder(root, seed, 0.5)) for seed in range(5)} == {16}


def test_images_to_test_on_are_neither_trained_nor_validated_on(tmp_path):
    write_images(tmp_path / "train", {"cat": 10, "dog": 10})
    write_images(tmp_path / "test", {"cat": 2, "dog": 2})
    split = data.split_folder(tmp_path, seed=0, validation_share=0.2)
    assert (len(split.training), len(split.validation), len(split.test)) == (16, 4, 4)
    assert {path.parent.parent.name for path in split.seen} == {"train"}
