"""Tar shards in WebDataset's layout: `000001.jpg` and `000001.cls` in one archive are an image and its label.

Shards are listed once a host and read in place (tar_files.py), so all that folders of images have, such as the split by
the seed, class weights and resuming in the middle of an epoch, is had by shards too.
"""

import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import tar_files
from cache import locked, remove_old, usable
from errors import ClassesError, NoDataError
from files import write_whole
from folders import SUFFIXES, Classes, ClassFolder, Layout, class_name, holds_images, part_of, visible_folders

# Part of the digest of a listing: increase it when the listing's form changes.
VERSION = 1
# A line a class, for labels that are numbers from 0.
NAMES = "classes.txt"
COMPRESSED = re.compile(r"\.(tgz|tbz2?|txz|tzst|tar\.(gz|bz2|xz|zst|lz4))$", re.IGNORECASE)
# The part of a shard's name that counts: train-000017.tar, imagenet_val.0003.tar.
NUMBER = re.compile(r"[-_.]?\d+$")
# Fields whose values have a label: a whole text, or the member "label" of a JSON object.
TEXT_LABEL, JSON_LABEL = "cls", "json"
MAX_LABEL_BYTES = 1 << 20
NAMED = 5


@dataclass(frozen=True)
class Listing:
    """A shard's `images`: name, offset, size and label of each; `unused`: how many members have another extension."""

    images: list[tuple[str, int, int, str]]
    unused: dict[str, int]


def find_shards(root: Path, cache: Path) -> Layout | None:
    """The layout of a folder of shards; None for one that has none, or that has image files.

    Raises NoDataError, ClassesError or UnreadableError, naming the shard and the member.
    """
    if not root.is_dir():
        return None
    found, packed = archives(root)
    if not (found or packed) or holds_images(root):
        return None
    if packed:
        raise NoDataError(f"{packed[0]} is compressed, so its images cannot be found; decompress it to a plain .tar")
    parts = by_part(root, found)
    known = class_list(root / NAMES)
    unused: Counter[str] = Counter()
    classes: dict[str, Classes] = {}
    with usable(cache) as folder:
        for part, shards in parts.items():
            paths: dict[str, list[Path]] = {}
            for shard in shards:
                listing = listed(shard, folder)
                unused.update(listing.unused)
                for name, offset, size, label in listing.images:
                    paths.setdefault(named(label, known, shard, name), []).append(
                        tar_files.member_path(shard, name, offset, size)
                    )
            classes[part] = {name: ClassFolder(root, paths[name]) for name in sorted(paths, key=by_number)}
    training = classes["training"]
    if len(training) < 2:
        raise ClassesError(
            f"the shards in {root} have only one class ({next(iter(training))!r}); training needs at least two"
        )
    notes = tuple(f"the shards' .{kind} members are not used ({count:,})" for kind, count in sorted(unused.items()))
    return Layout(training, classes.get("validation"), classes.get("test"), notes)


def archives(root: Path) -> tuple[list[Path], list[Path]]:
    """Plain and compressed archives in `root` and in its folders that are named as parts of the data, by name."""
    folders = [root, *(folder for folder in visible_folders(root) if part_of(folder.name))]
    files = sorted(
        Path(entry.path)
        for folder in folders
        for entry in os.scandir(folder)
        if not entry.name.startswith(".") and entry.is_file()
    )
    plain = [file for file in files if file.suffix.lower() == tar_files.SUFFIX]
    return plain, [file for file in files if COMPRESSED.search(file.name)]


def by_part(root: Path, shards: list[Path]) -> dict[str, list[Path]]:
    """Shards by part: by the folder that they lie in or by their names; where none says a part, all are for training.

    Raises ClassesError where some say one and others do not, or none is for training.
    """
    said = {shard: part_said(root, shard) for shard in shards}
    if not any(said.values()):
        return {"training": shards}
    silent = next((shard for shard, part in said.items() if part is None), None)
    if silent is not None:
        other = next(shard for shard, part in said.items() if part is not None)
        raise ClassesError(
            f"{other} is for {said[other]}, but the name of {silent} says no part; name every shard train-N.tar, "
            "val-N.tar or test-N.tar, or put them in folders named train, val and test"
        )
    parts: dict[str, list[Path]] = {}
    for shard, part in said.items():
        parts.setdefault(str(part), []).append(shard)
    if "training" not in parts:
        raise ClassesError(f"{root} has shards for {' and '.join(parts)} but none for training; add train-N.tar")
    return parts


def part_said(root: Path, shard: Path) -> str | None:
    if shard.parent != root:
        return part_of(shard.parent.name)
    return part_of(NUMBER.sub("", shard.stem))


def class_list(file: Path) -> list[str] | None:
    """The lines of classes.txt, where there is one. Raises ClassesError for a line that is empty or there twice."""
    try:
        names = [class_name(line.strip()) for line in file.read_text(encoding="utf-8-sig").splitlines()]
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise ClassesError(
            f"{file} cannot be read as UTF-8 text ({error}); it must have one class name per line"
        ) from error
    wrong = next((number for number, name in enumerate(names, 1) if not name or names.index(name) < number - 1), None)
    if wrong is not None or not names:
        said = repr(names[wrong - 1]) if wrong and names[wrong - 1] else "nothing"
        raise ClassesError(f"{file}, line {wrong or 1} has {said}; each line must name a different class")
    return names


