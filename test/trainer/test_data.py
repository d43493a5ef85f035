import shutil
from collections import Counter

import pytest
from PIL import Image

import data
from conftest import write_images
from errors import ClassesError
from images import read_image


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


@pytest.mark.parametrize("name", ["val", "valid", "validation", "test"])
def test_folders_for_training_and_validation_are_taken_as_they_are(tmp_path, name):
    write_images(tmp_path / "train", {"cat": 3, "dog": 3})
    write_images(tmp_path / name, {"cat": 1, "dog": 2})
    split = data.split_folder(tmp_path, seed=0, validation_share=0.5)
    assert (len(split.training), len(split.validation)) == (6, 3)


def test_a_class_called_train_is_a_class(tmp_path):
    split = data.split_folder(write_images(tmp_path / "vehicles", {"car": 4, "train": 4}), 0, 0.25)
    assert split.classes == ("car", "train")


def test_a_validation_class_that_is_not_trained_is_refused(tmp_path):
    write_images(tmp_path / "train", {"cat": 2, "dog": 2})
    write_images(tmp_path / "val", {"cow": 2})
    with pytest.raises(ClassesError, match="class 'cow'"):
        data.split_folder(tmp_path, 0, 0.2)


def test_sixteen_bit_grey_keeps_its_picture(tmp_path):
    Image.new("I;16", (4, 4), 0x8000).save(tmp_path / "grey.png")
    assert read_image(tmp_path / "grey.png", 4).unique().tolist() == [0x80]


def test_a_wide_image_gives_its_centre(tmp_path):
    image = Image.new("RGB", (24, 8), "black")
    image.paste((255, 255, 255), (8, 0, 16, 8))
    image.save(tmp_path / "wide.png")
    assert read_image(tmp_path / "wide.png", 8).min() == 255
