"""Tar archives whose members are read in place: where each lies, and its bytes.

A member is named by a path that exists nowhere: ARCHIVE.tar/NAME@OFFSET+SIZE. It says all that reading takes, so it can
be sorted, counted, split and sent to another process like the path of a file.
"""

import io
import os
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path

from errors import UnreadableError

SUFFIX = ".tar"
MEMBER = re.compile(r"(.+?\.tar)/(.+)@(\d+)\+(\d+)", re.DOTALL)
BLOCK = 512
COMPRESSED = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd"}


def member_path(archive: Path, name: str, offset: int, size: int) -> Path:
    return archive / f"{name}@{offset}+{size}"


def located(path: Path) -> tuple[Path, str, int, int] | None:
    """Archive, name, offset and size of a member; None for a file."""
    # Nearly all paths are files, and this is asked for each image.
    if "@" not in path.name:
        return None
    found = MEMBER.fullmatch(os.fspath(path))
    return (Path(found[1]), found[2], int(found[3]), int(found[4])) if found else None


def archive_of(path: Path) -> str:
    """Of a member."""
    member = located(path)
    return os.fspath(member[0]) if member else ""


def bare(path: Path) -> Path:
    """Without where a member lies, which changes when other members do; a file's path as it is."""
    member = located(path)
    return path if member is None else member[0] / member[1]


def source_of(path: Path) -> Path | io.BytesIO:
    """What Pillow opens: the file itself, or a member's bytes."""
    member = located(path)
    return path if member is None else io.BytesIO(read(member[0], member[2], member[3]))


def read(archive: Path, offset: int, size: int) -> bytes:
    """Raises OSError when the archive is shorter than when it was listed."""
    with open(archive, "rb") as file:
        file.seek(offset)
        content = file.read(size)
    if len(content) < size:
        raise OSError(f"{archive} is now shorter than when training began")
    return content


def members(archive: Path) -> Iterator[tuple[str, int, int]]:
    """Name, offset and size of each file in an archive, from its headers alone.

    Raises UnreadableError for an archive that is compressed, damaged or cut off, and for members that are links.
    """
    with open(archive, "rb") as file:
        start = file.read(6)
        kind = next((kind for sign, kind in COMPRESSED.items() if start.startswith(sign)), None)
        if kind is not None:
            raise UnreadableError(f"{archive} is compressed ({kind}); decompress it to a plain .tar")
        length = file.seek(0, os.SEEK_END)
        file.seek(0)
        try:
            with tarfile.open(fileobj=file, mode="r:") as tar:
                while (member := tar.next()) is not None:
                    end = member.offset_data + member.size
                    if member.isreg() and end > length:
                        raise cut_off(archive, f"{member.name!r} ends at byte {end:,} of {length:,}")
                    if member.islnk() or member.issym() or member.issparse():
                        raise UnreadableError(f"{archive}: {member.name!r} is a link; pack the file itself")
                    if member.isreg():
                        yield member.name, member.offset_data, member.size
                    # tarfile keeps all that it has seen.
                    tar.members = []  # type: ignore[attr-defined]
                last = tar.offset
        except tarfile.TarError as error:
            raise cut_off(archive, str(error)) from error
        # Without it an archive that ends between two members would pass for a whole one.
        file.seek(last)
        if file.read(BLOCK) != bytes(BLOCK):
            raise cut_off(archive, "the zero block at the end of an archive is missing")


def cut_off(archive: Path, reason: str) -> UnreadableError:
    return UnreadableError(f"{archive} is damaged or truncated ({reason}); copy or create it again")
