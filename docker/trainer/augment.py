"""Training images changed at random, on the device: cropped, turned, recoloured, partly erased, or mixed in pairs.

All draws of an epoch are made in advance from its seed, so the images of any step are known without the steps before.
"""

import math
import random
from dataclasses import dataclass

import torch
import torch.nn.functional as F

# The share of an image's area that a random crop takes, and how long it is for its height: C. Szegedy et al., "Going
# Deeper with Convolutions", CVPR 2015, except that at least a quarter is taken, as for fine-tuning today.
CROP_AREA = (0.25, 1.0)
CROP_RATIO = (3 / 4, 4 / 3)
# The largest of each change in TrivialAugment's wide space (S. Mueller and F. Hutter, ICCV 2021, table 6). That space
# also has sharpness and equalize.
WIDEST = {"shear": 0.99, "turn": math.radians(135), "move": 32 / 224, "colour": 0.99}
TRIVIAL = (
    *("identity", "shear_x", "shear_y", "move_x", "move_y", "turn"),
    *("brightness", "contrast", "saturation", "posterize", "solarize", "autocontrast"),
)
# The share of an image's area that is erased, and the ratio of its sides: Z. Zhong et al., "Random Erasing", AAAI 2020.
ERASED_AREA = (0.02, 0.33)
ERASED_RATIO = (0.3, 3.3)
# A grey as luminance weighs it (ITU-R BT.601).
LUMINANCE = (0.299, 0.587, 0.114)


@dataclass(frozen=True)
class Draws:
    """For each place in an epoch, on one device. None: that change is not made.

    `down`, `right`: pixels that the image is shifted by. `mirrored`: whether it is mirrored. `crop`: [N, 4], the share
    of the height and of the width that is kept, and where it lies (0 to 1). `kind`, `strength`: the change of
    TrivialAugment, and how much of the widest (-1 to 1). `erased`: [N, 4], height and width of the erased part as
    shares of the image (0: nothing is), and where it lies.
    """

    down: torch.Tensor | None = None
    right: torch.Tensor | None = None
    mirrored: torch.Tensor | None = None
    crop: torch.Tensor | None = None
    kind: torch.Tensor | None = None
    strength: torch.Tensor | None = None
    erased: torch.Tensor | None = None

    def on(self, device: torch.device) -> "Draws":
        return Draws(**{name: None if value is None else value.to(device) for name, value in vars(self).items()})

    def of(self, part: slice) -> "Draws":
        return Draws(**{name: None if value is None else value[part] for name, value in vars(self).items()})


