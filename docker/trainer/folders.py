"""Which folders of DATA_DIR contain which images: the classes, and the parts of data that is already split.

Everything depends on names, never on the order in which a file system lists files.
"""

import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from errors import ClassesError, NoDataError

SUFFIXES = {".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"}
PARTS = {
    "train": "training",
    "training": "training",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "dev": "validation",
    "eval": "validation",
    "evaluation": "validation",
    "test": "test",
    "testing": "test",
}
# train_set, Test Data and valid-images mean the same parts.
PART_SUFFIX = re.compile(r"[ _.-]?(set|data|dataset|images|split)$")


@dataclass(frozen=True)
class ClassFolder:
    """The images of one class: `paths` are at any depth below `folder`, in the order of their names."""

    folder: Path
    paths: list[Path]


Classes = dict[str, ClassFolder]


@dataclass(frozen=True)
class Layout:
    """Class folders by part; `validation` and `test` are None if the data has none. `notes`: what is not used."""

    training: Classes
    validation: Classes | None
    test: Classes | None
    notes: tuple[str, ...]


def find_layout(root: Path, grouped: bool = False) -> Layout:
    """The layout of `root`. `grouped`: the folders within classes are groups, so all classes may have the same.

    Raises NoDataError or ClassesError if it is not images in one folder per class."""
    if not root.is_dir():
        raise NoDataError(f"DATA_DIR is {str(root)!r}, which is not a folder; set it to one with a folder per class")
    folders = visible_folders(root)
    parts: dict[str, dict[str, Classes]] = {"training": {}, "validation": {}, "test": {}}
    for folder in folders:
        part = part_of(folder.name)
        if part is not None:
            parts[part][folder.name] = find_classes(folder)
    training = with_classes(root, "training", parts["training"])
    others = [folder for folder in folders if folder.name != training and holds_images(folder)]
    is_split = any(part_of(folder.name) is not None for folder in others)
    # On its own, train/ is the data. Next to folders that are not parts of a split it is a class, as in car/ and
    # train/.
    if training is None or (others and not is_split):
        found = find_classes(root)
        refuse_parts(root, found)
        return Layout(checked(root, found, grouped), None, None, empty_notes(root, found))
    validation = with_classes(root, "validation", parts["validation"])
    test = with_classes(root, "test", parts["test"])
    used = {training, validation, test}
    unused = [f"{folder} is not used: {why_unused(folder)}" for folder in others if folder.name not in used]
    found = parts["training"][training]
    return Layout(
        checked(root / training, found, grouped),
        parts["validation"][validation] if validation else None,
        parts["test"][test] if test else None,
        (*unused, *empty_notes(root / training, found)),
    )


def part_of(name: str) -> str | None:
    """training, validation or test, if a folder has such a name; otherwise None."""
    return PARTS.get(PART_SUFFIX.sub("", name.lower()))


def with_classes(root: Path, part: str, candidates: dict[str, Classes]) -> str | None:
    """The folder of this part that contains class folders. Raises ClassesError if there are two."""
    names = [name for name, classes in candidates.items() if classes]
    if len(names) > 1:
        raise ClassesError(f"{root} has both {names[0]!r} and {names[1]!r}, which both mean {part}; keep one of them")
    return names[0] if names else None


def why_unused(folder: Path) -> str:
    return "it has no class folders" if part_of(folder.name) else "it stands beside a folder of training data"


def visible_folders(root: Path) -> list[Path]:
    with os.scandir(root) as entries:
        return sorted(Path(entry.path) for entry in entries if not entry.name.startswith(".") and is_folder(entry))


def find_classes(root: Path) -> Classes:
    """The folders of `root` that hold images, at any depth, by class."""
    found: Classes = {}
    real = root.resolve()
    above = {identity(folder) for folder in (real, *real.parents)}
    for folder in visible_folders(root):
        paths = sorted(images_below(folder, above), key=lambda path: path.relative_to(folder).as_posix())
        if not paths:
            continue
        name = class_name(folder.name)
        if name in found:
            raise ClassesError(f"{root} has two folders named {name!r}, in different encodings; rename one")
        found[name] = ClassFolder(folder, paths)
    return dict(sorted(found.items()))


