"""Which folders are classes, and which are parts of a data set that comes already split."""

import os
from pathlib import Path

import pytest

from conftest import write_images
from errors import ClassesError, NoDataError
from folders import Layout, find_layout

TWO = {"cat": 2, "dog": 2}


def parts(root: Path) -> tuple[int, int | None, int | None]:
    """Images of each part."""
    layout = find_layout(root)
    training, validation, test = (
        None if part is None else sum(len(one.paths) for one in part.values())
        for part in (layout.training, layout.validation, layout.test)
    )
    assert training is not None
    return training, validation, test


def layout_of(root: Path, *folders: str) -> Layout:
    for folder in folders:
        write_images(root / folder, TWO)
    return find_layout(root)


@pytest.mark.parametrize(
    ("training", "validation"),
    [
        ("train", "val"),
        ("Train", "Val"),
        ("TRAINING", "Validation"),
        ("training_set", "valid-set"),
        ("train data", "eval"),
        ("trainset", "dev"),
    ],
)
def test_a_split_is_known_by_many_names(tmp_path, training, validation):
    write_images(tmp_path / training, {"cat": 3, "dog": 3})
    write_images(tmp_path / validation, {"cat": 1, "dog": 2})
    assert parts(tmp_path) == (6, 3, None)


@pytest.mark.parametrize(
    ("training", "test"), [("train", "test"), ("Training", "Testing"), ("training_set", "test_set")]
)
def test_a_test_folder_is_kept_apart_and_validates_nothing(tmp_path, training, test):
    write_images(tmp_path / training, {"cat": 3, "dog": 3})
    write_images(tmp_path / test, {"cat": 1, "dog": 2})
    assert parts(tmp_path) == (6, None, 3)


def test_all_three_parts(tmp_path):
    layout_of(tmp_path, "train", "val", "test")
    assert parts(tmp_path) == (4, 4, 4)


def test_a_class_called_train_is_a_class(tmp_path):
    assert set(find_layout(write_images(tmp_path / "vehicles", {"car": 4, "train": 4})).training) == {"car", "train"}


def test_a_class_called_train_with_folders_of_its_own_is_a_class_beside_others(tmp_path):
    write_images(tmp_path / "train", {"steam": 2, "electric": 2})
    write_images(tmp_path / "car", {"van": 2, "taxi": 2})
    assert set(find_layout(tmp_path).training) == {"car", "train"}


def test_a_part_without_class_folders_is_named_and_not_used(tmp_path):
    write_images(tmp_path / "train", TWO)
    write_images(tmp_path, {"test": 3})
    layout = find_layout(tmp_path)
    assert layout.test is None
    assert layout.notes == (f"{tmp_path / 'test'} is not used: it has no class folders",)


def test_a_folder_beside_the_parts_is_named_and_not_used(tmp_path):
    layout = layout_of(tmp_path, "train", "val", "extra")
    assert layout.notes == (f"{tmp_path / 'extra'} is not used: it stands beside a folder of training data",)


def test_two_folders_of_one_part_are_refused(tmp_path):
    with pytest.raises(ClassesError, match="'val' and 'valid', which both mean validation; keep one"):
        layout_of(tmp_path, "train", "val", "valid")


@pytest.mark.parametrize("names", [("part 1", "part 2"), ("val", "test"), ("learn", "check")])
def test_classes_that_hold_the_same_folders_are_refused(tmp_path, names):
    with pytest.raises(ClassesError, match=r"have the same subfolders \(cat, dog\)|no training folder"):
        layout_of(tmp_path, *names)


def test_classes_that_are_split_inside_are_refused(tmp_path):
    with pytest.raises(ClassesError, match=r"have the same subfolders \(train, val\)"):
        for name in ("cat", "dog"):
            write_images(tmp_path / name, {"train": 2, "val": 1})
        find_layout(tmp_path)


def test_train_against_test_without_classes_is_refused(tmp_path):
    with pytest.raises(ClassesError, match="no training folder; add one with a folder of images per class"):
        find_layout(write_images(tmp_path / "data", {"train": 4, "test": 2}))


def test_one_inner_folder_a_class_is_no_split(tmp_path):
    for name in ("cat", "dog"):
        write_images(tmp_path / name, {"images": 2})
    assert set(find_layout(tmp_path).training) == {"cat", "dog"}


def test_a_folder_around_the_classes_is_named(tmp_path):
    layout = tmp_path / "archive"
    write_images(layout, TWO)
    with pytest.raises(ClassesError, match=f"set DATA_DIR to {layout} if its folders are the classes"):
        find_layout(tmp_path)


def test_an_empty_class_folder_is_named(tmp_path):
    root = write_images(tmp_path / "data", TWO)
    (root / "cow").mkdir()
    assert find_layout(root).notes == (f"{root / 'cow'} has no images, so it is not a class",)
    with pytest.raises(ClassesError, match=r"only one class.*'dog' has none"):
        root = write_images(tmp_path / "one", {"cat": 2})
        (root / "dog").mkdir()
        find_layout(root)


def test_no_images_at_all(tmp_path):
    with pytest.raises(NoDataError, match="no images in"):
        find_layout(tmp_path)


@pytest.mark.parametrize("target", [".", "..", "../..", "loop"])
def test_a_link_that_leads_back_adds_nothing(tmp_path, target):
    root = write_images(tmp_path / "data", TWO)
    (root / "cat" / "loop").symlink_to(target)
    (root / "all").symlink_to(".")
    assert parts(root) == (4, None, None)
    assert set(find_layout(root).training) == {"cat", "dog"}


def test_a_link_to_another_folder_is_followed_once(tmp_path):
    root = write_images(tmp_path / "data", TWO)
    more = write_images(tmp_path / "elsewhere", {"more": 3}) / "more"
    for name in ("a", "b"):
        (root / "cat" / name).symlink_to(more)
    assert parts(root) == (7, None, None)


def test_a_pipe_is_no_image(tmp_path):
    root = write_images(tmp_path / "data", TWO)
    os.mkfifo(root / "cat" / "pipe.png")
    assert parts(root) == (4, None, None)


def test_a_class_in_latin_1_has_a_name_that_can_be_written(tmp_path):
    root = write_images(tmp_path / "data", TWO)
    os.rename(root / "dog", os.fsencode(root) + b"/caf\xe9")
    assert set(find_layout(root).training) == {"cat", "café"}


def test_an_accent_kept_apart_is_the_same_class(tmp_path):
    write_images(tmp_path / "train", {"cafe\u0301": 2, "bar": 2})
    write_images(tmp_path / "val", {"caf\u00e9": 2, "bar": 2})
    layout = find_layout(tmp_path)
    assert layout.validation is not None
    assert set(layout.training) == set(layout.validation) == {"caf\u00e9", "bar"}


def test_a_validation_class_that_is_not_trained_is_refused(tmp_path):
    from data import split_folder

    write_images(tmp_path / "train", TWO)
    write_images(tmp_path / "val", {"cow": 2})
    with pytest.raises(ClassesError, match="val/cow is a class that the training data does not have"):
        split_folder(tmp_path, 0, 0.2)
