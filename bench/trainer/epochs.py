"""What epochs cost: train.py beside the plain loop (plain.py) and torchvision's loop (reference.py), in processor time.

    uv run --frozen --project docker/trainer python bench/trainer/epochs.py [--train 192] [--width 1200] [--size 96]

Each program runs with one epoch and with `--epochs`, in turn, `--repeats` times, on one thread and, in reference.py,
with one worker. What counts is the time that processors spent on the whole command, worker processes included, so that
a machine which others use can still compare. The first epoch is the command with one epoch, less the start of a Python
that imports torch and torchvision; a later one is what each further epoch adds. Memory is the most that one process of
the command held. With `--gpu` all of the machine is used, in fp16 and bf16, and seconds are those of the clock.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from photographs import write_photographs

HERE = Path(__file__).resolve().parent
TRAIN = HERE.parents[1] / "docker" / "trainer" / "train.py"


class Cost(NamedTuple):
    """`seconds` of processors or of the clock, `megabytes` of the largest process."""

    seconds: float
    megabytes: float


ONE_THREAD = {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}


def cost(command: list[str], settings: dict[str, str], log: Path, gpu: bool) -> Cost:
    """Runs a command to its end; seconds of the clock with `gpu`. Raises SystemExit when it fails."""
    environ = {**os.environ, **({} if gpu else ONE_THREAD), **settings}
    began = time.perf_counter()
    with open(log, "wb") as output:
        process = subprocess.Popen(command, env=environ, stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{log.read_text()}")
    seconds = time.perf_counter() - began if gpu else usage.ru_utime + usage.ru_stime
    return Cost(seconds, usage.ru_maxrss / 1024)


def commands(options: argparse.Namespace, data: Path, epochs: int) -> dict[str, tuple[list[str], dict[str, str]]]:
    loop = [str(data), options.model, str(options.size), str(options.batch), str(epochs)]
    settings = {
        "DATA_DIR": data,
        "MODEL_NAME": options.model,
        "IMAGE_SIZE": options.size,
        "BATCH_SIZE": options.batch,
        "EPOCHS": epochs,
        "MAX_EPOCHS": options.epochs + 1,
        "MIXED_PRECISION": "auto" if options.gpu else "no",
        "EXPORT": "none",
    }
    workers = ["--workers", "16", "--amp"] if options.gpu else ["--workers", "1"]
    return {
        "train.py": ([sys.executable, str(TRAIN)], {name: str(value) for name, value in settings.items()}),
        "plain.py": ([sys.executable, str(HERE / "plain.py"), *loop], {}),
        "reference.py": ([sys.executable, str(HERE / "reference.py"), *loop, *workers], {}),
    }


def measure(options: argparse.Namespace, folder: Path) -> dict[tuple[str, int], list[Cost]]:
    """Costs by program and epochs. Each run has folders of its own: nothing is decoded before it."""
    write_photographs(folder / "data", options.train, options.val, options.width, options.width * 3 // 4)
    costs: dict[tuple[str, int], list[Cost]] = {}
    for repeat in range(options.repeats):
        empty = cost([sys.executable, "-c", "import torch, torchvision"], {}, folder / "log", options.gpu)
        costs.setdefault(("", 0), []).append(empty)
        for epochs in (1, options.epochs):
            for name, (command, settings) in commands(options, folder / "data", epochs).items():
                own = folder / f"{name}-{repeat}-{epochs}"
                places = {"CHECKPOINT_DIR": "checkpoint", "MODEL_DIR": "model", "METRICS_FILE": "metrics.jsonl"}
                places["SWEEPSTACK_CACHE"] = "cache"
                settings |= {variable: str(own / place) for variable, place in places.items()}
                costs.setdefault((name, epochs), []).append(cost(command, settings, folder / "log", options.gpu))
    return costs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in {"train": 192, "val": 48, "width": 1200, "size": 96, "batch": 32, "epochs": 3}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--model", default="small_cnn")
    parser.add_argument("--gpu", action="store_true", help="a GPU and all CPUs, by the clock")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sweepstack-bench-") as folder:
        costs = measure(options, Path(folder))

    def seconds(name: str, epochs: int) -> float:
        return statistics.median(one.seconds for one in costs[name, epochs])

    print("| program | first epoch, s | a later epoch, s | memory, MB |\n| --- | --- | --- | --- |")
    start = seconds("", 0)
    for name in ("train.py", "plain.py", "reference.py"):
        first = seconds(name, 1) - start
        later = (seconds(name, options.epochs) - seconds(name, 1)) / (options.epochs - 1)
        memory = max(one.megabytes for one in costs[name, options.epochs])
        print(f"| {name} | {first:.1f} | {later:.2f} | {memory:,.0f} |")
    print(f"\nstart of a Python with torch and torchvision: {start:.1f} s")


if __name__ == "__main__":
    main()
