"""Label files instead of folders, and groups that are not divided."""

from collections import Counter
from pathlib import Path

import pytest
from groups import held_out

from conftest import write_images
from data import Split, split_folder
from errors import BadSettingError, ClassesError, NoDataError, TrainerError


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> Path:
    """Pictures of ten patients, whose folder says nothing about their class."""
    root = tmp_path_factory.mktemp("labels")
    return write_images(root / "data", {f"patient{number}": 4 for number in range(10)})


def labelled(pictures: Path, head: str = "path,label,patient", change=lambda lines: lines, encoding: str = "utf-8"):
    """Writes labels.csv; each patient has both classes."""
    lines = [f"patient{p}/{n:03}.png,{'cat' if n % 2 else 'dog'},p{p}" for p in range(10) for n in range(4)]
    separator = ";" if ";" in head else ","
    text = "\n".join([head, *(line.replace(",", separator) for line in change(lines))]) + "\n"
    (pictures / "labels.csv").write_text(text, encoding=encoding)


def with_last(value):
    """Changes the last column of each line, by its number."""
    return lambda lines: [f"{line.rpartition(',')[0]},{value(number)}" for number, line in enumerate(lines)]


def people(samples) -> set[str]:
    return {sample.path.parent.name for sample in samples}


def split(pictures: Path, seed: int = 0, group_by: str | None = None) -> Split:
    return split_folder(pictures, seed, 0.2, "labels.csv", group_by)


@pytest.mark.parametrize("head", ["path,label,patient", "path;label;patient", " path , label , patient "])
def test_a_file_says_the_classes(pictures, head):
    labelled(pictures, head, encoding="utf-8-sig")  # as spreadsheets write it
    found = split(pictures)
    assert found.classes == ("cat", "dog")
    assert (len(found.training), len(found.validation)) == (32, 8)
    assert all(sample.label == (int(sample.path.stem) % 2 == 0) for sample in found.training)


def test_a_column_says_what_is_for_what(pictures):
    parts = ["train", "Val", "test", "training_set"]
    labelled(pictures, "path,label,split", with_last(lambda number: parts[number % 4]))
    found = split(pictures)
    assert (len(found.training), len(found.validation), len(found.test)) == (20, 10, 10)


def refused(pictures: Path, kind: type[TrainerError], group_by: str | None = None) -> str:
    with pytest.raises(kind) as caught:
        split(pictures, group_by=group_by)
    return str(caught.value)


@pytest.mark.parametrize(
    ("line", "kind", "message"),
    [
        ("nobody/000.png,cat,p0", NoDataError, "labels.csv, line 42: no file 'nobody/000.png' in"),
        ("patient0/000.png,cat,p0", ClassesError, "line 42: 'patient0/000.png' is already on line 2"),
        ("../data/patient0/000.png,cat,p0", NoDataError, "must be a relative path inside DATA_DIR"),
        ("/patient0/000.png,cat,p0", NoDataError, "must be a relative path inside DATA_DIR"),
        ("patient0/000.png,,p0", ClassesError, "line 42: 'patient0/000.png' has no label"),
    ],
)
def test_a_wrong_line_is_named(pictures, line, kind, message):
    labelled(pictures, change=lambda lines: [*lines, line])
    assert message in refused(pictures, kind)


def test_a_file_that_is_not_there_and_columns_that_are_not_there_are_named(pictures):
    (pictures / "labels.csv").unlink(missing_ok=True)
    assert "LABELS is 'labels.csv', but" in refused(pictures, BadSettingError)
    labelled(pictures, "image_id,label,patient")
    assert "has no column 'path' (columns: image_id, label, patient)" in refused(pictures, BadSettingError)
    labelled(pictures, "path,label,split")
    assert "labels.csv, line 2: the split is 'p0'; known: train, val, test" in refused(pictures, ClassesError)
    labelled(pictures, change=lambda lines: [line.replace("dog", "cat") for line in lines])
    assert "has 1 class ('cat') to train on" in refused(pictures, ClassesError)
    labelled(pictures, change=lambda lines: [*lines, '"' + "x" * 200_000])
    assert "cannot be read as CSV after line 41 (field larger than" in refused(pictures, BadSettingError)
    labelled(pictures, change=lambda lines: [*lines, "x" * 1000 + ",cat,p0"])
    assert "line 42: no file 'xxx" in refused(pictures, NoDataError)
    labelled(pictures, change=lambda lines: [])
    assert "lists no images" in refused(pictures, NoDataError)


