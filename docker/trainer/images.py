"""One image from file to tensor: the same steps in training and in prediction."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError

from errors import UnreadableError

CHANNELS = 3


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


def read_image(path: Path, size: int) -> torch.Tensor:
    """An image as uint8 of shape [3, size, size]: its largest centred square, scaled."""
    image = open_image(path)
    if image.size != (size, size):
        image = ImageOps.fit(image, (size, size), Image.Resampling.BILINEAR)
    return torch.from_numpy(np.array(image)).permute(2, 0, 1)


def normalise(images: torch.Tensor, mean: torch.Tensor, std: torch.Tensor) -> torch.Tensor:
    """uint8 [N, 3, H, W] to float32, each channel with `mean` and `std` (shape [3], on a scale of 0 to 1) taken out."""
    return (images.float() / 255 - mean.view(1, -1, 1, 1)) / std.view(1, -1, 1, 1)
