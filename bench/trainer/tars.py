"""Tar shards beside folders: processor seconds to find the images, and to read and decode each once.

    uv run --frozen --project docker/trainer python bench/trainer/tars.py [--images 1000] [--repeats 3]

The same JPEG files of 256x256 pixels in ten class folders and in shards of 250, read to 128 pixels a side in the order
of a training epoch by the trainer's own functions, as when neither disk nor memory has room for the decoded images.
Files are in the system's cache, so this is what the program costs, not what a disk does.
"""

import argparse
import io
import random
import statistics
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from PIL import Image
from run import ROOT

sys.path.insert(0, str(ROOT / "docker" / "trainer"))

import data
from batches import plan_epoch
from loader import Images, read_all

SIDE, SIZE, A_SHARD, AT_ONCE, CLASSES = 256, 128, 250, 64, 10


def write(folders: Path, shards: Path, count: int) -> None:
    noise = random.Random(0)
    shards.mkdir()
    for first in range(0, count, A_SHARD):
        with tarfile.open(shards / f"{first:06}.tar", "w") as tar:
            for number in range(first, min(count, first + A_SHARD)):
                small = Image.frombytes("RGB", (16, 16), noise.randbytes(16 * 16 * 3))
                content = io.BytesIO()
                small.resize((SIDE, SIDE)).save(content, "JPEG")
                label = number % CLASSES
                (folders / str(label)).mkdir(parents=True, exist_ok=True)
                (folders / str(label) / f"{number:06}.jpg").write_bytes(content.getvalue())
                for kind, value in (("jpg", content.getvalue()), ("cls", str(label).encode())):
                    member = tarfile.TarInfo(f"{number:06}.{kind}")
                    member.size = len(value)
                    tar.addfile(member, io.BytesIO(value))


def timed(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def measure(root: Path, listings: Path) -> dict[str, float]:
    found = {"found first": timed(lambda: data.split_folder(root, 0, 0.2, listings=listings))}
    found["found again"] = timed(lambda: data.split_folder(root, 0, 0.2, listings=listings))
    split = data.split_folder(root, 0, 0.2, listings=listings)
    paths, labels = [s.path for s in split.training], torch.tensor([s.label for s in split.training])
    images = Images(paths, labels, SIZE, None, torch.arange(len(paths)))

    def epoch() -> None:
        for some in plan_epoch(images, 0, 1, "none", buffer=A_SHARD).order.split(AT_ONCE):
            read_all([paths[place] for place in some], SIZE, "crop")

    found["read and decoded"] = timed(epoch)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        folders, shards = Path(name, "folders"), Path(name, "shards")
        write(folders, shards, asked.images)
        runs = [
            (measure(folders, Path(name, f"listings {n}")), measure(shards, Path(name, f"listings {n}")))
            for n in range(asked.repeats)
        ]
    print(f"{asked.images} images, medians of {asked.repeats}, processor seconds")
    for part in runs[0][0]:
        of_folders, of_shards = (statistics.median(run[kind][part] for run in runs) for kind in (0, 1))
        print(f"{part:20} folders {of_folders:.3f}  shards {of_shards:.3f}  ratio {of_shards / of_folders:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
