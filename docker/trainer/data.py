"""The data: which files there are, which of them validate, and batches of them.

A folder of class folders is split by the seed. A folder with train/ and one of val/, valid/, validation/ or test/ is
taken as already split. Everything is decided by names and seed, never by the order a file system lists files in.
"""

import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import torch

from config import Settings
from errors import NoDataError
from images import open_image, read_image

SUFFIXES = {".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"}
TRAINING_FOLDERS = ("train", "training")
VALIDATION_FOLDERS = ("val", "valid", "validation", "test")
LARGEST_DEFAULT_SIZE = 224
# Statistics of that many training images are as good as those of all, and take no second to compute.
IMAGES_FOR_STATISTICS = 2000


@dataclass(frozen=True)
class Sample:
    path: Path
    label: int


@dataclass(frozen=True)
class Split:
    """Classes in alphabetical order; a sample's label is its class's place in them."""

    classes: tuple[str, ...]
    training: tuple[Sample, ...]
    validation: tuple[Sample, ...]


def split_folder(root: Path, seed: int, validation_share: float) -> Split:
    """Finds the images under `root`. Raises NoDataError when there is nothing to train or to validate on."""
    if not root.is_dir():
        raise NoDataError(f"DATA_DIR is {str(root)!r}, which is no folder; set it to one with a folder for each class")
    training_root = first_with_classes(root, TRAINING_FOLDERS) or root
    validation_root = first_with_classes(root, VALIDATION_FOLDERS) if training_root != root else None
    found = find_images(training_root)
    classes = tuple(sorted(found))
    if not classes:
        raise NoDataError(f"no images in {training_root}; put them into one folder for each class: CLASS/NAME.png")
    if len(classes) == 1:
        raise NoDataError(f"only one class ({classes[0]!r}) in {training_root}; at least two class folders are needed")
    if validation_root is None:
        return split_by_seed(found, classes, seed, validation_share)
    held_out = find_images(validation_root)
    strangers = sorted(set(held_out) - set(classes))
    if strangers:
        raise NoDataError(f"class {strangers[0]!r} is in {validation_root} but not in {training_root}")
    if not held_out:
        raise NoDataError(f"no images in {validation_root}; put some there, or remove it to have {training_root} split")
    return Split(classes, label(found, classes), label(held_out, classes))


def first_with_classes(root: Path, names: tuple[str, ...]) -> Path | None:
    """The first of the folders that holds class folders; one that holds images itself is a class of that name."""
    for name in names:
        if (root / name).is_dir() and find_images(root / name):
            return root / name
    return None


def find_images(root: Path) -> dict[str, list[Path]]:
    """Image files by class folder, at any depth below it, sorted by path. Hidden files and folders are passed over."""
    found = {}
    for folder in root.iterdir():
        if folder.name.startswith(".") or not folder.is_dir():
            continue
        paths = []
        for parent, inner, names in os.walk(folder, followlinks=True):
            inner[:] = [name for name in inner if not name.startswith(".")]
            paths += [
                Path(parent, name)
                for name in names
                if not name.startswith(".") and os.path.splitext(name)[1].lower() in SUFFIXES
            ]
        if paths:
            found[folder.name] = sorted(paths, key=lambda path: path.relative_to(folder).as_posix())
    return found


def label(found: dict[str, list[Path]], classes: tuple[str, ...]) -> tuple[Sample, ...]:
    return tuple(Sample(path, number) for number, name in enumerate(classes) for path in found.get(name, []))


def split_by_seed(found: dict[str, list[Path]], classes: tuple[str, ...], seed: int, share: float) -> Split:
    """Takes `share` of each class for validation: at least one image, and never a class's last.

    An image's place comes from a digest of seed, class and file name, so most images stay on their side when others
    are added.
    """
    held_out = {}
    kept = {}
    for name in classes:
        keys = {path: hashlib.sha256(f"{seed}/{name}/{path.name}".encode()).digest() for path in found[name]}
        shuffled = sorted(found[name], key=keys.__getitem__)
        count = min(max(1, round(share * len(shuffled))), len(shuffled) - 1)
        held_out[name] = sorted(shuffled[:count])
        kept[name] = sorted(shuffled[count:])
    if not any(held_out.values()):
        raise NoDataError("every class has a single image, so none is left to validate on; add images")
    return Split(classes, label(kept, classes), label(held_out, classes))


def default_image_size(split: Split) -> int:
    """The shorter side of the first training image, in pixels, at most 224: the least scaling."""
    return min(*open_image(split.training[0].path).size, LARGEST_DEFAULT_SIZE)


