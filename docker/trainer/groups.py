"""GROUP_BY: images that belong together, such as those of one patient, are all trained on or all held out."""

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from labels import Row

from errors import BadSettingError, ClassesError
from folders import Classes, ClassFolder
from tar_files import bare, located

GroupOf = Callable[[Path, Path], str]


def grouping(group_by: str, labels: list[Row] | None) -> GroupOf:
    """The group of an image, given the folder of its class and its path. `group_by`: the level of a folder below the
    folder of the class (1: the first), or a column of LABELS, whose levels count from DATA_DIR.

    Raises BadSettingError for a column that is not there.
    """
    if group_by.isdecimal() and int(group_by) > 0:
        level = int(group_by)

        def folder_of(folder: Path, path: Path) -> str:
            member = located(path)
            # A group may be in several shards, so they are no level.
            inner = Path(member[1]).parts[:-1] if member else path.relative_to(folder).parts[:-1]
            if level > len(inner):
                top = member[0] if member else folder
                raise ClassesError(
                    f"GROUP_BY is {level}, but {bare(path)} is {len(inner)} folder{'s' * (len(inner) != 1)} below "
                    f"{top}; group by a level that every image has, or by a column of LABELS"
                )
            return "/".join(inner[:level])

        return folder_of
    known = sorted(labels[0].columns) if labels else []
    if group_by not in known:
        has = f"of LABELS, which has {', '.join(known)}" if labels else "of LABELS, which is not set"
        raise BadSettingError(
            f"GROUP_BY is {group_by!r}; it must be a folder level (a whole number of at least 1) or a column {has}"
        )
    of_path = {row.path: row.columns[group_by] for row in labels or ()}
    empty = next((row for row in labels or () if not row.columns[group_by]), None)
    if empty is not None:
        raise ClassesError(
            f"LABELS, line {empty.line}: the column {group_by!r} is empty; GROUP_BY needs a value in every row"
        )
    return lambda _, path: of_path[path]


def split_by_group(found: Classes, group_of: GroupOf, seed: int, share: float) -> tuple[Classes, Classes]:
    """Images for training and for validation, which have no group in common.

    Raises ClassesError if no group can be held out without leaving a class nothing to train on.
    """
    members = {name: {path: group_of(one.folder, path) for path in one.paths} for name, one in found.items()}
    counts: dict[str, Counter[str]] = {}
    for name, groups in members.items():
        for group in groups.values():
            counts.setdefault(group, Counter())[name] += 1
    held = held_out(counts, seed, share)
    if not held:
        raise ClassesError(
            f"GROUP_BY makes {len(counts)} group{'s' * (len(counts) != 1)}, and holding out any of them for validation "
            "leaves a class with no training images; use smaller groups, or add a validation folder"
        )

    def part(validation: bool) -> Classes:
        return {
            name: ClassFolder(one.folder, [path for path in one.paths if (members[name][path] in held) is validation])
            for name, one in found.items()
        }

    return part(False), part(True)


def held_out(groups: Mapping[str, Counter[str]], seed: int, share: float) -> set[str]:
    """The groups that are held out for validation, given how many images of each class a group has.

    In an order decided by the seed, each is held out if that brings the classes nearer to `share` of their images, so
    most groups stay on their side when others are added. No class loses all its images. If none comes nearer, the first
    that can be held out is.
    """
    order = sorted(groups, key=lambda group: hashlib.sha256(f"{seed}/".encode() + os.fsencode(group)).digest())
    total: Counter[str] = Counter()
    for group in order:
        total.update(groups[group])
    held: set[str] = set()
    taken: Counter[str] = Counter()

    def keeps_all(group: str) -> bool:
        return all(taken[name] + count < total[name] for name, count in groups[group].items())

    def nearer(group: str) -> bool:
        """Whether the classes of this group are missing more images than it would bring in excess."""
        off = sum(
            abs(share * total[n] - taken[n] - c) - abs(share * total[n] - taken[n]) for n, c in groups[group].items()
        )
        return off < 0

    for group in order:
        if keeps_all(group) and nearer(group):
            held.add(group)
            taken.update(groups[group])
    if not held:
        held = set(next(([group] for group in order if keeps_all(group)), []))
    return held
