"""Makes data/: few handwritten digits to train on and many held out, and weights that the same network learned from
others. scikit-learn has the digits, so nothing is downloaded.
"""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

DATA = Path(__file__).with_name("data")
TRAINER = Path(__file__).resolve().parents[2] / "docker" / "trainer" / "train.py"
LEARNED_BEFORE = 1000
FEW = 100


def write(before: Path) -> None:
    known = load_digits()
    for number, (image, label) in enumerate(zip(known.images, known.target, strict=True)):
        few = DATA / ("train" if number < LEARNED_BEFORE + FEW else "val")
        folder = (before if number < LEARNED_BEFORE else few) / str(label)
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray((image * 255 / 16).astype(np.uint8)).save(folder / f"{number:04}.png")


def learn(before: Path, folder: Path) -> None:
    settings = {
        "DATA_DIR": str(before),
        "MODEL_NAME": "small_resnet",
        "EPOCHS": "10",
        "EXPORT": "none",
        "CHECKPOINT_DIR": str(folder / "checkpoint"),
        "METRICS_FILE": str(folder / "metrics.jsonl"),
        "MODEL_DIR": str(DATA / "learned"),
    }
    subprocess.run([sys.executable, str(TRAINER)], env={**os.environ, **settings}, check=True)


def main() -> None:
    with TemporaryDirectory() as folder:
        write(Path(folder, "before"))
        learn(Path(folder, "before"), Path(folder))


if __name__ == "__main__":
    main()