class Images:
    """Images with labels, as batches of uint8. Decoded once and held when they fit, otherwise decoded each time."""

    def __init__(self, samples: tuple[Sample, ...], size: int, hold: bool):
        self.samples = samples
        self.size = size
        self.labels = torch.tensor([sample.label for sample in samples])
        self.pool = ThreadPoolExecutor(max_workers=max(1, torch.get_num_threads()))
        self.held = self.decode(range(len(samples))) if hold else None

    def __len__(self) -> int:
        return len(self.samples)

    def batch(self, indices: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Images [N, 3, size, size] of uint8 and labels [N] of int64."""
        images = self.decode(indices.tolist()) if self.held is None else self.held[indices]
        return images, self.labels[indices]

    def batches(self, batch_size: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """All images in the order of their names."""
        for indices in torch.arange(len(self)).split(batch_size):
            yield self.batch(indices)

    def decode(self, indices: list[int] | range) -> torch.Tensor:
        images = torch.empty((len(indices), 3, self.size, self.size), dtype=torch.uint8)

        def put(place: int) -> None:
            images[place] = read_image(self.samples[indices[place]].path, self.size)

        # Pillow lets go of the interpreter's lock while it decodes, so threads do decode side by side.
        for _ in self.pool.map(put, range(len(indices))):
            pass
        return images


def load(split: Split, size: int) -> tuple[Images, Images]:
    """Training and validation images, held in memory unless they would take more than half of what is free."""
    bytes_needed = (len(split.training) + len(split.validation)) * 3 * size * size
    hold = bytes_needed <= free_memory() / 2
    return Images(split.training, size, hold), Images(split.validation, size, hold)


def free_memory() -> int:
    """Bytes that this process may still take: the machine's, or the container's if that is less."""
    free = []
    try:
        text = Path("/proc/meminfo").read_text()
        free.append(1024 * int(text.split("MemAvailable:")[1].split()[0]))
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
        if limit != "max":
            free.append(int(limit) - int(Path("/sys/fs/cgroup/memory.current").read_text()))
    except (OSError, IndexError, ValueError):
        pass  # not Linux, or no cgroup of our own: what is known so far decides
    return max(0, min(free)) if free else os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def statistics(images: Images) -> tuple[list[float], list[float]]:
    """Mean and standard deviation of each channel of the training images, on a scale of 0 to 1."""
    count = min(len(images), IMAGES_FOR_STATISTICS)
    # Spread over all of them: the first ones are all of one class.
    pixels, _ = images.batch(torch.linspace(0, len(images) - 1, count).long())
    channels = pixels.transpose(0, 1).flatten(1).double() / 255
    std, mean = torch.std_mean(channels, dim=1)
    # A channel of one value would be divided by nothing.
    return [round(value, 6) for value in mean.tolist()], [max(round(value, 6), 1e-3) for value in std.tolist()]


def training_batches(images: Images, settings: Settings, epoch: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """One epoch in an order that (seed, epoch) decides, augmented.

    A remainder of one image is left out: batch normalisation cannot train on it, and it is another one each epoch.
    """
    generator = torch.Generator().manual_seed(derive_seed(settings.seed, epoch, "order"))
    order = torch.randperm(len(images), generator=generator)
    for indices in order.split(settings.batch_size):
        if len(indices) == 1 and len(images) > 1:
            continue
        pixels, labels = images.batch(indices)
        yield augment(pixels, settings.augment, generator), labels


def augment(images: torch.Tensor, how: str, generator: torch.Generator) -> torch.Tensor:
    """uint8 [N, C, H, W] to the same; each image is moved or mirrored on its own."""
    if "shift" in how:
        images = shift(images, generator)
    if "flip" in how:
        mirrored = torch.rand(len(images), generator=generator) < 0.5
        images = torch.where(mirrored.view(-1, 1, 1, 1), images.flip(3), images)
    return images


def shift(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Moves each image by up to an eighth of its side (at least one pixel) both ways; edges are repeated."""
    count, channels, height, width = images.shape

    def places(side: int) -> torch.Tensor:
        reach = max(1, side // 8)
        by = torch.randint(-reach, reach + 1, (count, 1), generator=generator)
        return (torch.arange(side) + by).clamp(0, side - 1)

    rows = places(height).view(count, 1, height, 1).expand(count, channels, height, width)
    columns = places(width).view(count, 1, 1, width).expand(count, channels, height, width)
    return images.gather(2, rows).gather(3, columns)


def derive_seed(seed: int, epoch: int, use: str) -> int:
    """A seed of 63 bits for one use in one epoch, so a resumed training needs no state of a random generator."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{epoch}/{use}".encode()).digest()[:8], "big") >> 1
