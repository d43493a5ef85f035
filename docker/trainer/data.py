"""The data: which images are for training, for validation, and for a test at the end.

A folder of class folders is split by the seed. A folder with train/ and val/ (folders.py lists their other names) is
already split; test/ is never used to train or to choose a model. A CSV file may say instead what is where (labels.py),
and so may tar shards (shards.py).
"""

import hashlib
import math
import os
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from groups import grouping, split_by_group
from labels import layout_of, read_labels

from cache import Decoded, decode_once
from decode import image_size
from errors import BadSettingError, ClassesError, NoDataError, UnreadableError
from folders import Classes, ClassFolder, find_layout
from loader import Images, Unreadable, refuse_unreadable
from progress import SILENT, Progress
from shards import find_shards
from tar_files import bare

LARGEST_DEFAULT_SIZE = 224
SPARE_FOR_CROPS = 1.15
# The number of image headers read to find the most common size.
IMAGES_MEASURED = 200


@dataclass(frozen=True)
class Sample:
    path: Path
    label: int


@dataclass(frozen=True)
class Split:
    """Classes in alphabetical order; the label of a sample is the index of its class. `notes`: folders not used."""

    classes: tuple[str, ...]
    training: tuple[Sample, ...]
    validation: tuple[Sample, ...]
    test: tuple[Sample, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def seen(self) -> list[Path]:
        """The images that influence training: all but those of the test."""
        return [sample.path for sample in (*self.training, *self.validation)]


@dataclass(frozen=True)
class Data:
    """Images by part; `test` may be None. `decoded`: how their pixels are stored."""

    training: Images
    validation: Images
    test: Images | None
    decoded: Decoded


def split_folder(
    root: Path,
    seed: int,
    validation_share: float,
    labels: str | None = None,
    group_by: str | None = None,
    listings: Path | None = None,
) -> Split:
    """Finds the images under `root`. `labels`, `group_by`: LABELS and GROUP_BY. `listings`: the cache of shards'
    contents.

    Raises NoDataError if there is nothing to train or validate on, and BadSettingError for settings that the data rules
    out.
    """
    shards = find_shards(root, listings) if listings else None
    if shards is not None and labels:
        raise BadSettingError(
            f"LABELS is {labels!r}, but {root} has tar shards, which hold their own labels; unset LABELS"
        )
    rows = read_labels(root, labels) if labels else None
    if shards is not None:
        layout = shards
    else:
        layout = find_layout(root, group_by is not None) if rows is None else layout_of(root, str(labels), rows)
    classes = tuple(layout.training)
    for part in (layout.validation, layout.test):
        strangers = sorted(set(part or ()) - set(classes))
        if part and strangers:
            where = part[strangers[0]].folder if rows is None else f"{strangers[0]!r} in {labels}"
            where = where if shards is None else f"{strangers[0]!r} in the shards of {root}"
            raise ClassesError(f"{where} is a class that the training data does not have")
    training, validation = layout.training, layout.validation
    if validation is not None and group_by is not None:
        raise BadSettingError(
            f"GROUP_BY is {group_by!r}, but the data already has a validation part; remove one of them"
        )
    if validation is None and group_by is not None:
        training, validation = split_by_group(training, grouping(group_by, rows), seed, validation_share)
    elif validation is None:
        training, validation = split_by_seed(training, seed, validation_share)
    parts = [label(part or {}, classes) for part in (training, validation, layout.test)]
    if shards is not None:  # in the order in which they lie in the shards
        parts = [tuple(sorted(part, key=lambda sample: sample.path)) for part in parts]
    return Split(classes, parts[0], parts[1], parts[2], layout.notes)


def label(found: Classes, classes: tuple[str, ...]) -> tuple[Sample, ...]:
    return tuple(
        Sample(path, number) for number, name in enumerate(classes) if name in found for path in found[name].paths
    )


def split_by_seed(found: Classes, seed: int, share: float) -> tuple[Classes, Classes]:
    """Images for training, and `share` of each class for validation: at least one image, but never the last of a class.

    The side of an image depends on a digest of the seed, its class and its path below the class folder, so most images
    stay on their side when others are added.
    """
    kept, held_out = {}, {}
    for name, (folder, paths) in ((name, (one.folder, one.paths)) for name, one in found.items()):
        prefix = f"{seed}/{name}/".encode()
        keys = {path: hashlib.sha256(prefix + os.fsencode(bare(path).relative_to(folder))).digest() for path in paths}
        shuffled = sorted(paths, key=keys.__getitem__)
        count = min(max(1, round(share * len(shuffled))), len(shuffled) - 1)
        held_out[name] = ClassFolder(folder, sorted(shuffled[:count]))
        kept[name] = ClassFolder(folder, sorted(shuffled[count:]))
    if not any(one.paths for one in held_out.values()):
        raise ClassesError("every class has a single image, which leaves none for validation; add images")
    return kept, held_out


def common_side(split: Split, most: int = LARGEST_DEFAULT_SIZE) -> int:
    """The images' most common shorter side in pixels, counting larger ones as `most`. It is the default IMAGE_SIZE
    because most images then need the least scaling.

    It is read from a sample of headers that does not depend on the seed, so trials with different splits share decoded
    images. The larger of two equally common sizes wins.
    """
    paths = sorted(split.seen)
    sides: Counter[int] = Counter()
    for place in torch.linspace(0, len(paths) - 1, min(len(paths), IMAGES_MEASURED)).long().tolist():
        with suppress(UnreadableError):
            sides[min(*image_size(paths[place]), most)] += 1
    if not sides:
        raise UnreadableError(f"none of the {len(paths)} images can be read")
    return max(sides, key=lambda side: (sides[side], side))


@dataclass(frozen=True)
class Sizes:
    """Pixels per side: the network's input in training, the stored images it is made from, and images in validation
    and test.
    """

    trained: int
    stored: int
    tested: int


def stored_size(split: Split, trained: int, augment: str) -> int:
    """Random crops are scaled up to the training size, so they come from images that are larger by SPARE_FOR_CROPS, or
    as large as most images are.
    """
    if "crop" not in augment and augment != "trivial":
        return trained
    return max(trained, common_side(split, math.ceil(SPARE_FOR_CROPS * trained)))


def load(
    split: Split,
    sizes: Sizes,
    folder: Path,
    workers: int,
    *,
    fit: str = "crop",
    sharers: int = 1,
    limit: float = 0.0,
    progress: Progress = SILENT,
) -> Data:
    """The images of all parts, decoded once where there is room: cache.py. `sharers` are the processes that train
    together, each of which holds the pixels.

    Files that cannot be read are left out, and named on stderr. Raises UnreadableError when they are more than a share
    of `limit`, and NoDataError when nothing is left to validate on.
    """
    parts = (split.training, split.validation, split.test)
    unreadable = Unreadable(sum(map(len, parts)), limit)
    reasons: list[str] = []

    def images(size: int, *parts: Sequence[Sample]) -> tuple[Decoded, list[Images]]:
        # In the order of their names, whatever the seed, so that trials with different splits share decoded images.
        paths = sorted(sample.path for part in parts for sample in part)
        decoded = decode_once(paths, size, fit, folder, workers, sharers, progress)
        reasons.extend(decoded.unreadable.values())
        place_of = {path: place for place, path in enumerate(paths) if place not in decoded.unreadable}
        return decoded, [readable(part, place_of, decoded, size, fit, unreadable) for part in parts]

    if sizes.stored == sizes.tested:
        decoded, (training, validation, test) = images(sizes.stored, *parts)
    else:
        # Of another size each, so that neither the disk nor the memory holds an image twice.
        decoded, (training,) = images(sizes.stored, parts[0])
        held_out, (validation, test) = images(sizes.tested, *parts[1:])
        decoded = replace(decoded, bytes=decoded.bytes + held_out.bytes)
    refuse_unreadable(reasons, unreadable.count, limit)
    if not len(training) or not len(validation) or (split.test and not len(test)):
        raise NoDataError("no readable image is left for training or validation")
    return Data(training, validation, test if split.test else None, decoded)


def readable(
    part: Sequence[Sample], place_of: dict[Path, int], decoded: Decoded, size: int, fit: str, unreadable: Unreadable
) -> Images:
    kept = [sample for sample in part if sample.path in place_of]
    return Images(
        paths=[sample.path for sample in kept],
        labels=torch.tensor([sample.label for sample in kept]),
        size=size,
        fit=fit,
        pixels=decoded.pixels,
        places=torch.tensor([place_of[sample.path] for sample in kept]),
        unreadable=unreadable,
    )
