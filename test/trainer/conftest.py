"""Small image folders, and a training of one of them in this process: importing torch anew takes seconds."""

import random
import sys
from pathlib import Path

import pytest
from PIL import Image

TRAINER = Path(__file__).resolve().parents[2] / "docker" / "trainer"
sys.path.insert(0, str(TRAINER))

import train  # noqa: E402 - found through the path above
from outcome import Run, variables  # noqa: E402


def write_images(root: Path, classes: dict[str, int], size: int = 8) -> Path:
    """Noisy images that differ by class in where they are bright, so a few steps tell them apart."""
    noise = random.Random(0)
    for place, (name, count) in enumerate(classes.items()):
        (root / name).mkdir(parents=True)
        for number in range(count):
            image = Image.new("RGB", (size, size))
            for x in range(size):
                bright = 200 if x * len(classes) // size == place else 40
                for y in range(size):
                    image.putpixel((x, y), tuple(bright + noise.randrange(-40, 40) for _ in range(3)))
            image.save(root / name / f"{number:03}.png")
    return root


@pytest.fixture
def images(tmp_path: Path) -> Path:
    return write_images(tmp_path / "images", {"cat": 20, "dog": 20})


@pytest.fixture
def written_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No thread writes: a test of what is written when need not wait for it, and misses none."""
    monkeypatch.setattr("writer.Writer.submit", lambda _self, _name, job: job())


def environment(folder: Path, images: Path, **settings: object) -> dict[str, str]:
    """The variables of a training in `folder`. A setting of None is left out."""
    environ = {
        "DATA_DIR": str(images),
        "CHECKPOINT_DIR": str(folder / "checkpoint"),
        "MODEL_DIR": str(folder / "model"),
        "METRICS_FILE": str(folder / "metrics.jsonl"),
        "BATCH_SIZE": "8",
        "EPOCHS": "2",
        "DEVICE": "cpu",
        "EXPORT": "none",
        "OMP_NUM_THREADS": "1",
        "SWEEPSTACK_CACHE": str(images.parent / "cache"),
    }
    return variables(environ, settings)


def train_in(folder: Path, images: Path, **settings: object) -> Run:
    """Trains in `folder`, where an earlier training left its checkpoint."""
    return Run(train.main(environment(folder, images, **settings), []), folder)


@pytest.fixture(autouse=True)
def nobody_asked_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    """A SIGTERM of an earlier test is not this one's."""
    monkeypatch.setattr("interruption._pending", False)


@pytest.fixture
def run(tmp_path: Path, images: Path):
    """run(name, SETTING=value, ...) trains in a folder of that name: train_in."""

    def run(name: str = "trial", **settings: object) -> Run:
        return train_in(tmp_path / name, images, **settings)

    return run
