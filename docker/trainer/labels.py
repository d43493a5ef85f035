"""LABELS: a CSV file says which image belongs to which class, instead of one folder per class."""

import csv
import io
import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from errors import BadSettingError, ClassesError, NoDataError
from folders import Classes, ClassFolder, Layout, part_of

PATH, LABEL, PART = "path", "label", "split"
# A spreadsheet of many countries separates by semicolons.
DELIMITERS = (",", ";", "\t")
# What a row has beyond the last column, under a name that no column has.
BEYOND = "\n"


@dataclass(frozen=True)
class Row:
    """One image: `line` of the file, and all its `columns` by name."""

    line: int
    path: Path
    label: str
    columns: dict[str, str]


def read_labels(root: Path, name: str) -> list[Row]:
    """The rows of the file `name` in `root`, in their order.

    Raises BadSettingError for a file or column that is missing, and NoDataError or ClassesError, with the line, for a
    row that is wrong.
    """
    rows: list[Row] = []
    lines: dict[Path, int] = {}
    for line, columns in read_table(root, name):
        where = f"{name}, line {line}"
        path, label = columns[PATH], class_text(columns[LABEL])
        if not label:
            raise ClassesError(f"{where}: {path!r} has no {LABEL}; add one, or remove the line")
        # Only what is below DATA_DIR is part of the sweep's data.
        if not path or path.startswith("/") or ".." in Path(path).parts:
            raise NoDataError(f"{where}: the {PATH} is {path!r}; it must be a relative path inside DATA_DIR")
        file = root / path
        if not os.path.isfile(file):  # unlike Path's, never an error
            raise NoDataError(f"{where}: no file {path!r} in {root}; paths are relative to DATA_DIR")
        if file in lines:
            raise ClassesError(f"{where}: {path!r} is already on line {lines[file]}; keep one of them")
        lines[file] = line
        rows.append(Row(line, file, label, columns))
    if not rows:
        raise NoDataError(f"{name} lists no images; each line needs a {PATH} and a {LABEL}")
    return rows


def read_table(root: Path, name: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Line numbers and columns of a CSV file with the columns PATH and LABEL; rows without any value are skipped."""
    try:
        # Spreadsheets begin a file in UTF-8 with a byte order mark.
        text = (root / name).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadSettingError(
            f"LABELS is {name!r}, but {root / name} cannot be read ({error.strerror}); set it to a CSV file in DATA_DIR"
        ) from error
    except UnicodeDecodeError as error:
        raise BadSettingError(f"LABELS is {name!r}, which is not text in UTF-8; save it as CSV in UTF-8") from error
    first = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.DictReader(io.StringIO(text), delimiter=delimiter, restkey=BEYOND, restval="")
    found = [column.strip() for column in reader.fieldnames or ()]
    for column in (PATH, LABEL):
        if column not in found:
            raise BadSettingError(
                f"LABELS is {name!r}, whose first line has no column {column!r} (columns: "
                f"{', '.join(found) or 'none'}); name the columns {PATH} and {LABEL}"
            )
    twice = next((column for column in found if column and found.count(column) > 1), None)
    if twice is not None:
        raise BadSettingError(f"LABELS is {name!r}, which has {found.count(twice)} columns {twice!r}; keep one of them")
    reader.fieldnames = found
    for row in parsed(name, reader):
        # Without quotes a comma within a value moves all that follows it to the next column.
        beyond = [value for value in row.get(BEYOND, ()) if value.strip()]
        if beyond:
            raise BadSettingError(
                f"LABELS is {name!r}, whose line {reader.line_num} has more values than columns "
                f"({beyond[0].strip()!r} is one too many); quote values that contain {delimiter!r}"
            )
        columns = {column: value.strip() for column, value in row.items() if column != BEYOND}
        if any(columns.values()):
            yield reader.line_num, columns


def parsed(name: str, reader: csv.DictReader) -> Iterator[dict[str, str]]:
    try:
        yield from reader
    except csv.Error as error:
        raise BadSettingError(
            f"LABELS is {name!r}, which cannot be read as CSV after line {reader.line_num} ({error}); repair it"
        ) from error


def class_text(label: str) -> str:
    """Accents as composed characters, as for the names of folders."""
    return unicodedata.normalize("NFC", label)


def layout_of(root: Path, name: str, rows: list[Row]) -> Layout:
    """The classes by part. Without a column PART all images are for training, to be split by the seed.

    Raises ClassesError for a part that is not known, for a single class, and without images to train on.
    """
    parts: dict[str, dict[str, list[Path]]] = {"training": {}, "validation": {}, "test": {}}
    for row in rows:
        said = row.columns.get(PART, "train")
        part = part_of(said)
        if part is None:
            raise ClassesError(f"{name}, line {row.line}: the {PART} is {said!r}; known: train, val, test")
        parts[part].setdefault(row.label, []).append(row.path)
    found = {part: classes(root, by_label) for part, by_label in parts.items()}
    if len(found["training"]) < 2:
        only = "".join(f" ({label!r})" for label in found["training"])
        raise ClassesError(f"{name} has {len(found['training'])} class{only} to train on; at least two are needed")
    return Layout(found["training"], found["validation"] or None, found["test"] or None, ())


def classes(root: Path, by_label: dict[str, list[Path]]) -> Classes:
    return {label: ClassFolder(root, sorted(paths)) for label, paths in sorted(by_label.items())}
