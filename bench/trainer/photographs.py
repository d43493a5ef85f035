"""Made-up photographs: JPEG files with large shapes, fine grain and a class that a network can learn."""

from pathlib import Path

import numpy as np
from PIL import Image

CLASSES = 4
QUALITY = 90


def photograph(random: np.random.Generator, kind: int, width: int, height: int) -> Image.Image:
    """Noise of several sizes over one another, as in photographs, tinted by its class."""
    picture = np.zeros((height, width, 3), np.float32)
    for cells, weight in ((4, 80), (16, 40), (64, 20), (256, 10)):
        noise = random.integers(0, 256, (max(1, cells * height // width), cells, 3), np.uint8)
        scaled = Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)
        picture += np.asarray(scaled, np.float32) * (weight / 150)
    picture[..., kind % 3] += 40 if kind < 3 else -40
    return Image.fromarray(picture.clip(0, 255).astype(np.uint8))


def write_photographs(folder: Path, train: int, val: int, width: int, height: int) -> None:
    """`folder`/train and /val, with the classes in turn."""
    random = np.random.default_rng(0)
    for part, count in (("train", train), ("val", val)):
        for number in range(count):
            kind = number % CLASSES
            place = folder / part / f"class{kind}"
            place.mkdir(parents=True, exist_ok=True)
            photograph(random, kind, width, height).save(place / f"{number:05}.jpg", quality=QUALITY)
