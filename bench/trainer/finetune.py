"""What fine-tuning and the recipes are worth: accuracy on images held out, mean and standard deviation over seeds.

    uv run --frozen --project docker/trainer python bench/trainer/finetune.py [--seeds 3] [--model resnet18]
        [--data FOLDER] [--before 200] [--before-epochs 10] [--epochs 30] [--size PIXELS] [--case NAME ...]

Each case trains on the same 100 images for 30 epochs: from nothing, with each part of a recipe alone, with the whole
recipe, and from weights that the same network learned in 10 epochs on 1,000 other images. scikit-learn's digits are all
the data (1,797 images of 8x8 pixels), so the figures say what is worth what, not how good a network for photographs is.

--data is a folder with train/CLASS and val/CLASS, such as examples/fashion-mnist makes, of which each class gives its
first 50 training images (500 of ten classes), the weights the next --before, and the validation its first 50. With
--weights the few are images that clothes.py held out: all seeds start from what it learned from all the others.
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

from run import ROOT, digits, outputs

sys.path.insert(0, str(ROOT / "docker" / "trainer"))

import train

LEARNED_BEFORE = 1000
FEW = 100
# Of each class of --data.
FEW_OF_CLASS, HELD_OUT_OF_CLASS = 50, 50
CASES: dict[str, dict[str, str]] = {
    "from nothing": {},
    "RECIPE=small": {"RECIPE": "small"},
    "EMA=0.99": {"EMA": "0.99"},
    "AUGMENT=shift": {"AUGMENT": "shift"},
    "AUGMENT=crop": {"AUGMENT": "crop"},
    "CUTMIX=1": {"CUTMIX": "1"},
    "RECIPE=photo": {"RECIPE": "photo"},
    "RECIPE=photo, no EMA": {"RECIPE": "photo", "EMA": "0"},
    "RECIPE=small, no flips": {"RECIPE": "small", "AUGMENT": "shift"},
    "WEIGHTS": {"WEIGHTS": "weights"},
    "WEIGHTS, FREEZE=backbone": {"WEIGHTS": "weights", "FREEZE": "backbone", "LEARNING_RATE": "0.01"},
    "WEIGHTS, RECIPE=finetune": {"WEIGHTS": "weights", "RECIPE": "finetune"},
    "WEIGHTS, RECIPE=finetune, no decay": {"WEIGHTS": "weights", "RECIPE": "finetune", "LAYER_DECAY": "1"},
    "WEIGHTS, RECIPE=finetune, flips only": {"WEIGHTS": "weights", "RECIPE": "finetune", "AUGMENT": "flip"},
    "WEIGHTS, LEARNING_RATE=0.0001": {"WEIGHTS": "weights", "LEARNING_RATE": "0.0001"},
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


def link(data: Path, root: Path, before: int | None) -> None:
    """The same folders as those of `write`, of the images of --data. `before`: of each class, for weights to be learned
    from; None where --data has the parts of clothes.py, and the weights are there.
    """
    few, held_out = FEW_OF_CLASS, HELD_OUT_OF_CLASS
    if before is None:
        parts = {"few/train": ("val", 0, few), "few/val": ("test", 0, held_out)}
    else:
        parts = {
            "few/train": ("train", 0, few),
            "before": ("train", few, few + before),
            "few/val": ("val", 0, held_out),
        }
    for target, (part, first, end) in parts.items():
        for folder in sorted(path for path in (data / part).iterdir() if path.is_dir()):
            (root / target / folder.name).mkdir(parents=True)
            for image in sorted(folder.iterdir())[first:end]:
                (root / target / folder.name / image.name).symlink_to(image.resolve())


def accuracy(folder: Path, **settings: str) -> tuple[float, float]:
    """The best epoch's on the images held out, and the processor seconds of the training."""
    environ = {
        **outputs(folder),
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
    parser.add_argument("--before", type=int, default=200, help="images of each class of --data for the weights")
    parser.add_argument("--before-epochs", type=int, default=10)
    parser.add_argument("--weights", type=Path, help="model folder of clothes.py, whose data is then --data")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--size", type=int, help="IMAGE_SIZE")
    parser.add_argument("--case", action="append", choices=CASES)
    asked = parser.parse_args()
    cases = {name: CASES[name] for name in asked.case or CASES}
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        if asked.data:
            link(asked.data, root, None if asked.weights else asked.before)
        else:
            write(root)
        shared = {"MODEL_NAME": asked.model, "SWEEPSTACK_CACHE": str(root / "cache")}
        if asked.size:
            shared["IMAGE_SIZE"] = str(asked.size)
        if asked.weights:
            shutil.copytree(asked.weights, root / "few" / "weights")
        found: dict[str, list[tuple[float, float]]] = {case: [] for case in cases}
        for seed in range(asked.seeds):
            if asked.weights is None:
                learned = root / "learned"
                length = {"DATA_DIR": str(root / "before"), "EPOCHS": str(asked.before_epochs)}
                print(f"seed {seed}, weights: {accuracy(learned, SEED=str(seed), **length, **shared)}", file=sys.stderr)
                shutil.copytree(learned / "model", root / "few" / "weights", dirs_exist_ok=True)
                shutil.rmtree(learned)
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
