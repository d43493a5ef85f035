"""train.py beside the plain loop that people start from (plain.py): images a second, and time to an accuracy.

    uv run --frozen --project docker/trainer python bench/trainer/run.py [--repeats 3] [--case NAME ...]

The same network, images and batch size, in turn, medians. The images are a part of Fashion-MNIST, where
examples/fashion-mnist/prepare.py has made it, otherwise scikit-learn's digits enlarged. Times to an accuracy count from
the start of the process: importing PyTorch and decoding are in them.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FASHION = ROOT / "examples" / "fashion-mnist" / "data"
VALIDATING_DIGITS = 360
LINE = re.compile(r"^epoch \d+/\d+ .*val loss \S+ accuracy (\S+) .* ([\d,]+) images/s(.*)$")


@dataclass(frozen=True)
class Case:
    """`side`: pixels of the files' sides; `size`: pixels that the network gets."""

    name: str
    model: str
    train: int
    val: int
    epochs: int
    target: float
    side: int = 28
    size: int = 28
    batch: int = 64


CASES = (
    Case("resnet18", "resnet18", train=600, val=200, epochs=3, target=0.6),
    Case("small-cnn", "small_cnn", train=3000, val=500, epochs=3, target=0.7),
    # As photographs are: most of the work is to decode and scale them.
    Case("small-cnn-photos", "small_cnn", train=1500, val=500, epochs=3, target=0.6, side=320),
    # As telephones take them, and then some scaled down: the input pipeline is the limit.
    Case("small-cnn-large-photos", "small_cnn", train=256, val=32, epochs=2, target=0.3, side=1600, batch=64),
)


@dataclass
class Measured:
    """One program in one case, over the repeats."""

    rates: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    seconds_to_target: list[float] = field(default_factory=list)
    mfu: str = ""


def digits() -> list[tuple[Image.Image, str]]:
    import numpy as np
    from sklearn.datasets import load_digits

    known = load_digits()
    return [
        (Image.fromarray((image * 255 / 16).astype(np.uint8)), str(label))
        for image, label in zip(known.images, known.target, strict=True)
    ]


def write_case(case: Case, folder: Path) -> None:
    """As many images as the case wants, of all classes alike; JPEG where they are to be large."""
    for part, count in (("train", case.train), ("val", case.val)):
        if FASHION.is_dir():
            classes = sorted(path for path in (FASHION / part).iterdir() if path.is_dir())
            each = -(-count // len(classes))
            files = [(file, path.name) for path in classes for file in sorted(path.iterdir())[:each]]
            found = [(Image.open(file).convert("L"), name) for file, name in files]
        else:
            images = digits()
            found = (images[:-VALIDATING_DIGITS] if part == "train" else images[-VALIDATING_DIGITS:])[:count]
        for number, (image, name) in enumerate(found):
            place = folder / part / name
            place.mkdir(parents=True, exist_ok=True)
            scaled = image.resize((case.side, case.side), Image.Resampling.BICUBIC)
            scaled.save(place / f"{number:05}.{'png' if case.side < 100 else 'jpg'}")


def outputs(folder: Path) -> dict[str, str]:
    """Settings of a training that leaves what it makes in a folder, and exports nothing."""
    return {
        "CHECKPOINT_DIR": str(folder / "checkpoint"),
        "MODEL_DIR": str(folder / "model"),
        "METRICS_FILE": str(folder / "metrics.jsonl"),
        "EXPORT": "none",
    }


def train_program(case: Case, data: Path, output: Path) -> tuple[list[str], dict[str, str]]:
    settings = {
        "DATA_DIR": data,
        "MODEL_NAME": case.model,
        "IMAGE_SIZE": case.size,
        "BATCH_SIZE": case.batch,
        "EPOCHS": case.epochs,
        "LEARNING_RATE": 0.001,
        **outputs(output),
        # Its own: images that an earlier run decoded would be an advantage.
        "SWEEPSTACK_CACHE": output / "cache",
    }
    program = ROOT / "docker" / "trainer" / "train.py"
    return [sys.executable, str(program)], {name: str(value) for name, value in settings.items()}


def plain_program(case: Case, data: Path) -> tuple[list[str], dict[str, str]]:
    numbers = [str(number) for number in (case.size, case.batch, case.epochs)]
    return [sys.executable, str(HERE / "plain.py"), str(data), case.model, *numbers], {}


def measure(command: list[str], settings: dict[str, str], case: Case, into: Measured) -> None:
    """Runs one training, and notes its epochs as they end."""
    started = time.perf_counter()
    reached: float | None = None
    rates = []
    with subprocess.Popen(command, env={**os.environ, **settings}, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        for line in program.stdout:
            found = LINE.match(line)
            if found is None:
                continue
            rates.append(float(found[2].replace(",", "")))
            if reached is None and float(found[1]) >= case.target:
                reached = time.perf_counter() - started
            into.mfu = (re.findall(r"MFU \S+ ?%?", found[3]) or [into.mfu])[-1]
    if program.returncode != 0 or not rates:
        raise SystemExit(f"{' '.join(command)} ended with status {program.returncode} after {len(rates)} epochs")
    into.rates.append(statistics.median(rates))
    into.seconds.append(time.perf_counter() - started)
    if reached is not None:
        into.seconds_to_target.append(reached)


def run_case(case: Case, repeats: int, processor_time: bool) -> tuple[Measured, Measured]:
    ours, plain = Measured(), Measured()
    with tempfile.TemporaryDirectory(prefix="sweepstack-bench-") as name:
        folder = Path(name)
        write_case(case, folder / "data")
        for repeat in range(repeats):
            # In turn, so that what else the machine does meets both.
            programs = (
                (plain_program(case, folder / "data"), plain),
                (
                    train_program(case, folder / "data", folder / f"run-{repeat}"),
                    ours,
                ),
            )
            for ((python, *program), settings), into in programs:
                clock = [str(HERE / "processor_time.py")] if processor_time else []
                measure([python, *clock, *program], settings, case, into)
    return ours, plain


def row(case: Case, ours: Measured, plain: Measured, repeats: int) -> str:
    rates = statistics.median(ours.rates), statistics.median(plain.rates)
    cells = [
        f"{case.model}, {case.train:,} images of {case.side} px",
        f"{rates[0]:,.0f}",
        f"{rates[1]:,.0f}",
        f"{rates[0] / rates[1]:.1f}",
        f"{case.target:g}",
        *(
            f"{statistics.median(times):.1f} s" if len(times) == repeats else f"not in {case.epochs} epochs"
            for times in (ours.seconds_to_target, plain.seconds_to_target)
        ),
        ours.mfu,
    ]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--case", action="append", choices=[case.name for case in CASES])
    help = "images a second of processor time, on one thread of each: for a busy machine"
    parser.add_argument("--processor-time", action="store_true", help=help)
    options = parser.parse_args()
    head = ["", "train.py, images/s", "plain.py, images/s", "times", "to accuracy", "train.py", "plain.py", "MFU"]
    print(f"| {' | '.join(head)} |\n|{' --- |' * len(head)}", flush=True)
    for case in CASES:
        if options.case is None or case.name in options.case:
            print(row(case, *run_case(case, options.repeats, options.processor_time), options.repeats), flush=True)


if __name__ == "__main__":
    main()
