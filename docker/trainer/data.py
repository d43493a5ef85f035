"""The data: which files there are, and which of them validate.

A folder of class folders is split by the seed. A folder with train/ and one of val/, valid/, validation/ or test/ is
taken as already split. Everything is decided by names and seed, never by the order a file system lists files in.
"""

import hashlib
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import torch

from batches import Images
from cache import Decoded, decode_once
from decode import open_image
from errors import ClassesError, NoDataError, UnreadableError

SUFFIXES = {".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"}
TRAINING_FOLDERS = ("train", "training")
VALIDATION_FOLDERS = ("val", "valid", "validation", "test")
LARGEST_DEFAULT_SIZE = 224
UNREADABLE_NAMED = 10


@dataclass(frozen=True)
class Sample:
    path: Path
    label: int


@dataclass(frozen=True)
class Split:
    """Classes in alphabetical order; a sample's label is its class's place in them."""

    classes: tuple[str, ...]
    training: tuple[Sample, ...]
    validation: tuple[Sample, ...]


def split_folder(root: Path, seed: int, validation_share: float) -> Split:
    """Finds the images under `root`. Raises NoDataError when there is nothing to train or to validate on."""
    if not root.is_dir():
        raise NoDataError(f"DATA_DIR is {str(root)!r}, which is no folder; set it to one with a folder for each class")
    training_root = first_with_classes(root, TRAINING_FOLDERS) or root
    validation_root = first_with_classes(root, VALIDATION_FOLDERS) if training_root != root else None
    found = find_images(training_root)
    classes = tuple(sorted(found))
    if not classes:
        raise NoDataError(f"no images in {training_root}; put them into one folder for each class: CLASS/NAME.png")
    if len(classes) == 1:
        raise ClassesError(f"only one class ({classes[0]!r}) in {training_root}; at least two class folders are needed")
    if validation_root is None:
        return split_by_seed(found, classes, seed, validation_share)
    held_out = find_images(validation_root)
    strangers = sorted(set(held_out) - set(classes))
    if strangers:
        raise ClassesError(f"class {strangers[0]!r} is in {validation_root} but not in {training_root}")
    if not held_out:
        raise NoDataError(f"no images in {validation_root}; put some there, or remove it to have {training_root} split")
    return Split(classes, label(found, classes), label(held_out, classes))


def first_with_classes(root: Path, names: tuple[str, ...]) -> Path | None:
    """The first of the folders that holds class folders; one that holds images itself is a class of that name."""
    for name in names:
        if (root / name).is_dir() and find_images(root / name):
            return root / name
    return None


def find_images(root: Path) -> dict[str, list[Path]]:
    """Image files by class folder, at any depth below it, sorted by path. Hidden files and folders are passed over."""
    found = {}
    for folder in root.iterdir():
        if folder.name.startswith(".") or not folder.is_dir():
            continue
        paths = []
        for parent, inner, names in os.walk(folder, followlinks=True):
            inner[:] = [name for name in inner if not name.startswith(".")]
            paths += [
                Path(parent, name)
                for name in names
                if not name.startswith(".") and os.path.splitext(name)[1].lower() in SUFFIXES
            ]
        if paths:
            found[folder.name] = sorted(paths, key=lambda path: path.relative_to(folder).as_posix())
    return found


def label(found: dict[str, list[Path]], classes: tuple[str, ...]) -> tuple[Sample, ...]:
    return tuple(Sample(path, number) for number, name in enumerate(classes) for path in found.get(name, []))


def split_by_seed(found: dict[str, list[Path]], classes: tuple[str, ...], seed: int, share: float) -> Split:
    """Takes `share` of each class for validation: at least one image, and never a class's last.

    An image's place comes from a digest of seed, class and file name, so most images stay on their side when others
    are added.
    """
    held_out = {}
    kept = {}
    for name in classes:
        keys = {path: hashlib.sha256(f"{seed}/{name}/{path.name}".encode()).digest() for path in found[name]}
        shuffled = sorted(found[name], key=keys.__getitem__)
        count = min(max(1, round(share * len(shuffled))), len(shuffled) - 1)
        held_out[name] = sorted(shuffled[:count])
        kept[name] = sorted(shuffled[count:])
    if not any(held_out.values()):
        raise ClassesError("every class has a single image, so none is left to validate on; add images")
    return Split(classes, label(kept, classes), label(held_out, classes))


def default_image_size(split: Split) -> int:
    """The shorter side of the first training image that can be read, in pixels, at most 224: the least scaling."""
    for sample in split.training:
        with suppress(UnreadableError):
            return min(*open_image(sample.path).size, LARGEST_DEFAULT_SIZE)
    raise UnreadableError(f"none of the {len(split.training)} images to train on can be read")


def load(
    split: Split, size: int, folder: Path, workers: int, sharers: int, limit: float
) -> tuple[Images, Images, Decoded]:
    """Images to train and to validate on, decoded once where there is room, and how they are kept: cache.py.

    Files that cannot be read are left out, and named on stderr. Raises UnreadableError when they are more than a share
    of `limit`, and NoDataError when nothing is left to validate on.
    """
    # In the order of their names, whatever the seed: trials that split differently share what is decoded.
    samples = sorted((*split.training, *split.validation), key=lambda sample: sample.path)
    paths = [sample.path for sample in samples]
    decoded = decode_once(paths, size, folder, workers, sharers)
    refuse_unreadable(decoded.unreadable, len(samples), limit)
    place_of = {path: place for place, path in enumerate(paths)}

    def images(part: tuple[Sample, ...]) -> Images:
        places = [place_of[sample.path] for sample in part]
        kept = [(place, sample) for place, sample in zip(places, part, strict=True) if place not in decoded.unreadable]
        if not kept:
            raise NoDataError("no image is left to train or to validate on; the others cannot be read")
        labels = torch.tensor([sample.label for _, sample in kept])
        where = torch.tensor([place for place, _ in kept])
        return Images([sample.path for _, sample in kept], labels, size, decoded.pixels, where)

    return images(split.training), images(split.validation), decoded


def refuse_unreadable(unreadable: dict[int, str], count: int, limit: float) -> None:
    """Names some of the files that cannot be read. Raises UnreadableError above the limit."""
    if not unreadable:
        return
    reasons = list(unreadable.values())
    if len(reasons) > limit * count:
        raise UnreadableError(
            f"{len(reasons)} of {count} images cannot be read, above MAX_UNREADABLE ({limit:g} of them); {reasons[0]}"
        )
    print(f"train.py: warning: {len(reasons)} of {count} images cannot be read and are left out", file=sys.stderr)
    for reason in reasons[:UNREADABLE_NAMED]:
        print(f"train.py: warning: {reason}", file=sys.stderr)