def test_values_and_columns_that_would_be_dropped_are_named(pictures):
    labelled(
        pictures, change=lambda lines: [lines[0].replace("dog", "dog, brown"), *lines[1:], "patient1/003.png,cat,,,"]
    )
    message = "line 2 has more values than columns ('p0' is one too many); quote values that contain"
    assert message in refused(pictures, BadSettingError)
    labelled(pictures, "path,label,label")
    assert "has 2 columns 'label'; keep one of them" in refused(pictures, BadSettingError)


def test_empty_columns_of_a_spreadsheet_are_nothing(pictures):
    labelled(pictures, "path,label,,", with_last(lambda _: ",,"))
    assert split(pictures).classes == ("cat", "dog")


@pytest.mark.parametrize("group_by", ["patient", "1"])
def test_no_group_is_on_both_sides(pictures, group_by):
    labelled(pictures)
    for seed in range(3):
        found = split(pictures, seed, group_by)
        assert people(found.training) & people(found.validation) == set()
        assert len(found.validation) == 8
    assert split(pictures, 0, group_by) == split(pictures, 0, group_by)
    assert len({frozenset(people(split(pictures, seed, group_by).validation)) for seed in range(5)}) > 1


def test_groups_are_folders_within_those_of_the_classes(tmp_path):
    for name in ("cat", "dog"):
        write_images(tmp_path / name, {f"patient{number}": 2 for number in range(5)})
    found = split_folder(tmp_path, 0, 0.2, group_by="1")
    assert people(found.training) & people(found.validation) == set()
    assert len(found.validation) == 4
    with pytest.raises(ClassesError, match=r"GROUP_BY is 2, but .* is 1 folder below"):
        split_folder(tmp_path, 0, 0.2, group_by="2")


def test_groups_that_are_not_there_are_refused(pictures):
    labelled(pictures)
    assert "it must be a folder level (a whole number of at least 1) or a column of LABELS, which has label, pat" in (
        refused(pictures, BadSettingError, "doctor")
    )
    assert "GROUP_BY is '0'" in refused(pictures, BadSettingError, "0")
    with pytest.raises(BadSettingError, match="of LABELS, which is not set"):
        split_folder(pictures, 0, 0.2, group_by="patient")
    labelled(pictures, change=lambda lines: [*lines[:-1], lines[-1].replace("p9", "")])
    assert "LABELS, line 41: the column 'patient' is empty" in refused(pictures, ClassesError, "patient")
    labelled(pictures, change=with_last(lambda _: "p"))
    assert "makes 1 group, and holding out any of them" in refused(pictures, ClassesError, "patient")


def test_groups_beside_data_that_is_split_are_refused(pictures):
    labelled(pictures, "path,label,split", with_last(lambda number: "val" if number < 8 else "train"))
    assert "the data already has a validation part" in refused(pictures, BadSettingError, "1")


def test_groups_of_unequal_size_are_held_out_near_the_share():
    sizes = [40, 1, 1, 2, 3, 5, 8, 13, 21, 6]
    groups = {f"g{place}": Counter(cat=size, dog=size) for place, size in enumerate(sizes)}
    for seed in range(20):
        taken = sum(groups[name]["cat"] for name in held_out(groups, seed, 0.2))
        assert 10 <= taken <= 30


def test_no_class_loses_all_its_images_to_validation():
    groups = {"a": Counter(cat=5), "b": Counter(dog=5), "c": Counter(dog=5)}
    for seed in range(20):
        assert held_out(groups, seed, 0.9) in ({"b"}, {"c"})


def test_most_groups_stay_on_their_side_when_others_are_added():
    groups = {f"g{place}": Counter(cat=2) for place in range(50)}
    before = held_out(groups, 0, 0.2)
    after = held_out({**groups, "new": Counter(cat=2)}, 0, 0.2)
    assert len(before ^ after) <= 3
