"""Images as a network takes them: the same steps in training and in prediction."""

from pathlib import Path

import torch

from decode import read_pixels

CHANNELS = 3


def read_image(path: Path, size: int, fit: str = "crop") -> torch.Tensor:
    """An image as uint8 of shape [3, size, size]; `fit` is IMAGE_FIT. Raises UnreadableError."""
    return torch.from_numpy(read_pixels(path, size, fit).copy()).permute(2, 0, 1)


def normalise(images: torch.Tensor, mean: torch.Tensor, std: torch.Tensor) -> torch.Tensor:
    """uint8 [N, 3, H, W] to float32, each channel with `mean` and `std` (shape [3], on a scale of 0 to 1) taken out."""
    return (images.float() / 255 - mean.view(1, -1, 1, 1)) / std.view(1, -1, 1, 1)
