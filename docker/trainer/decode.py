"""One image file to pixels. Without torch, so that processes which only decode start in a moment."""

from contextlib import nullcontext
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from errors import UnreadableError


def open_image(path: Path) -> Image.Image:
    """Opens and decodes an image as RGB, upright. Raises UnreadableError naming the file."""
    try:
        with Image.open(path) as file:
            file.load()
            image: Image.Image = file
            if image.mode == "I" or image.mode.startswith("I;16"):
                # Pillow cuts 16-bit grey off at 255 when it converts; the high byte keeps the picture.
                image = Image.fromarray((np.asarray(image).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8))
            return ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, UnidentifiedImageError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UnreadableError(f"{path} cannot be read as an image ({error}); repair or remove it") from error


def read_pixels(path: Path, size: int) -> np.ndarray:
    """An image as uint8 of shape [size, size, 3]: its largest centred square, scaled. Raises UnreadableError."""
    image = open_image(path)
    if image.size != (size, size):
        image = ImageOps.fit(image, (size, size), Image.Resampling.BILINEAR)
    return np.asarray(image)


def decode_into(file: Path | None, size: int, first: int, paths: list[Path]) -> dict[int, str]:
    """Decodes `paths` into `file`, images of [size, size, 3] one after another, from place `first` on.

    Returns the places of those that cannot be read, with the reason; their pixels are left as they are. Without a file,
    nothing is kept and that is all.
    """
    unreadable = {}
    bytes_each = size * size * 3
    with open(file, "r+b") if file is not None else nullcontext() as target:
        for place, path in enumerate(paths, first):
            try:
                pixels = read_pixels(path, size)
            except UnreadableError as error:
                unreadable[place] = str(error)
                continue
            if target is not None:
                target.seek(place * bytes_each)
                target.write(pixels.tobytes())
    return unreadable
