"""Writes Fashion-MNIST as a folder of images: data/train/<class>/00000.png and data/val/<class>/00000.png.

70,000 grey images of 28x28 pixels in ten classes (Xiao, Rasul and Vollgraf, 2017, MIT licence). The 60,000 of its
training set train, the 10,000 of its test set validate. They come from Debian's package dataset-fashion-mnist where it
is installed (apt-get install dataset-fashion-mnist), otherwise from the authors' repository, 30 MB; each file's digest
is checked. The folder appears whole, by a rename, and is left alone when it is there already.

    python prepare.py [FOLDER with the four .gz files]
"""

import gzip
import hashlib
import os
import shutil
import sys
import tempfile
import urllib.request
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

DEBIAN = Path("/usr/share/datasets/fashion-mnist")
ADDRESS = "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/"
# In the order of the labels; the first is "T-shirt/top" in the authors' words.
CLASSES = ("t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle-boot")
# SHA-256 of the files unpacked: Debian packs them anew.
DIGESTS = {
    "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}


def fetch(name: str, folder: Path | None) -> bytes:
    """One of the four files, unpacked. Raises SystemExit when it cannot be had, or is not what it should be."""
    try:
        if folder is not None:
            packed = (folder / f"{name}.gz").read_bytes()
        else:
            print(f"downloading {ADDRESS}{name}.gz", file=sys.stderr)
            with urllib.request.urlopen(f"{ADDRESS}{name}.gz", timeout=60) as answer:
                packed = answer.read()
        content = gzip.decompress(packed)
    except (OSError, EOFError, zlib.error) as error:
        raise SystemExit(
            f"prepare.py: {name} cannot be had ({error}); install Debian's package dataset-fashion-mnist, or give the "
            "folder that holds the four files: python prepare.py FOLDER"
        ) from error
    if hashlib.sha256(content).hexdigest() != DIGESTS[name]:
        raise SystemExit(f"prepare.py: {name}.gz is another file: unpacked, its SHA-256 is not {DIGESTS[name]}")
    return content


def read(part: str, folder: Path | None) -> tuple[np.ndarray, np.ndarray]:
    """Images [N, 28, 28] and labels [N], both uint8. The headers are 16 and 8 bytes long."""
    images = np.frombuffer(fetch(f"{part}-images-idx3-ubyte", folder), np.uint8, offset=16).reshape(-1, 28, 28)
    return images, np.frombuffer(fetch(f"{part}-labels-idx1-ubyte", folder), np.uint8, offset=8)


def write(images: np.ndarray, labels: np.ndarray, target: Path) -> None:
    for name in CLASSES:
        (target / name).mkdir(parents=True)

    def put(number: int) -> None:
        path = target / CLASSES[labels[number]] / f"{number:05}.png"
        Image.fromarray(images[number]).save(path, compress_level=1)

    # Pillow and the file system let go of the interpreter's lock.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(put, range(len(images)), chunksize=500):
            pass


def main(arguments: list[str]) -> None:
    target = Path(__file__).resolve().parent / "data"
    if target.exists():
        print(f"{target} is there already", file=sys.stderr)
        return
    folder = Path(arguments[0]) if arguments else DEBIAN if DEBIAN.is_dir() else None
    # Beside the target, so that the rename stays on one file system; hidden, so that nothing takes it for data.
    part = Path(tempfile.mkdtemp(prefix=".data-", dir=target.parent))
    try:
        write(*read("train", folder), part / "train")
        write(*read("t10k", folder), part / "val")
        part.chmod(0o755)
        os.rename(part, target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    print(f"wrote 70,000 images to {target}", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