def named(label: str, known: list[str] | None, shard: Path, name: str) -> str:
    """The class of a label: itself, or its line of classes.txt. Raises ClassesError for one out of range."""
    number = int(label) if re.fullmatch(r"-?\d{1,9}", label) else None
    if number is not None and number < 0:
        raise ClassesError(f"{shard}: {name} has the label {label}; labels are whole numbers from 0, or names")
    if known is None:
        return label if number is None else str(number)
    if number is None:
        if label not in known:
            raise ClassesError(f"{shard}: {name} has the label {label!r}, which is not in {NAMES}")
        return label
    if number >= len(known):
        raise ClassesError(
            f"{shard}: {name} has the label {number}, but {NAMES} has {len(known)} lines, "
            f"for labels 0 to {len(known) - 1}"
        )
    return known[number]


def by_number(name: str) -> tuple[int, str]:
    """Class 10 comes after class 9, as its label says."""
    return (int(name), "") if name.isdecimal() else (0, name)


def listed(shard: Path, folder: Path) -> Listing:
    """What a shard has, from the listing kept in `folder`, or read from the shard and kept there."""
    info = os.stat(shard)
    identity = f"{VERSION}\0{os.path.abspath(shard)}\0{info.st_size}\0{info.st_mtime_ns}"
    file = folder / f"{hashlib.sha256(os.fsencode(identity)).hexdigest()[:32]}.json"
    with locked(file.with_suffix(".lock")):
        with suppress(OSError, ValueError, KeyError):
            kept = json.loads(file.read_text())
            os.utime(file)  # marks it as used
            return Listing([tuple(image) for image in kept["images"]], kept["unused"])
        listing = read_shard(shard)
        remove_old(folder)
        content = json.dumps({"images": listing.images, "unused": listing.unused})
        with suppress(OSError):  # a full disk: it is read again the next time
            write_whole(file, lambda target: target.write(content.encode()))
    return listing


def read_shard(shard: Path) -> Listing:
    """Pairs images with labels. Raises ClassesError or NoDataError for an image or a label that is alone."""
    images: dict[str, tuple[str, int, int]] = {}
    labels: dict[str, str] = {}
    unused: Counter[str] = Counter()
    for name, offset, size in shown(shard):
        key, kind = parts_of(name)
        if f".{kind}" in SUFFIXES:
            if key in images:
                raise ClassesError(f"{shard}: {name} and {images[key][0]} are both images of {key!r}; keep one")
            images[key] = (name, offset, size)
        elif kind in (TEXT_LABEL, JSON_LABEL):
            label = label_in(shard, name, kind, offset, size)
            if label is not None and labels.setdefault(key, label) != label:
                raise ClassesError(f"{shard}: {key!r} has the labels {labels[key]!r} and {label!r}; keep one")
        else:
            unused[kind] += 1
    if not images:
        kinds = ", ".join(f".{kind}" for kind in sorted(unused)[:NAMED]) or "nothing"
        raise NoDataError(f"{shard} has no images, only {kinds}; image formats: {', '.join(sorted(SUFFIXES))}")
    refuse_alone(shard, [images[key][0] for key in images if key not in labels], "no label", f"KEY.{TEXT_LABEL}")
    refuse_alone(shard, [f"{key!r}" for key in labels if key not in images], "a label but no image", "KEY.jpg")
    return Listing([(*images[key], labels[key]) for key in images], dict(unused))


def shown(shard: Path) -> Iterator[tuple[str, int, int]]:
    """Members that are not hidden: archives made on a Mac have ._NAME beside each NAME."""
    for name, offset, size in tar_files.members(shard):
        name = name.removeprefix("./")
        if not PurePosixPath(name).name.startswith("."):
            yield name, offset, size


def parts_of(name: str) -> tuple[str, str]:
    """Key and extension, which begins at the first point of the name proper, as in WebDataset."""
    folder, _, own = name.rpartition("/")
    stem, _, kind = own.partition(".")
    return (f"{folder}/{stem}" if folder else stem), kind.lower()


def label_in(shard: Path, name: str, kind: str, offset: int, size: int) -> str | None:
    """The label that a member says; None for a JSON object without one. Raises ClassesError if it says none."""
    if size > MAX_LABEL_BYTES:
        raise ClassesError(f"{shard}: {name} has {size:,} bytes, too many for a label")
    try:
        text = tar_files.read(shard, offset, size).decode()
        value: Any = json.loads(text) if kind == JSON_LABEL else text
    except ValueError as error:
        raise ClassesError(f"{shard}: {name} cannot be read ({error})") from error
    if kind == JSON_LABEL:
        value = value.get("label") if isinstance(value, dict) else value
        if value is None:
            return None
    label = class_name(str(value).strip()) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not label:
        raise ClassesError(f"{shard}: {name} has the label {value!r}; it must be a whole number from 0, or a name")
    return label


def refuse_alone(shard: Path, names: list[str], what: str, missing: str) -> None:
    if names:
        more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
        raise ClassesError(
            f"{shard}: {', '.join(sorted(names)[:NAMED])}{more} {'have' if len(names) > 1 else 'has'} {what}; add "
            f"{missing} to the shard" + (f", or KEY.{JSON_LABEL} with a key label" if what == "no label" else "")
        )
