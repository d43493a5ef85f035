"""Files that are complete or absent, whenever the process ends."""

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from interruption import undisturbed


def write_whole(path: Path, write: Callable[[BinaryIO], object], then: Callable[[], None] | None = None) -> None:
    """Writes a temporary file next to `path` and renames it. An exception leaves the old file; SIGTERM waits.

    `then` is called when the new file is complete and the old one is still there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # The leading dot and the suffix tell anything that watches the folder to ignore it. The next process overwrites one
    # left by a killed process, because a folder has one writer.
    part = path.with_name(f".{path.name}.tmp")
    with undisturbed():
        try:
            with open(part, "wb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
            if then is not None:
                then()
            os.replace(part, path)
        finally:
            with suppress(FileNotFoundError):
                part.unlink()


def append_line(path: Path, record: Mapping[str, Any]) -> None:
    """Appends one JSON object as a line, in one write. An incomplete last line of an earlier process is ended first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(record, allow_nan=False) + "\n"
    with undisturbed(), open(path, "a+b") as file:
        if file.tell() > 0:
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                line = "\n" + line
        file.write(line.encode())
