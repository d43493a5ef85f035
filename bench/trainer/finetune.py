"""What fine-tuning and the recipes are worth: accuracy on images held out, mean and standard deviation over seeds.

    uv run --frozen --project docker/trainer python bench/trainer/finetune.py [--seeds 3] [--model resnet18]
        [--data FOLDER] [--before 200] [--before-epochs 10] [--before-batch 16] [--known CLASSES]
        [--same-weights] [--epochs 30] [--size PIXELS] [--case NAME ...] [--work FOLDER]

Each case trains on the same 100 images for 30 epochs: from nothing, with each part of a recipe alone, with the whole
recipe, and from weights that the same network learned in 10 epochs on 1,000 other images. scikit-learn's digits are all
the data (1,797 images of 8x8 pixels), so the figures say what is worth what, not how good a network for photographs is.

--data is a folder with train/CLASS and val/CLASS, such as examples/fashion-mnist makes. Its classes give equally many
of 500 images that train, the first of train/, and of 500 that choose the epoch, the first of val/; the next 1,000 of
val/ are tested once, at the end. The weights learn from the next --before images of each class in train/. With --known
they learn from the first so many classes by name, and everything else is done with the other classes.
With --weights the few are images that clothes.py held out: all seeds start from what it learned from all the others.

--work keeps the weights and the results; the same command again goes on where it ended.
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
# Images of --data, of all classes together.
FEW_OF_DATA, CHOOSE, TEST = 500, 500, 1000
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


def link_images(data: Path, root: Path, before: int | None, known: int | None) -> None:
    """The same folders as those of `write`, and few/test, of the images of --data. `before`: of each class, for weights
    to be learned from; None where --data has the parts of clothes.py, and the weights are there. `known`: how many
    classes, the first by name, are for the weights only.
    """
    classes = sorted(path.name for path in (data / "train").iterdir() if path.is_dir())
    own = classes[known:]
    few, choose, test = (images // len(own) for images in (FEW_OF_DATA, CHOOSE, TEST))
    train, val = ("train", "val") if before is not None else ("val", "test")
    parts = [
        ("few/train", own, train, 0, few),
        ("few/val", own, val, 0, choose),
        ("few/test", own, val, choose, choose + test),
    ]
    if before is not None:
        parts.append(("before", classes[:known], train, few, few + before))
    for target, names, part, first, end in parts:
        for name in names:
            (root / target / name).mkdir(parents=True, exist_ok=True)
            for image in sorted((data / part / name).iterdir())[first:end]:
                link = root / target / name / image.name
                if not link.is_symlink():
                    link.symlink_to(image.resolve())


def accuracy(folder: Path, **settings: str) -> tuple[float, float]:
    """The best epoch's on the test images, or where there are none on those held out; the processor seconds it took."""
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
    description = json.loads((folder / "model" / "model.json").read_text())
    if "test" in description:
        return description["test"]["test_accuracy"], time.process_time() - began
    return description["metrics"]["val_accuracy"], time.process_time() - began


def learn(root: Path, seed: int, asked: argparse.Namespace, shared: dict[str, str]) -> Path:
    """The model folder that the cases with WEIGHTS start from."""
    weights = root / f"weights-{0 if asked.same_weights else seed}"
    if asked.weights:
        return asked.weights
    if not weights.exists():
        learned = root / "learned"
        own = {
            "DATA_DIR": str(root / "before"),
            "EPOCHS": str(asked.before_epochs),
            "BATCH_SIZE": asked.before_batch,
            "SEED": str(seed),
            **shared,
        }
        print(f"seed {seed}, weights: {accuracy(learned, **own)}", file=sys.stderr)
        (learned / "model").rename(weights)
        shutil.rmtree(learned)
    return weights


def measure(root: Path, cases: dict[str, dict[str, str]], asked: argparse.Namespace) -> dict[str, list[list[float]]]:
    """Accuracy and processor seconds of each seed, by case."""
    shared = {"MODEL_NAME": asked.model, "SWEEPSTACK_CACHE": str(root / "cache")}
    if asked.size:
        shared["IMAGE_SIZE"] = str(asked.size)
    kept = root / "results.json"
    known: dict[str, list[float]] = json.loads(kept.read_text()) if kept.exists() else {}
    found: dict[str, list[list[float]]] = {case: [] for case in cases}
    for seed in range(asked.seeds):
        for case, settings in cases.items():
            name = f"seed {seed}, {case}"
            if name not in known:
                own = {
                    "DATA_DIR": str(root / "few"),
                    "EPOCHS": str(asked.epochs),
                    "SEED": str(seed),
                    **shared,
                    **settings,
                }
                if "WEIGHTS" in own:
                    own["WEIGHTS"] = str(learn(root, seed, asked, shared))
                shutil.rmtree(root / "trial", ignore_errors=True)
                known[name] = list(accuracy(root / "trial", **own))
                kept.write_text(json.dumps(known))
                print(f"{name}: {known[name][0]:.4f}", file=sys.stderr)
            found[case].append(known[name])
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--model", default="resnet18")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--before", type=int, default=200, help="images of each class of --data for the weights")
    parser.add_argument("--before-epochs", type=int, default=10)
    parser.add_argument("--before-batch", default="16", help="BATCH_SIZE of the training that makes the weights")
    parser.add_argument("--known", type=int, help="classes of --data that only the weights learn from")
    parser.add_argument("--same-weights", action="store_true", help="every seed starts from those of the first")
    parser.add_argument("--weights", type=Path, help="model folder of clothes.py, whose data is then --data")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--size", type=int, help="IMAGE_SIZE")
    parser.add_argument("--work", type=Path, help="folder that keeps weights and results")
    parser.add_argument("--case", action="append", choices=CASES)
    asked = parser.parse_args()
    cases = {name: CASES[name] for name in asked.case or CASES}
    with contextlib.nullcontext(asked.work) if asked.work else tempfile.TemporaryDirectory() as name:
        root = Path(name).resolve()
        if not (root / "prepared").exists():
            if asked.data:
                link_images(asked.data, root, None if asked.weights else asked.before, asked.known)
            else:
                write(root)
            (root / "prepared").touch()
        found = measure(root, cases, asked)
    print(f"{asked.model}, {asked.seeds} seeds, {asked.epochs} epochs")
    for case, results in found.items():
        values = [value for value, _ in results]
        spread = statistics.stdev(values) if len(values) > 1 else 0.0
        seconds = statistics.mean(seconds for _, seconds in results)
        print(f"{case:36} {statistics.mean(values):.3f} +- {spread:.3f}   {seconds:5.1f} processor seconds")
    return 0


if __name__ == "__main__":
    sys.exit(main())
