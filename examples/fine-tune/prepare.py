"""Makes data/: few handwritten digits to train on and many held out, and weights that the same network learned from
others. scikit-learn has the digits, so nothing is downloaded. The folder appears whole, by a rename, and is left alone
when it is there already: other weights would be other data, and every trial would train again.
"""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

DATA = Path(__file__).with_name("data")
TRAINER = Path(__file__).resolve().parents[2] / "docker" / "trainer" / "train.py"
LEARNED_BEFORE = 1000
FEW = 100


def write(before: Path, data: Path) -> None:
    # Here and not above: the second run should not wait for these imports.
    import numpy as np
    from PIL import Image
    from sklearn.datasets import load_digits

    known = load_digits()
    for number, (image, label) in enumerate(zip(known.images, known.target, strict=True)):
        few = data / ("train" if number < LEARNED_BEFORE + FEW else "val")
        folder = (before if number < LEARNED_BEFORE else few) / str(label)
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray((image * 255 / 16).astype(np.uint8)).save(folder / f"{number:04}.png")


def learn(before: Path, folder: Path, model: Path) -> None:
    settings = {
        "DATA_DIR": str(before),
        "MODEL_NAME": "small_resnet",
        "EPOCHS": "10",
        "EXPORT": "none",
        "CHECKPOINT_DIR": str(folder / "checkpoint"),
        "METRICS_FILE": str(folder / "metrics.jsonl"),
        "MODEL_DIR": str(model),
    }
    subprocess.run([sys.executable, str(TRAINER)], env={**os.environ, **settings}, check=True)


def main() -> None:
    if DATA.exists():
        print(f"{DATA} is there already", file=sys.stderr)
        return
    # Beside it, so that the rename stays on one file system; hidden, so that nothing takes it for data.
    with TemporaryDirectory(prefix=".data-", dir=DATA.parent) as name:
        folder = Path(name)
        write(folder / "before", folder / "data")
        learn(folder / "before", folder, folder / "data" / "learned")
        os.rename(folder / "data", DATA)
    print(f"wrote {DATA}", file=sys.stderr)


if __name__ == "__main__":
    main()
