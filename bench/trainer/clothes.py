"""Accuracy on Fashion-MNIST, and the processor time it takes: mean and standard deviation over seeds.

    uv run --frozen --project docker/trainer python bench/trainer/clothes.py --data FOLDER --work FOLDER
        [--seeds 3] [--case NAME ...] [--whole]

--data is the folder with train/ and val/ that examples/fashion-mnist/prepare.py writes. The last 500 training images of
each class validate: they choose the epoch, and whoever tries cases out chooses by them. The 10,000 of the official test
set are looked at once, after the last epoch, with the model of the best one: as it is, and with TEST_FLIP. A case is
trained by a process of its own on one thread. The same command again goes on where it ended; --work keeps checkpoints,
models and the results.

--whole: for a case that is already chosen, those that validated train as well, so that validation only says how well
the images are known, and the last epochs, at the lowest learning rates, are kept. The test set stays unseen.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
from pathlib import Path

from run import ROOT, outputs

sys.path.insert(0, str(ROOT / "docker" / "trainer"))

import torch

from images import normalise, read_image
from model_folder import network_of, read_model

TRAINER = ROOT / "docker" / "trainer" / "train.py"
HELD_OUT = 500
SIXTEEN_EPOCHS = {
    "MODEL_NAME": "small_resnet",
    "BATCH_SIZE": "256",
    "OPTIMIZER": "sgd",
    "LEARNING_RATE": "0.2",
    "WEIGHT_DECAY": "0.0005",
    "WARMUP_EPOCHS": "1",
    "LABEL_SMOOTHING": "0.05",
    "AUGMENT": "flip",
    "EPOCHS": "16",
}
SMALLER_BATCHES = {
    **SIXTEEN_EPOCHS,
    "BATCH_SIZE": "128",
    "LEARNING_RATE": "0.1",
    "LABEL_SMOOTHING": "0.1",
    "EMA": "0.995",
    "EPOCHS": "17",
}
CASES: dict[str, dict[str, str]] = {
    "16 epochs": SIXTEEN_EPOCHS,
    "batches of 128": SMALLER_BATCHES,
    "erasing": {**SMALLER_BATCHES, "RANDOM_ERASING": "0.25", "EPOCHS": "20"},
    # As in examples/fashion-mnist.
    "example": {**SMALLER_BATCHES, "RANDOM_ERASING": "0.5", "EPOCHS": "30"},
}


def split(data: Path, target: Path, whole: bool) -> None:
    """Links the images as train/, val/ and test/, each with a folder per class. `whole`: those of val/ train too."""
    if target.exists():
        return
    part = target.with_suffix(".part")
    for source, name in (("train", "train"), ("val", "test")):
        for folder in sorted((data / source).iterdir()):
            images = sorted(folder.iterdir())
            known = images if whole else images[:-HELD_OUT]
            parts = {"train": known, "val": images[-HELD_OUT:]} if name == "train" else {name: images}
            for own, several in parts.items():
                (part / own / folder.name).mkdir(parents=True, exist_ok=True)
                for image in several:
                    link = part / own / folder.name / image.name
                    if not link.is_symlink():
                        link.symlink_to(image.resolve())
    part.rename(target)


def folder_of(work: Path, case: str, seed: int) -> Path:
    return work / f"{case.replace(' ', '-')}-{seed}"


def train(work: Path, case: str, seed: int) -> dict[str, float]:
    """Validation and test accuracy, and processor seconds of all starts except those killed with this program."""
    folder = folder_of(work, case, seed)
    folder.mkdir(exist_ok=True)
    done = folder / "result.json"
    if done.exists():
        return json.loads(done.read_text())
    environ = {
        "DATA_DIR": str(work / "data"),
        "SWEEPSTACK_CACHE": str(work / "cache"),
        **outputs(folder),
        "DEVICE": "cpu",
        "OMP_NUM_THREADS": "1",
        "SEED": str(seed),
        **CASES[case],
    }
    with (folder / "log").open("a") as log:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        ended = subprocess.run([sys.executable, str(TRAINER)], env={**os.environ, **environ}, stdout=log, stderr=log)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = folder / "seconds"
    seconds = float(spent.read_text()) if spent.exists() else 0.0
    seconds += after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    spent.write_text(str(seconds))
    if ended.returncode != 0:
        raise SystemExit(f"training ended with status {ended.returncode}; see {folder / 'log'}")
    model = json.loads((folder / "model" / "model.json").read_text())
    found = {"val": model["metrics"]["val_accuracy"], "test": model["test"]["test_accuracy"], "seconds": seconds}
    done.write_text(json.dumps(found))
    return found


def flipped(work: Path, case: str, seed: int) -> dict[str, float]:
    """Accuracy of the model with TEST_FLIP, which changes nothing of its training."""
    folder = folder_of(work, case, seed) / "model"
    description, weights = read_model(folder)
    model = network_of({**description, "test_flip": True}, weights)
    mean, std = (torch.tensor(description[name]) for name in ("mean", "std"))
    found = {}
    for part in ("val", "test"):
        right, count = 0, 0
        for place, name in enumerate(description["classes"]):
            images = torch.stack(
                [read_image(path, 28, "crop") for path in sorted((work / "data" / part / name).iterdir())]
            )
            with torch.inference_mode():
                right += sum(
                    (model(normalise(some, mean, std)).argmax(1) == place).sum().item() for some in images.split(250)
                )
            count += len(images)
        found[f"{part}, flipped"] = right / count
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--case", action="append", choices=CASES)
    parser.add_argument("--whole", action="store_true")
    asked = parser.parse_args()
    work = asked.work.resolve() / ("whole" if asked.whole else "held-out")
    work.mkdir(parents=True, exist_ok=True)
    split(asked.data, work / "data", asked.whole)
    for case in asked.case or CASES:
        found = []
        for seed in range(asked.seeds):
            found.append({**train(work, case, seed), **flipped(work, case, seed)})
            print(f"{case}, seed {seed}: {found[-1]}", file=sys.stderr, flush=True)
        means = {name: statistics.mean(one[name] for one in found) for name in found[0]}
        spread = statistics.stdev(one["test"] for one in found) if len(found) > 1 else 0.0
        figures = "   ".join(f"{name} {value:.4f}" for name, value in means.items() if name != "seconds")
        print(f"{case:16} {figures}   +- {spread:.4f}   {means['seconds']:.0f} processor seconds", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
