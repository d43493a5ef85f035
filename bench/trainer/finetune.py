"""What fine-tuning and the recipes are worth: accuracy on images held out, mean and standard deviation over seeds.

    uv run --frozen --project docker/trainer python bench/trainer/finetune.py [--seeds 3] [--model resnet18]

Each case trains on the same 100 images for 30 epochs: from nothing, with each part of a recipe alone, with the whole
recipe, and from weights that the same network learned in 10 epochs on 1,000 other images. scikit-learn's digits are all
the data (1,797 images of 8x8 pixels), so the figures say what is worth what, not how good a network for photographs is.
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
CASES: dict[str, dict[str, str]] = {
    "from nothing": {},
    "EMA=0.99": {"EMA": "0.99"},
    "AUGMENT=shift": {"AUGMENT": "shift"},
    "AUGMENT=crop": {"AUGMENT": "crop"},
    "CUTMIX=1": {"CUTMIX": "1"},
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
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        write(root)
        shared = {"MODEL_NAME": asked.model, "SWEEPSTACK_CACHE": str(root / "cache")}
        found: dict[str, list[tuple[float, float]]] = {case: [] for case in CASES}
        for seed in range(asked.seeds):
            before = root / "learned"
            accuracy(before, DATA_DIR=str(root / "before"), EPOCHS="10", SEED=str(seed), **shared)
            shutil.copytree(before / "model", root / "few" / "weights", dirs_exist_ok=True)
            shutil.rmtree(before)
            for case, settings in CASES.items():
                trial = root / "trial"
                own = {"DATA_DIR": str(root / "few"), "EPOCHS": "30", "SEED": str(seed), **shared, **settings}
                if "WEIGHTS" in own:
                    own["WEIGHTS"] = str(root / "few" / "weights")
                found[case].append(accuracy(trial, **own))
                shutil.rmtree(trial)
    print(f"{asked.model}, {FEW} images, {asked.seeds} seeds")
    for case, results in found.items():
        values = [value for value, _ in results]
        spread = statistics.stdev(values) if len(values) > 1 else 0.0
        seconds = statistics.mean(seconds for _, seconds in results)
        print(f"{case:36} {statistics.mean(values):.3f} +- {spread:.3f}   {seconds:5.1f} processor seconds")
    return 0


if __name__ == "__main__":
    sys.exit(main())