def draw(augment: str, erasing: float, count: int, size: int, generator: torch.Generator) -> Draws:
    """The changes of `count` images of `size` pixels a side. `augment` is AUGMENT, `erasing` RANDOM_ERASING."""
    drawn: dict[str, torch.Tensor] = {}

    def uniform(low: float, high: float) -> torch.Tensor:
        return torch.rand(count, generator=generator) * (high - low) + low

    if "shift" in augment:
        reach = max(1, size // 8)
        for name in ("down", "right"):
            drawn[name] = torch.randint(-reach, reach + 1, (count,), generator=generator)
    if "flip" in augment or augment == "trivial":
        drawn["mirrored"] = torch.rand(count, generator=generator) < 0.5
    if "crop" in augment or augment == "trivial":
        area, ratio = uniform(*CROP_AREA), uniform(*map(math.log, CROP_RATIO)).exp()
        sides = [(area / ratio).sqrt().clamp(max=1), (area * ratio).sqrt().clamp(max=1)]
        drawn["crop"] = torch.stack([*sides, uniform(0, 1), uniform(0, 1)], dim=1)
    if augment == "trivial":
        drawn["kind"] = torch.randint(len(TRIVIAL), (count,), generator=generator)
        drawn["strength"] = uniform(-1, 1)
    if erasing > 0:
        chosen = torch.rand(count, generator=generator) < erasing
        area, ratio = uniform(*ERASED_AREA), uniform(*map(math.log, ERASED_RATIO)).exp()
        sides = [((area / ratio).sqrt().clamp(max=1) * chosen), ((area * ratio).sqrt().clamp(max=1) * chosen)]
        drawn["erased"] = torch.stack([*sides, uniform(0, 1), uniform(0, 1)], dim=1)
    return Draws(**drawn)


def augmented(pixels: torch.Tensor, draws: Draws, size: int | None = None) -> torch.Tensor:
    """uint8 [N, H, W, C] to the same, of `size` pixels a side if they are cropped. Geometry first, then colours, then
    what is erased.
    """
    pixels = shifted(pixels, draws.down, draws.right, draws.mirrored if draws.crop is None else None)
    if draws.crop is None:
        return pixels if draws.erased is None else erased(pixels, draws.erased)
    images = pixels.permute(0, 3, 1, 2).float() / 255
    images = F.grid_sample(
        images,
        F.affine_grid(geometry(draws), [*images.shape[:2], *[size or side for side in images.shape[2:]]], False),
        mode="bilinear",
        padding_mode="reflection" if draws.kind is None else "zeros",
        align_corners=False,
    )
    if draws.kind is not None and draws.strength is not None:
        images = recoloured(images, draws.kind, draws.strength)
    pixels = (images * 255).round_().clamp_(0, 255).to(torch.uint8).permute(0, 2, 3, 1)
    return pixels if draws.erased is None else erased(pixels, draws.erased)


def shifted(
    pixels: torch.Tensor, down: torch.Tensor | None, right: torch.Tensor | None, mirrored: torch.Tensor | None
) -> torch.Tensor:
    """Each image shifted by its own offset, edges repeated, then mirrored: exact, and in a single copy."""
    if down is None and mirrored is None:
        return pixels
    count, height, width, _ = pixels.shape

    def places(side: int, by: torch.Tensor | None) -> torch.Tensor:
        at = torch.arange(side, device=pixels.device).expand(count, side)
        return at if by is None else (at - by.unsqueeze(1)).clamp(0, side - 1)

    rows, columns = places(height, down), places(width, right)
    if mirrored is not None:
        columns = torch.where(mirrored.unsqueeze(1), columns.flip(1), columns)
    own = torch.arange(count, device=pixels.device).view(-1, 1, 1)
    return pixels[own, rows.unsqueeze(2), columns.unsqueeze(1)]


def geometry(draws: Draws) -> torch.Tensor:
    """[N, 2, 3]: where each output pixel comes from, in affine_grid's coordinates (-1 to 1, x first)."""
    assert draws.crop is not None
    height, width, top, left = draws.crop.unbind(1)
    sign = torch.ones_like(width) if draws.mirrored is None else 1 - 2 * draws.mirrored.to(width.dtype)
    # The centre of the crop, such that it lies within the image.
    x, y = (1 - width) * (2 * left - 1), (1 - height) * (2 * top - 1)
    zero = torch.zeros_like(width)
    crop = torch.stack([torch.stack([width * sign, zero, x], 1), torch.stack([zero, height, y], 1)], 1)
    if draws.kind is None or draws.strength is None:
        return crop
    matrix, offset = crop[:, :, :2], crop[:, :, 2:]
    change, moved = trivial_geometry(draws.kind, draws.strength)
    return torch.cat([matrix @ change, matrix @ moved + offset], dim=2)


def trivial_geometry(kind: torch.Tensor, strength: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """[N, 2, 2] and [N, 2, 1]; the identity where TrivialAugment changes colours only."""

    def where(name: str, widest: float) -> torch.Tensor:
        return torch.where(kind == TRIVIAL.index(name), strength * widest, 0.0)

    angle = where("turn", WIDEST["turn"])
    shear_x, shear_y = where("shear_x", WIDEST["shear"]), where("shear_y", WIDEST["shear"])
    move = torch.stack([where("move_x", 2 * WIDEST["move"]), where("move_y", 2 * WIDEST["move"])], 1)
    rows = [torch.stack([angle.cos(), shear_x - angle.sin()], 1), torch.stack([shear_y + angle.sin(), angle.cos()], 1)]
    return torch.stack(rows, 1), move.unsqueeze(2)


def recoloured(images: torch.Tensor, kind: torch.Tensor, strength: torch.Tensor) -> torch.Tensor:
    """float [N, 3, H, W] of 0 to 1 to the same, each changed as its kind says."""

    def at(values: torch.Tensor) -> torch.Tensor:
        return values.view(-1, 1, 1, 1)

    def factor(name: str) -> torch.Tensor:
        return at(torch.where(kind == TRIVIAL.index(name), 1 + strength * WIDEST["colour"], 1.0))

    def only(name: str, changed: torch.Tensor) -> torch.Tensor:
        return torch.where(at(kind == TRIVIAL.index(name)), changed, images)

    weights = torch.tensor(LUMINANCE, device=images.device).view(1, 3, 1, 1)
    images = images * factor("brightness")
    grey = (images * weights).sum(1, keepdim=True)
    images = grey + (images - grey) * factor("saturation")
    mean = grey.mean((2, 3), keepdim=True)
    images = mean + (images - mean) * factor("contrast")
    # From 8 bits down to 2, as posterize counts them.
    levels = at(2.0 ** (8 - (strength.abs() * 6).floor()))
    images = only("posterize", (images * 255 / (256 / levels)).floor() * (256 / levels) / 255)
    images = only("solarize", torch.where(images > at(1 - strength.abs()), 1 - images, images))
    low, high = images.amin((2, 3), keepdim=True), images.amax((2, 3), keepdim=True)
    images = only("autocontrast", torch.where(high > low, (images - low) / (high - low).clamp(min=1e-6), images))
    return images.clamp(0, 1)


def erased(pixels: torch.Tensor, boxes: torch.Tensor) -> torch.Tensor:
    """uint8 [N, H, W, C], with a part of each image at its own mean: near what normalisation makes 0."""
    _, height, width, _ = pixels.shape
    tall, wide, top, left = boxes.unbind(1)

    def within(side: int, length: torch.Tensor, start: torch.Tensor) -> torch.Tensor:
        at = torch.arange(side, device=pixels.device).unsqueeze(0)
        length = (length * side).round().unsqueeze(1)
        first = ((side - length) * start.unsqueeze(1)).floor()
        return (at >= first) & (at < first + length)

    inside = within(height, tall, top).unsqueeze(2) & within(width, wide, left).unsqueeze(1)
    mean = pixels.float().mean((1, 2), keepdim=True).round().to(torch.uint8)
    return torch.where(inside.unsqueeze(3), mean, pixels)


@dataclass(frozen=True)
class Mix:
    """How a batch is mixed with itself in reverse: `kept` is the share of each image that is its own. `box`: the part
    that comes from the other one (top, left, bottom, right as shares); None: the two are averaged.
    """

    kept: float
    box: tuple[float, float, float, float] | None


def draw_mix(mixup: float, cutmix: float, seed: int) -> Mix | None:
    """One batch's: MIXUP (H. Zhang et al., ICLR 2018) or CUTMIX (S. Yun et al., ICCV 2019), by the strength of their
    beta distributions; with both, either half of the time. None: the images stay apart.
    """
    if mixup == 0 and cutmix == 0:
        return None
    drawn = random.Random(seed)
    cuts = cutmix > 0 and (mixup == 0 or drawn.random() < 0.5)
    kept = drawn.betavariate(*[cutmix if cuts else mixup] * 2)
    if not cuts:
        return Mix(kept, None)
    side = math.sqrt(1 - kept)
    x, y = drawn.random(), drawn.random()
    top, bottom = (min(max(y + by * side / 2, 0.0), 1.0) for by in (-1, 1))
    left, right = (min(max(x + by * side / 2, 0.0), 1.0) for by in (-1, 1))
    return Mix(kept, (top, left, bottom, right))


def mixed(images: torch.Tensor, mix: Mix) -> tuple[torch.Tensor, float]:
    """float [N, C, H, W], mixed with the same in reverse; the share of each image that is its own."""
    others = images.flip(0)
    if mix.box is None:
        return images.lerp(others, 1 - mix.kept), mix.kept
    height, width = images.shape[2:]
    top, bottom = round(mix.box[0] * height), round(mix.box[2] * height)
    left, right = round(mix.box[1] * width), round(mix.box[3] * width)
    images = images.clone(memory_format=torch.preserve_format)
    images[:, :, top:bottom, left:right] = others[:, :, top:bottom, left:right]
    return images, 1 - (bottom - top) * (right - left) / (height * width)
