"""The data: which images are for training, for validation, and for a test at the end.

A folder of class folders is split by the seed. A folder with train/ and val/ (folders.py lists their other names) is
already split; test/ is never used to train or to choose a model. A CSV file may say instead what is where (labels.py).
"""

import hashlib
import os
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
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

LARGEST_DEFAULT_SIZE = 224
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
    root: Path, seed: int, validation_share: float, labels: str | None = None, group_by: str | None = None
) -> Split:
    """Finds the images under `root`. `labels`, `group_by`: LABELS and GROUP_BY.

    Raises NoDataError if there is nothing to train or validate on, and BadSettingError for settings that do not fit it.
    """
    rows = read_labels(root, labels) if labels else None
    layout = find_layout(root, group_by is not None) if rows is None else layout_of(root, str(labels), rows)
    classes = tuple(sorted(layout.training))
    for part in (layout.validation, layout.test):
        strangers = sorted(set(part or ()) - set(classes))
        if part and strangers:
            where = part[strangers[0]].folder if rows is None else f"{strangers[0]!r} in {labels}"
            raise ClassesError(f"{where} is a class that is missing from the training data")
    training, validation = layout.training, layout.validation
    if validation is not None and group_by is not None:
        raise BadSettingError(
            f"GROUP_BY is {group_by!r}, but the data says itself what is for validation; leave one of them out"
        )
    if validation is None and group_by is not None:
        training, validation = split_by_group(training, grouping(group_by, rows), seed, validation_share)
    elif validation is None:
        training, validation = split_by_seed(training, seed, validation_share)
    test = label(layout.test, classes) if layout.test else ()
    return Split(classes, label(training, classes), label(validation, classes), test, layout.notes)


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
        keys = {path: hashlib.sha256(prefix + os.fsencode(path.relative_to(folder))).digest() for path in paths}
        shuffled = sorted(paths, key=keys.__getitem__)
        count = min(max(1, round(share * len(shuffled))), len(shuffled) - 1)
        held_out[name] = ClassFolder(folder, sorted(shuffled[:count]))
        kept[name] = ClassFolder(folder, sorted(shuffled[count:]))
    if not any(one.paths for one in held_out.values()):
        raise ClassesError("every class has only one image, which leaves none for validation; add images")
    return kept, held_out


def default_image_size(split: Split) -> int:
    """The most common shorter side of the images, in pixels, at most 224: the least scaling for most of them.

    It is read from a sample of headers that does not depend on the seed, so that trials with different splits share
    decoded images. Of two equally common sizes, the larger.
    """
    paths = sorted(split.seen)
    sides: Counter[int] = Counter()
    for place in torch.linspace(0, len(paths) - 1, min(len(paths), IMAGES_MEASURED)).long().tolist():
        with suppress(UnreadableError):
            sides[min(*image_size(paths[place]), LARGEST_DEFAULT_SIZE)] += 1
    if not sides:
        raise UnreadableError(f"none of the {len(paths)} images can be read")
    return max(sides, key=lambda side: (sides[side], side))


def load(
    split: Split,
    size: int,
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
    # In the order of their names, whatever the seed, so that trials with different splits share decoded images.
    samples = sorted((*split.training, *split.validation, *split.test), key=lambda sample: sample.path)
    paths = [sample.path for sample in samples]
    decoded = decode_once(paths, size, fit, folder, workers, sharers, progress)
    refuse_unreadable(list(decoded.unreadable.values()), len(samples), limit)
    place_of = {path: place for place, path in enumerate(paths)}
    unreadable = Unreadable(len(samples), limit)

    def images(part: tuple[Sample, ...]) -> Images:
        places = [place_of[sample.path] for sample in part]
        kept = [(place, sample) for place, sample in zip(places, part, strict=True) if place not in decoded.unreadable]
        if not kept:
            raise NoDataError("no readable image is left for training or validation")
        return Images(
            paths=[sample.path for _, sample in kept],
            labels=torch.tensor([sample.label for _, sample in kept]),
            size=size,
            fit=fit,
            pixels=decoded.pixels,
            places=torch.tensor([place for place, _ in kept]),
            unreadable=unreadable,
        )

    return Data(images(split.training), images(split.validation), images(split.test) if split.test else None, decoded)
