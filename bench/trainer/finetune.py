"""What fine-tuning and the recipes are worth: accuracy on images held out, mean and standard deviation over seeds.

    uv run --frozen --project docker/trainer python bench/trainer/finetune.py [--seeds 3] [--model resnet18]
        [--data FOLDER] [--epochs 30] [--size PIXELS] [--case NAME ...]

Each case trains on the same 100 images for 30 epochs: from nothing, with each part of a recipe alone, with the whole
recipe, and from weights that the same network learned in 10 epochs on 1,000 other images. scikit-learn's digits are all
the data (1,797 images of 8x8 pixels), so the figures say what is worth what, not how good a network for photographs is.

--data is a folder with train/CLASS and val/CLASS, such as examples/fashion-mnist makes, of which each class gives its
first 50 training images (500 of ten classes), the weights the next 200, and the validation its first 50.
"""

import argparse
import contextlib
import io
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from run import ROOT, digits

sys.path.insert(0, str(ROOT / "docker" / "trainer"))

import train

LEARNED_BEFORE = 1000
FEW = 100
# Of each class of --data.
FEW_OF_CLASS, BEFORE_OF_CLASS, HELD_OUT_OF_CLASS = 50, 200, 50
CASES: dict[str, dict[str, str]] = {
    "from nothing": {},
    "EMA=0.99": {"EMA": "0.99"},
    "AUGMENT=shift": {"AUGMENT": "shift"},
    "AUGMENT=crop": {"AUGMENT": "crop"},
    "CUTMIX=1": {"CUTMIX": "1"},
    "RECIPE=photo": {"RECIPE": "photo"},
    "RECIPE=photo, no EMA": {"RECIPE": "photo", "EMA": "0"},
    "RECIPE=small, no flips": {"RECIPE": "small", "AUGMENT": "shift"},
    "WEIGHTS": {"WEIGHTS": "weights"},
    "WEIGHTS, FREEZE=backbone": {"WEIGHTS": "weights", "FREEZE": "backbone", "LEARNING_RATE": "0.01"},
    "WEIGHTS, RECIPE=finetune, no flips": {"WEIGHTS": "weights", "RECIPE": "finetune", "AUGMENT": "crop"},
}


def write(root: Path) -> None:
    """`before`: the images that the weights are learned from; `few`: those of each case, and the ones held out."""
    images = digits()
    for number, (image, name) in enumerate(images):
        if number < LEARNED_BEFORE:
            folder = root / "before" / name
        else:
            folder = root / "few" / ("train" if number < LEARNED_BEFORE + FEW else "val") / name
        folder.mkdir(parents=True, exist_ok=True)
        image.save(folder / f"{number:04}.png")


def link(data: Path, root: Path) -> None:
    """The same folders as those of `write`, of the images of --data."""
    few, last = FEW_OF_CLASS, FEW_OF_CLASS + BEFORE_OF_CLASS
    parts = {"few/train": ("train", 0, few), "before": ("train", few, last), "few/val": ("val", 0, HELD_OUT_OF_CLASS)}
    for target, (part, first, end) in parts.items():
        for folder in sorted(path for path in (data / part).iterdir() if path.is_dir()):
            (root / target / folder.name).mkdir(parents=True)
            for image in sorted(folder.iterdir())[first:end]:
                (root / target / folder.name / image.name).symlink_to(image.resolve())


def accuracy(folder: Path, **settings: str) -> tuple[float, float]:
    """The best epoch's on the images held out, and the processor seconds of the training."""
    environ = {
        "CHECKPOINT_DIR": str(folder / "checkpoint"),
        "MODEL_DIR": str(folder / "model"),
        "METRICS_FILE": str(folder / "metrics.jsonl"),
        "EXPORT": "none",
        "DEVICE": "cpu",
        "BATCH_SIZE": "16",
        **settings,
    }
    began = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()) as said:
        status = train.main({**os.environ, **environ}, [])
    if status != 0:
        raise SystemExit(f"training ended with status {status}: {said.getvalue()}")
    metrics = json.loads((folder / "model" / "model.json").read_text())["metrics"]
    return metrics["val_accuracy"], time.process_time() - began


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--model", default="resnet18")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--size", type=int, help="IMAGE_SIZE")
    parser.add_argument("--case", action="append", choices=CASES)
    asked = parser.parse_args()
    cases = {name: CASES[name] for name in asked.case or CASES}
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        if asked.data:
            link(asked.data, root)
        else:
            write(root)
        shared = {"MODEL_NAME": asked.model, "SWEEPSTACK_CACHE": str(root / "cache")}
        if asked.size:
            shared["IMAGE_SIZE"] = str(asked.size)
        found: dict[str, list[tuple[float, float]]] = {case: [] for case in cases}
        for seed in range(asked.seeds):
            before = root / "learned"
            accuracy(before, DATA_DIR=str(root / "before"), EPOCHS="10", SEED=str(seed), **shared)
            shutil.copytree(before / "model", root / "few" / "weights", dirs_exist_ok=True)
            shutil.rmtree(before)
            for case, settings in cases.items():
                trial = root / "trial"
                own = {
                    "DATA_DIR": str(root / "few"),
                    "EPOCHS": str(asked.epochs),
                    "SEED": str(seed),
                    **shared,
                    **settings,
                }
                if "WEIGHTS" in own:
                    own["WEIGHTS"] = str(root / "few" / "weights")
                found[case].append(accuracy(trial, **own))
                print(f"seed {seed}, {case}: {found[case][-1][0]:.4f}", file=sys.stderr)
                shutil.rmtree(trial)
    print(f"{asked.model}, {asked.seeds} seeds, {asked.epochs} epochs")
    for case, results in found.items():
        values = [value for value, _ in results]
        spread = statistics.stdev(values) if len(values) > 1 else 0.0
        seconds = statistics.mean(seconds for _, seconds in results)
        print(f"{case:36} {statistics.mean(values):.3f} +- {spread:.3f}   {seconds:5.1f} processor seconds")
    return 0


if __name__ == "__main__":
    sys.exit(main())
