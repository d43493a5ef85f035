"""Parts of train.py beside the way they are usually written: decoding of JPEG files, normalisation statistics, and the
pause of a checkpoint.

    uv run --frozen --project docker/trainer python bench/trainer/parts.py [--part decoding] [--images 500]

Each in a process of its own, on one thread, `--repeats` times in turn; medians. Decoding and statistics count processor
time, and memory beyond what the process held before. The pause is how long, by the clock, a step would wait: for the
copy that train.py's thread then writes, or for a checkpoint written in place, on the disk of the temporary folder.
"""

import argparse
import multiprocessing
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "docker" / "trainer"))
from gpu import made_up_images
from photographs import write_photographs

import batches
from config import Settings
from decode import read_pixels
from engine import Learner, Statistics
from models import Architecture, build
from precision import Precision
from snapshot import snapshot
from world import World

CPU = torch.device("cpu")


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def our_decoding(folder: str, size: int) -> tuple[float, float]:
    """Seconds of processors, and megabytes, for all files of a folder."""
    return decoding(folder, lambda path: read_pixels(path, size))


def usual_decoding(folder: str, size: int) -> tuple[float, float]:
    """The whole JPEG is decoded, and then scaled."""

    def read(path: Path) -> np.ndarray:
        with Image.open(path) as image:
            return np.asarray(ImageOps.fit(image.convert("RGB"), (size, size), Image.Resampling.BILINEAR))

    return decoding(folder, read)


def decoding(folder: str, read: Callable[[Path], np.ndarray]) -> tuple[float, float]:
    paths = sorted(Path(folder).rglob("*.jpg"))
    before, began = peak_megabytes(), time.process_time()
    for path in paths:
        read(path)
    return time.process_time() - began, peak_megabytes() - before


def our_statistics(count: int, size: int) -> tuple[float, float]:
    """Seconds of processors, and megabytes."""
    images = made_up_images(count, size)
    before, began = peak_megabytes(), time.process_time()
    batches.statistics(images, World(), CPU, 1)
    return time.process_time() - began, peak_megabytes() - before


def usual_statistics(count: int, size: int) -> tuple[float, float]:
    """All images as one tensor of floats: mean and standard deviation of each channel."""
    pixels = made_up_images(count, size).pixels
    assert pixels is not None
    before, began = peak_megabytes(), time.process_time()
    values = pixels.float() / 255
    values.mean((0, 1, 2)), values.std((0, 1, 2))
    return time.process_time() - began, peak_megabytes() - before


def trained(model: str) -> Learner:
    """A network after a step of Adam, so that its optimizer has moments."""
    network = build(Architecture(model, 100, 32, 0.0))
    learner = Learner(network, Settings(), Precision(CPU, "no"), Statistics.on(CPU, [0.5] * 3, [0.25] * 3), World())
    learner.step((torch.zeros(2, 32, 32, 3, dtype=torch.uint8), torch.zeros(2, dtype=torch.int64)), 2, 0.001)
    return learner


def our_pause(model: str, folder: str) -> tuple[float, float]:
    """Seconds of the clock, and megabytes copied."""
    learner = trained(model)
    began = time.perf_counter()
    copied = snapshot({"model": learner.model.state_dict(), "optimizer": learner.optimizer.state_dict()})
    seconds = time.perf_counter() - began
    tensors = [*copied["model"].values()]
    tensors += [value for state in copied["optimizer"]["state"].values() for value in state.values()]
    return seconds, sum(one.numel() * one.element_size() for one in tensors) / 1e6


def usual_pause(model: str, folder: str) -> tuple[float, float]:
    """torch.save in the middle of the training, and the file on the disk when it goes on."""
    learner = trained(model)
    path = Path(folder, "checkpoint.pt")
    began = time.perf_counter()
    with open(path, "wb") as file:
        torch.save({"model": learner.model.state_dict(), "optimizer": learner.optimizer.state_dict()}, file)
        file.flush()
        os.fsync(file.fileno())
    return time.perf_counter() - began, path.stat().st_size / 1e6


def in_a_process(measure: Callable[..., tuple[float, float]], arguments: tuple) -> tuple[float, float]:
    with multiprocessing.get_context("spawn").Pool(1, torch.set_num_threads, (1,)) as pool:
        return pool.apply(measure, arguments)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=("decoding", "statistics", "checkpoint"), help="only this one")
    parser.add_argument("--photographs", type=int, default=40, help="JPEG files of 1200x900 pixels to decode")
    parser.add_argument("--images", type=int, default=500)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--model", default="resnet50")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sweepstack-bench-") as folder:
        images, network = (options.images, options.size), (options.model, folder)
        if options.part in (None, "decoding"):
            write_photographs(Path(folder), options.photographs, 0, 1200, 900)
        photographs = f"decoding of {options.photographs} JPEG files of 1200x900 to {options.size} px"
        files = (folder, options.size)
        what: dict[str, tuple[Callable[..., tuple[float, float]], tuple]] = {
            f"{photographs}, train.py": (our_decoding, files),
            f"{photographs}, whole": (usual_decoding, files),
            f"statistics of {options.images} images of {options.size} px, train.py": (our_statistics, images),
            f"statistics of {options.images} images of {options.size} px, in one tensor": (usual_statistics, images),
            f"checkpoint of {options.model}, train.py": (our_pause, network),
            f"checkpoint of {options.model}, in place": (usual_pause, network),
        }
        what = {name: how for name, how in what.items() if options.part is None or name.startswith(options.part)}
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in what}
        for _ in range(options.repeats):
            for name, (measure, arguments) in what.items():
                found[name].append(in_a_process(measure, arguments))
    print("| part | seconds | MB |\n| --- | --- | --- |")
    for name, runs in found.items():
        seconds, megabytes = (statistics.median(values) for values in zip(*runs, strict=True))
        print(f"| {name} | {seconds:.3f} | {megabytes:,.0f} |")


if __name__ == "__main__":
    main()