def class_name(folder: str) -> str:
    """A folder's name as text that can be written anywhere: bytes that are not UTF-8 are read as Latin-1, and accents
    become composed characters even if the file system stores them separately.
    """
    raw = os.fsencode(folder)
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return unicodedata.normalize("NFC", text)


def images_below(folder: Path, above: set[tuple[int, int]]) -> Iterator[Path]:
    """Image files below a folder, each once. Hidden files and folders are skipped.

    Links are followed, except to a folder already seen or one `above`: a link to `.` or `..` would never end, and an
    image found twice could land in both training and validation.
    """
    seen = set(above)
    waiting = [folder]
    while waiting:
        current = waiting.pop()
        if identity(current) in seen:
            continue
        seen.add(identity(current))
        with os.scandir(current) as entries:
            listed = sorted((entry for entry in entries if not entry.name.startswith(".")), key=lambda e: e.name)
        for entry in listed:
            if is_folder(entry):
                waiting.append(Path(entry.path))
            elif os.path.splitext(entry.name)[1].lower() in SUFFIXES and is_file(entry):
                yield Path(entry.path)


def holds_images(folder: Path) -> bool:
    return any(True for _ in images_below(folder, set()))


def identity(folder: Path) -> tuple[int, int]:
    info = os.stat(folder)
    return info.st_dev, info.st_ino


def is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a circular link
        return False


def is_file(entry: os.DirEntry[str]) -> bool:
    """A file, or a broken link, which counts as an unreadable image. Not a pipe, because opening it would block."""
    try:
        return entry.is_file() or (entry.is_symlink() and not os.path.exists(entry.path))
    except OSError:
        return True


def checked(root: Path, found: Classes, grouped: bool = False) -> Classes:
    """Returns the classes if a model can learn them. Raises NoDataError for none, ClassesError for one or for folders
    that are not classes.
    """
    if not found:
        raise NoDataError(f"no images in {root}; put them in one folder per class: CLASS/NAME.png")
    if len(found) == 1:
        (name, only), empty = next(iter(found.items())), empty_folders(root, found)
        inner = len(find_classes(only.folder)) > 1
        hint = f"; set DATA_DIR to {only.folder} if its folders are the classes" if inner else ""
        hint = f"; {empty[0].name!r} has none" if empty else hint
        raise ClassesError(f"{root} has images in only one class folder ({name!r}); training needs at least two{hint}")
    inside = [{path.relative_to(one.folder).parts[0].lower() for path in nested(one)} for one in found.values()]
    if not grouped and len(inside[0]) > 1 and all(names == inside[0] for names in inside):
        first, second, *_ = found
        raise ClassesError(
            f"{first!r} and {second!r} in {root} have the same subfolders ({', '.join(sorted(inside[0])[:5])}), so "
            "they do not look like classes; if they are parts of the data, name them train and val, or set DATA_DIR to "
            "one of them; if they are classes, move the images directly into them, or set GROUP_BY=1"
        )
    return found


def nested(one: ClassFolder) -> list[Path]:
    return [path for path in one.paths if path.parent != one.folder]


def refuse_parts(root: Path, found: Classes) -> None:
    """Raises ClassesError if every class is named like a part of a split: nobody classifies train/ against test/."""
    if found and all(part_of(one.folder.name) for one in found.values()):
        raise ClassesError(
            f"{root} has {' and '.join(map(repr, found))}, but no training folder; add one with a folder of images per "
            "class: train/CLASS/NAME.png"
        )


def empty_folders(root: Path, found: Classes) -> list[Path]:
    used = {one.folder for one in found.values()}
    return [folder for folder in visible_folders(root) if folder not in used]


def empty_notes(root: Path, found: Classes) -> tuple[str, ...]:
    return tuple(f"{folder} has no images, so it is not a class" for folder in empty_folders(root, found))
