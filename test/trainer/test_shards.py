import io
import json
import tarfile
from pathlib import Path

import pytest
import torch

import data
import training
from batches import streamed
from decode import read_pixels
from errors import INTERRUPTED_STATUS, BadSettingError, ClassesError, NoDataError, TrainerError, UnreadableError
from shards import find_shards


def pack(shard: Path, members: dict[str, bytes | Path]) -> Path:
    shard.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(shard, "w") as tar:
        for name, content in members.items():
            content = content.read_bytes() if isinstance(content, Path) else content
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return shard


def pack_folder(images: Path, root: Path, prefix: str = "shard-", each: int = 16) -> Path:
    """Shards of `each` images of class folders; label 0 is the first folder, and the classes are mixed."""
    folders = sorted(path for path in images.iterdir() if path.is_dir())
    found = sorted((path.name, number, path) for number, folder in enumerate(folders) for path in folder.iterdir())
    for first in range(0, len(found), each):
        members: dict[str, bytes | Path] = {}
        for name, label, path in found[first : first + each]:
            key = f"{label}-{name.partition('.')[0]}"
            members |= {f"{key}.png": path, f"{key}.cls": str(label).encode()}
        pack(root / f"{prefix}{first:04}.tar", members)
    return root


@pytest.fixture
def shards(images: Path, tmp_path: Path) -> Path:
    return pack_folder(images, tmp_path / "shards")


@pytest.fixture
def png(images: Path) -> Path:
    return images / "cat" / "000.png"


def split(root: Path, **settings: str):
    return data.split_folder(root, 0, 0.25, listings=root.parent / "listings", **settings)


def test_shards_hold_the_pixels_and_labels_that_folders_hold(images, shards):
    (shards / "classes.txt").write_text("cat\ndog\n")
    packed, loose = split(shards), split(images)
    assert packed.classes == loose.classes == ("cat", "dog")

    def contents(one):
        return sorted((s.label, read_pixels(s.path, 8).tobytes()) for s in (*one.training, *one.validation))

    assert contents(packed) == contents(loose)
    assert (len(packed.training), len(packed.validation)) == (len(loose.training), len(loose.validation))


def test_the_side_of_an_image_does_not_depend_on_where_it_lies_in_its_shard(tmp_path, png):
    def held_out(name: str, more: dict[str, bytes | Path]) -> list[str]:
        pairs: dict[str, bytes | Path] = {}
        for key in range(8):
            pairs |= {f"{key}.png": png, f"{key}.cls": str(key % 2).encode()}
        pack(tmp_path / name / "a.tar", {**more, **pairs})
        return [sample.path.name.partition("@")[0] for sample in split(tmp_path / name).validation]

    assert held_out("first", {}) == held_out("second", {"0.txt": b"a caption"})


@pytest.mark.parametrize("names", [("train-{}", "val-{}"), ("train/{}", "val/{}")])
def test_shards_that_say_their_part_are_split_by_it(images, tmp_path, names):
    root = tmp_path / "shards"
    for name, number in zip(names, (0, 1), strict=True):
        pack_folder(images, root, name.format(number), each=40)
    found = split(root)
    assert (len(found.training), len(found.validation)) == (40, 40)
    assert not {sample.path for sample in found.training} & {sample.path for sample in found.validation}


def test_labels_of_json_are_names_and_folders_of_members_are_groups(tmp_path, png):
    members: dict[str, bytes | Path] = {}
    for number in range(12):
        key = f"p{number // 2}/{number}"
        members |= {f"{key}.PNG": png, f"{key}.json": json.dumps({"label": "ab"[number % 2]}).encode()}
    half = dict(list(members.items())[:11]), dict(list(members.items())[11:])
    pack(tmp_path / "shards" / "a.tar", {**half[0], "p5/11.cls": b""} if False else members)
    found = split(tmp_path / "shards", group_by="1")
    sides = [{sample.path.parent.name for sample in part} for part in (found.training, found.validation)]
    assert found.classes == ("a", "b")
    assert sides[1] and not sides[0] & sides[1]


