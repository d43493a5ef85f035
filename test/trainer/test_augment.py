"""Training images changed at random."""

import math
import statistics

import pytest
import torch
from augment import TRIVIAL, Draws, Mix, augmented, draw, draw_mix, mixed


@pytest.fixture
def pixels() -> torch.Tensor:
    """Smooth images, as photographs are, of 16 pixels a side."""
    across = torch.linspace(0, 255, 16)
    return (
        torch.stack([across.expand(16, 16), across.view(-1, 1).expand(16, 16), torch.full((16, 16), 90.0)], -1)[None]
        .repeat(4, 1, 1, 1)
        .byte()
    )


def whole(count: int, **more: torch.Tensor) -> Draws:
    """Crops that keep all of the image."""
    return Draws(crop=torch.tensor([[1.0, 1.0, 0.5, 0.5]]).repeat(count, 1), **more)


def drawn(augment: str, erasing: float = 0.0, count: int = 400) -> Draws:
    return draw(augment, erasing, count, 16, torch.Generator().manual_seed(1))


@pytest.mark.parametrize("augment", ["shift_flip", "crop_flip", "trivial"])
def test_an_image_is_changed_by_its_own_draws_alone(pixels, augment):
    draws = drawn(augment, 0.5, 4)
    together = augmented(pixels, draws)
    for place in range(4):
        one = slice(place, place + 1)
        torch.testing.assert_close(augmented(pixels[one], draws.of(one)), together[one], atol=1, rtol=0)


def test_a_crop_of_everything_changes_nothing(pixels):
    torch.testing.assert_close(augmented(pixels, whole(4)), pixels, atol=1, rtol=0)


def test_a_mirrored_crop_is_the_mirror(pixels):
    found = augmented(pixels, whole(4, mirrored=torch.ones(4, dtype=torch.bool)))
    torch.testing.assert_close(found, pixels.flip(2), atol=1, rtol=0)


@pytest.mark.parametrize(("left", "lowest", "highest"), [(0.0, 0, 128), (1.0, 127, 255)])
def test_a_crop_lies_where_it_was_drawn(pixels, left, lowest, highest):
    half = Draws(crop=torch.tensor([[0.5, 0.5, 0.0, left]]).repeat(4, 1))
    red = augmented(pixels, half)[..., 0].float()
    assert lowest <= red.min() < red.max() <= highest + 1
    assert red.max() - red.min() > 100


def test_crops_keep_a_quarter_to_all_of_the_area():
    crop = drawn("crop").crop
    assert crop is not None
    height, width, *_ = crop.unbind(1)
    area = (height * width).tolist()
    assert 0.19 < min(area) < 0.4
    assert 0.85 < max(area) <= 1


@pytest.mark.parametrize("kind", TRIVIAL)
@pytest.mark.parametrize("strength", [-1.0, 1.0])
def test_each_change_of_trivial_augment_is_one_of_the_image(pixels, kind, strength):
    draws = whole(4, kind=torch.full((4,), TRIVIAL.index(kind)), strength=torch.full((4,), strength))
    found = augmented(pixels, draws)
    assert (found.shape, found.dtype) == (pixels.shape, torch.uint8)
    if kind == "identity":
        torch.testing.assert_close(found, pixels, atol=1, rtol=0)
    else:
        assert (found.float() - pixels.float()).abs().mean() > 1


@pytest.mark.parametrize("kind", TRIVIAL)
def test_a_change_without_strength_leaves_the_image(pixels, kind):
    if kind == "autocontrast":  # it has no strength
        return
    draws = whole(4, kind=torch.full((4,), TRIVIAL.index(kind)), strength=torch.zeros(4))
    torch.testing.assert_close(augmented(pixels, draws), pixels, atol=1, rtol=0)


def test_a_turned_image_is_turned_about_its_middle():
    image = torch.zeros(1, 9, 9, 3, dtype=torch.uint8)
    image[0, 4, 4] = 255
    draws = whole(1, kind=torch.tensor([TRIVIAL.index("turn")]), strength=torch.tensor([0.7]))
    found = augmented(image, draws)[0, :, :, 0]
    assert divmod(int(found.argmax()), 9) == (4, 4)


def test_erasing_takes_the_share_of_images_that_was_asked_for(pixels):
    boxes = drawn("none", 0.25).erased
    assert boxes is not None
    share = float((boxes[:, 0] > 0).double().mean())
    assert abs(share - 0.25) < 4 * math.sqrt(0.25 * 0.75 / 400)


def test_what_is_erased_has_the_mean_of_its_image(pixels):
    found = augmented(pixels, Draws(erased=torch.tensor([[0.5, 0.25, 0.0, 0.0]] * 3 + [[0.0, 0.0, 0.0, 0.0]])))
    mean = pixels[0].float().mean((0, 1)).round().byte()
    assert (found[0, :8, :4] == mean).all()
    assert torch.equal(found[0, 8:], pixels[0, 8:])
    assert torch.equal(found[3], pixels[3])


def test_a_mix_is_a_function_of_its_seed():
    assert draw_mix(0.2, 1.0, 7) == draw_mix(0.2, 1.0, 7)
    assert draw_mix(0.0, 0.0, 7) is None
    kinds = {mix.box is None for seed in range(40) if (mix := draw_mix(0.2, 1.0, seed))}
    assert kinds == {True, False}


def test_mixup_averages_an_image_with_its_partner():
    images = torch.arange(4.0).view(4, 1, 1, 1).expand(4, 3, 2, 2)
    found, own = mixed(images, Mix(0.75, None))
    assert own == 0.75
    assert found[:, 0, 0, 0].tolist() == [0.75, 1.25, 1.75, 2.25]


def test_cutmix_tells_the_share_that_is_left():
    images = torch.arange(2.0).view(2, 1, 1, 1).expand(2, 3, 8, 8)
    found, own = mixed(images, Mix(0.5, (0.0, 0.5, 0.5, 1.0)))
    assert own == 0.75
    assert found.mean((1, 2, 3)).tolist() == [0.25, 0.75]
    assert images[0].max() == 0


def test_cutmix_keeps_on_average_what_its_distribution_says():
    mixes = [mix for seed in range(200) if (mix := draw_mix(0.0, 1.0, seed))]
    shares = [mixed(torch.zeros(2, 1, 32, 32), mix)[1] for mix in mixes]
    # More than a half: a box that reaches over the edge is cut off.
    assert 0.5 < statistics.mean(shares) < 0.75


def test_a_crop_of_a_larger_image_has_the_size_of_training():
    pixels = torch.full((2, 10, 10, 3), 200, dtype=torch.uint8)
    draws = draw("crop_flip", 1.0, 2, 8, torch.Generator().manual_seed(0))
    assert augmented(pixels, draws, 8).shape == (2, 8, 8, 3)
