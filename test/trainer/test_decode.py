"""Odd images: none is black, none is a surprise, and none ends a training with a traceback."""

import warnings

import numpy as np
import pytest
from PIL import Image

from decode import read_pixels, to_eight_bits
from errors import UnreadableError

RAMP = np.linspace(0, 1, 64).reshape(8, 8)
EIGHT_BITS = np.rint(RAMP * 255)


def read(path, image: Image.Image, fit: str = "crop", **options) -> np.ndarray:
    image.save(path, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return read_pixels(path, 8, fit).astype(int)


@pytest.mark.parametrize(
    "values",
    [
        (RAMP * 255).astype(np.uint16),
        (RAMP * 4095).astype(np.uint16),
        (RAMP * 65535).astype(np.uint16),
        (RAMP * 4000 - 1000).astype(np.int32),
        (RAMP * 1e6).astype(np.int32),
        RAMP.astype(np.float32),
        (RAMP * 255).astype(np.float32),
        (RAMP * 2 - 1).astype(np.float32),
        (RAMP * 7e4).astype(np.float32),
        (RAMP * 6e38 - 3e38),
    ],
    ids=["8 bits", "12 bits", "16 bits", "CT", "32 bits", "to 1", "to 255", "from -1", "to 70000", "huge"],
)
def test_more_than_eight_bits_are_scaled_by_their_range(values):
    assert np.abs(to_eight_bits(values).astype(int) - EIGHT_BITS).max() <= 1


def test_a_dark_image_stays_dark():
    assert to_eight_bits((RAMP * 0.25).astype(np.float32)).max() == 64


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_count_as_the_lowest(value):
    values = RAMP.astype(np.float32)
    values[0, 0] = value
    assert np.abs(to_eight_bits(values).astype(int) - EIGHT_BITS).max() <= 1
    assert to_eight_bits(np.full((2, 2), value, np.float32)).tolist() == [[0, 0], [0, 0]]


def test_sixteen_bit_grey_keeps_its_picture(tmp_path):
    assert np.unique(read(tmp_path / "grey.png", Image.new("I;16", (8, 8), 0x8000))).tolist() == [0x80]


def test_a_float_tiff_keeps_its_picture(tmp_path):
    pixels = read(tmp_path / "float.tiff", Image.fromarray(RAMP.astype(np.float32)))
    assert np.abs(pixels[..., 0] - EIGHT_BITS).max() <= 1


def test_what_is_transparent_is_white(tmp_path):
    palette = Image.new("P", (8, 8), 1)
    palette.putpalette([0, 0, 0, 255, 0, 0])
    palette.paste(0, (0, 0, 4, 8))
    pixels = read(tmp_path / "palette.png", palette, transparency=bytes([0, 255]))
    assert pixels[0, 0].tolist() == [255, 255, 255]
    assert pixels[0, 7].tolist() == [255, 0, 0]
    assert read(tmp_path / "alpha.png", Image.new("RGBA", (8, 8), (0, 0, 0, 0))).min() == 255


def test_four_inks_become_three_colours(tmp_path):
    pixels = read(tmp_path / "inks.jpg", Image.new("CMYK", (8, 8), (0, 255, 255, 0)))
    assert np.abs(pixels - np.array([255, 0, 0])).max() < 8


def test_a_truncated_image_is_named(tmp_path):
    Image.effect_noise((64, 64), 50).save(tmp_path / "cut.jpg")
    content = (tmp_path / "cut.jpg").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(content[: len(content) // 2])
    with pytest.raises(UnreadableError, match=r"cut\.jpg cannot be read as an image"):
        read_pixels(tmp_path / "cut.jpg", 8)


def test_a_damaged_exif_does_not_cost_the_image(tmp_path):
    damaged = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x63\0\xff\xff\xff\x7f"
    Image.new("RGB", (8, 8), "red").save(tmp_path / "exif.jpg", exif=damaged)
    assert read_pixels(tmp_path / "exif.jpg", 8)[..., 0].min() > 240


@pytest.fixture
def wide() -> Image.Image:
    """Black, white, black from left to right."""
    image = Image.new("RGB", (24, 8), "black")
    image.paste((255, 255, 255), (8, 0, 16, 8))
    return image


def test_a_wide_image_gives_its_centre(tmp_path, wide):
    assert read(tmp_path / "wide.png", wide).min() == 255


def test_a_wide_image_is_letterboxed_whole_between_grey(tmp_path, wide):
    pixels = read(tmp_path / "wide.png", wide, "letterbox")
    assert pixels[0].min() == pixels[0].max() == 128
    assert (pixels[4, 0, 0], pixels[4, 7, 0]) == (0, 0)
    assert pixels[4, 3:5].min() > 200


def test_a_wide_image_is_squeezed_whole(tmp_path, wide):
    pixels = read(tmp_path / "wide.png", wide, "squeeze")
    assert (pixels[0, 0, 0], pixels[0, 7, 0]) == (0, 0)
    assert pixels[0, 3:5].min() == 255


@pytest.mark.parametrize("fit", ["crop", "letterbox", "squeeze"])
def test_a_line_of_pixels_is_an_image(tmp_path, fit):
    assert read(tmp_path / "line.png", Image.new("RGB", (3000, 1), "white"), fit).shape == (8, 8, 3)


def test_a_large_jpeg_is_decoded_small_and_looks_the_same(tmp_path):
    smooth = Image.radial_gradient("L").resize((512, 512)).convert("RGB")
    smooth.save(tmp_path / "large.jpg", quality=95)
    whole = np.asarray(smooth.resize((8, 8), Image.Resampling.BOX)).astype(int)
    assert np.abs(read_pixels(tmp_path / "large.jpg", 8).astype(int) - whole).mean() < 6