def test_classes_that_are_numbers_follow_one_another_as_numbers(tmp_path, png):
    members = {
        f"{n}.{kind}": png if kind == "png" else str(n // 2).encode() for n in range(22) for kind in ("png", "cls")
    }
    pack(tmp_path / "shards" / "a.tar", members)
    assert split(tmp_path / "shards").classes[8:] == ("8", "9", "10")


PAIRS = ("0.png", "0.cls", "1.png", "1.cls")
REFUSED = {
    "an image without a label": ({"2.png": b"x"}, ClassesError, r"2\.png has no label"),
    "a label without an image": ({"2.cls": b"1"}, ClassesError, "'2' has a label but no image"),
    "two images of one key": ({"1.jpg": b"x"}, ClassesError, "both images of '1'"),
    "a negative label": ({"2.png": b"x", "2.cls": b"-1"}, ClassesError, "label -1"),
    "a label beyond classes.txt": (
        {"2.png": b"x", "2.cls": b"2"},
        ClassesError,
        "label 2, but classes.txt has 2 lines",
    ),
    "a label that is no name": ({"2.png": b"x", "2.json": b'{"label": [1]}'}, ClassesError, r"label \[1\]"),
    "JSON without a label": ({"2.png": b"x", "2.json": b'{"width": 8}'}, ClassesError, "no label"),
    "broken JSON": ({"2.png": b"x", "2.json": b"{"}, ClassesError, "2.json cannot be read"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_by_name(tmp_path, png, case):
    more, kind, message = REFUSED[case]
    pairs = {name: png if name.endswith("png") else name[:1].encode() for name in PAIRS}
    pack(tmp_path / "shards" / "a.tar", {**pairs, **more})
    (tmp_path / "shards" / "classes.txt").write_text("cat\ndog\n")
    with pytest.raises(kind, match=message) as error:
        split(tmp_path / "shards")
    assert "a.tar" in str(error.value)


@pytest.mark.parametrize("length", [0, 300, 700, 2560, 5120])
def test_a_shard_that_is_cut_off_anywhere_is_refused(shards, length):
    shard = sorted(shards.iterdir())[0]
    shard.write_bytes(shard.read_bytes()[:length])
    with pytest.raises(UnreadableError, match=r"shard-0000\.tar is damaged or truncated"):
        split(shards)


@pytest.mark.parametrize("name", ["a.tar.gz", "a.tgz", "b.tar"])
def test_a_compressed_shard_is_refused_whatever_its_name(tmp_path, shards, name):
    with tarfile.open(shards / name, "w:gz"):
        pass
    with pytest.raises(TrainerError, match=f"{name} is compressed"):
        split(shards)


def test_what_cannot_go_with_shards_is_refused(shards, png):
    with pytest.raises(BadSettingError, match=r"LABELS is 'labels\.csv', but .* has tar shards"):
        split(shards, labels="labels.csv")
    pack(shards / "train-0.tar", {"0.png": png, "0.cls": b"0"})
    with pytest.raises(ClassesError, match=r"the name of .*shard-0000\.tar says no part"):
        split(shards)


def test_a_shard_without_images_is_refused(shards):
    pack(shards / "empty.tar", {"0.npy": b"x", "0.cls": b"0"})
    with pytest.raises(NoDataError, match=r"empty\.tar has no images, only \.npy"):
        split(shards)


def test_an_archive_beside_class_folders_is_not_the_data(images, shards):
    (images / "old.tar").write_bytes(b"not even a tar")
    assert find_shards(images, shards.parent / "listings") is None


def test_a_shard_is_listed_once_a_host_and_again_when_it_changes(shards, png, monkeypatch):
    first = split(shards)
    with monkeypatch.context() as patch:
        patch.setattr("shards.read_shard", lambda _: pytest.fail("listed again"))
        assert split(shards) == first
    pack(shards / "shard-0000.tar", {f"{n}.{k}": png if k == "png" else b"0" for n in range(3) for k in ("png", "cls")})
    assert len(split(shards).training) < len(first.training)


def test_a_shuffle_buffer_moves_images_no_further_than_it_is_large():
    shards, places = torch.arange(60) // 20, torch.arange(60)
    order = streamed(shards, places, 5, torch.Generator().manual_seed(0))
    drawn = order.argsort().double()
    turns = sorted(range(3), key=lambda shard: float(drawn[shards == shard].mean()))
    straight = torch.cat([places[shards == turn] for turn in turns])
    moved = (order.argsort() - straight.argsort()).abs()
    assert order.sort().values.equal(places)
    assert 0 < moved.max() <= 5


@pytest.mark.parametrize("held", [True, False])
def test_stopped_within_an_epoch_of_shards_it_goes_on_bit_for_bit(run, shards, monkeypatch, held):
    if not held:
        monkeypatch.setattr("cache.shutil.disk_usage", lambda _: type("Usage", (), {"free": 1000}))
    settings = {"DATA_DIR": shards, "SHUFFLE_BUFFER": 4, "SAMPLING": "balanced", "CLASS_WEIGHTS": "balanced"}
    whole = run("whole", **settings)
    asked = iter([False, True])
    with monkeypatch.context() as patch:
        patch.setattr(training, "asked_to_stop", lambda: next(asked))
        assert run("parts", **settings).status == INTERRUPTED_STATUS
    parts = run("parts", **settings)
    assert (whole.status, parts.status) == (0, 0)
    assert parts.metrics == whole.metrics
    first, second = (one.folder / "model" / "model.safetensors" for one in (whole, parts))
    assert first.read_bytes() == second.read_bytes()
