"""From an image file to pixels. Without torch, so that processes that only decode start quickly."""

import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from errors import UnreadableError
from tar_files import source_of

# A large JPEG is decoded at a reduced size of at least this many times the requested pixels in each direction.
SPARE = 2
WHITE = (255, 255, 255, 255)
# Padding of letterboxed images: the middle of the scale, which normalisation turns into values near zero.
GREY = (128, 128, 128)

# Pillow warns about large images, odd EXIF and so on, again in each process. What cannot be read is an error anyway.
warnings.filterwarnings("ignore", module=r"PIL\.")


def open_image(path: Path, side: int | None = None) -> Image.Image:
    """Opens and decodes an image as RGB, upright. Raises UnreadableError naming the file.

    With `side`, a JPEG is decoded at a half, a quarter or an eighth of its size while both sides stay at least SPARE
    times that many pixels: the rest would only be averaged out.
    """
    try:
        with Image.open(source_of(path)) as file:
            if side is not None:
                file.draft(None, (SPARE * side, SPARE * side))
            file.load()
            return as_rgb(upright(file))
    except MemoryError:
        raise
    except Exception as error:  # Pillow raises many types of error for a truncated file or one that is no image
        reason = str(error) or type(error).__name__
        raise UnreadableError(f"{path} cannot be read as an image ({reason}); repair or remove it") from error


def image_size(path: Path) -> tuple[int, int]:
    """Width and height in pixels from the file's header. Raises UnreadableError."""
    try:
        with Image.open(source_of(path)) as file:
            return file.size
    except Exception as error:
        raise UnreadableError(f"{path} cannot be read as an image ({error}); repair or remove it") from error


def upright(image: Image.Image) -> Image.Image:
    """The image rotated as its EXIF says. A damaged EXIF block is ignored: the picture itself is intact."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:
        return image


def as_rgb(image: Image.Image) -> Image.Image:
    """Any mode as RGB: more than 8 bits are scaled to 8, and transparent pixels are drawn on white."""
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        image = Image.fromarray(to_eight_bits(np.asarray(image)))
    elif image.has_transparency_data:
        page = Image.new("RGBA", image.size, WHITE)
        page.alpha_composite(image.convert("RGBA"))
        image = page
    return image.convert("RGB")


def to_eight_bits(values: np.ndarray) -> np.ndarray:
    """Integers of more than 8 bits, or floats, as uint8 of the same shape. Values that are not finite count as the
    lowest.

    Integers use the smallest scale of 8, 12 or 16 bits that contains the image, floats 0 to 1 or 0 to 255. An image
    that fits none of them (elevations, temperatures, a CT scan) is stretched from its lowest to its highest value.
    """
    scales = (255.0, 4095.0, 65535.0) if np.issubdtype(values.dtype, np.integer) else (1.0, 255.0)
    values = values.astype(np.float64)
    finite = np.isfinite(values)
    if not finite.any():
        return np.zeros(values.shape, np.uint8)
    low, high = values[finite].min(), values[finite].max()
    scale = next((scale for scale in scales if low >= 0 and high <= scale), None)
    if scale is None:
        # Scaled down first, because the difference of two large floats may overflow.
        largest = max(abs(low), abs(high))
        values, low, high = values / largest, low / largest, high / largest
    else:
        low, high = 0.0, scale
    values = np.where(finite, values, low)
    return np.rint((values - low) * (255 / ((high - low) or 1.0))).astype(np.uint8)


def read_pixels(path: Path, size: int, fit: str = "crop") -> np.ndarray:
    """An image as uint8 of shape [size, size, 3]; `fit` is IMAGE_FIT. Raises UnreadableError."""
    image = open_image(path, size)
    if image.size == (size, size):
        return np.asarray(image)
    if fit == "squeeze":
        return np.asarray(image.resize((size, size), Image.Resampling.BILINEAR))
    if fit == "letterbox":
        return np.asarray(letterboxed(image, size))
    return np.asarray(ImageOps.fit(image, (size, size), Image.Resampling.BILINEAR))


def letterboxed(image: Image.Image, size: int) -> Image.Image:
    """The whole image, its longer side scaled to `size`, in the middle of a grey square."""
    scale = size / max(image.size)
    width, height = (max(1, round(side * scale)) for side in image.size)
    square = Image.new("RGB", (size, size), GREY)
    square.paste(image.resize((width, height), Image.Resampling.BILINEAR), ((size - width) // 2, (size - height) // 2))
    return square


def decode_into(file: Path, size: int, fit: str, first: int, paths: list[Path]) -> dict[int, str]:
    """Decodes `paths` into `file`, images of [size, size, 3] one after another, from place `first` on.

    Returns the places of unreadable images with the reason; their pixels are left unchanged.
    """
    unreadable = {}
    bytes_each = size * size * 3
    with open(file, "r+b") as target:
        for place, path in enumerate(paths, first):
            try:
                pixels = read_pixels(path, size, fit)
            except UnreadableError as error:
                unreadable[place] = str(error)
                continue
            target.seek(place * bytes_each)
            target.write(pixels.tobytes())
    return unreadable
