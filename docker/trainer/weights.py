"""The weights that training starts from: found, read, and matched to the network by name and shape.

An address is fetched once a host, into the cache folder that all trials share, and checked each time it is used.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urldefrag, urlsplit

import safetensors.torch
import torch
import torch.nn.functional as F
from timm_networks import PREFIX, weights_of
from torch import nn

from errors import BadSettingError, first_line
from files import write_whole
from models import torchvision_models

SECONDS_TO_ANSWER = 60
# What torchvision's weights, and most others for photographs, were trained with.
IMAGENET = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
# Entries of a file that hold the weights among other things, and what wrappers put before their names.
HOLDERS = ("state_dict", "model_state_dict", "model")
WRAPPERS = ("module.", "_orig_mod.", "model.", "network.", "net.")
# Of the tensors of a network, the share that must fit: fewer are those of another network.
ENOUGH = 0.5


@dataclass(frozen=True)
class Source:
    """Weights on this machine. `statistics`: mean and standard deviation of their training images, if known."""

    file: Path
    name: str
    statistics: tuple[list[float], list[float]] | None


@dataclass(frozen=True)
class Places:
    """Where weights are looked for: `folders` in turn, and `cache`, where addresses are fetched to."""

    folders: tuple[Path, ...]
    cache: Path


def find(text: str, model_name: str, places: Places) -> Source:
    """What WEIGHTS names, on this machine.

    A name of torchvision's or timm's weights (`imagenet` means the best ones for the network), an https:// or s3://
    address, a file, or a model folder of this trainer. An address may end in `#sha256=DIGEST`. Raises BadSettingError.
    """
    names, statistics = known_weights(model_name)
    if text.lower() == "imagenet" or text in names:
        if not names:
            raise BadSettingError(
                f"WEIGHTS is {text!r}, but MODEL_NAME={model_name} has no published weights; name a file or an "
                "address, or choose one of torchvision's networks"
            )
        url = names.get(text) or names["DEFAULT"]
        file = url.rsplit("/", 1)[-1]
        # Such a name ends in the first digits of the digest.
        digits = re.search(r"-([0-9a-f]{8,64})\.\w+$", file)
        return Source(fetch(url, places.cache, digits[1] if digits else ""), file, statistics)
    if re.match(r"[a-z][a-z0-9+.-]*://", text):
        if not text.startswith(("https://", "http://", "s3://")):
            raise BadSettingError(f"WEIGHTS is {text!r}; an address must start with https:// or s3://")
        return described(fetch(text, places.cache), Path(urlsplit(text).path).name, model_name)
    found = [path for path in (folder / text for folder in places.folders) if path.exists()]
    if not found:
        where = " and ".join(f"{str(folder)!r}" for folder in places.folders)
        known = f", or one of {', '.join(sorted(names))}" if names else ""
        raise BadSettingError(
            f"WEIGHTS is {text!r}, which was not found in {where}; name a file or folder there, an s3:// or https:// "
            f"address, imagenet{known}"
        )
    return described(found[0], found[0].name, model_name)


def described(path: Path, name: str, model_name: str) -> Source:
    """A file of weights or a model folder of this trainer, with the statistics that model.json tells, or ImageNet's for
    a network that is known for them.
    """
    from model_folder import DESCRIPTION_NAME, EARLIER_WEIGHTS_NAME, WEIGHTS_NAME

    folder = path if path.is_dir() else path.parent
    file = path
    if path.is_dir():
        inside = [folder / known for known in (WEIGHTS_NAME, EARLIER_WEIGHTS_NAME) if (folder / known).is_file()]
        if not inside:
            raise BadSettingError(
                f"WEIGHTS is the folder {str(path)!r}, which has no {WEIGHTS_NAME}; name a file in it"
            )
        file = inside[0]
    try:
        told = json.loads((folder / DESCRIPTION_NAME).read_text())
        return Source(file, name, ([float(x) for x in told["mean"]], [float(x) for x in told["std"]]))
    except (OSError, ValueError, KeyError, TypeError):
        names, statistics = known_weights(model_name)
        return Source(file, name, statistics if names else None)


def known_weights(model_name: str) -> tuple[dict[str, str], tuple[list[float], list[float]]]:
    """Addresses by name of torchvision's or timm's weights for a network, DEFAULT among them (empty for one of ours),
    and the mean and standard deviation of the images that they were trained on.
    """
    if model_name.startswith(PREFIX):
        return weights_of(model_name)
    return torchvision_weights(model_name), IMAGENET


def torchvision_weights(model_name: str) -> dict[str, str]:
    if model_name.startswith("small_"):
        return {}
    zoo = torchvision_models()
    try:
        known = zoo.get_model_weights(model_name)
    except ValueError:
        return {}
    return {name: known[name].url for name in known.__members__}


def fetch(address: str, cache: Path, expected: str = "") -> Path:
    """The file at an address, from the cache if it is there and whole. Raises BadSettingError.

    Its SHA-256 must begin with `expected`, and be the one that the address says (`#sha256=`). Later uses are checked
    against that of the first.
    """
    url, fragment = urldefrag(address)
    name = Path(urlsplit(url).path).name or "weights"
    said = re.fullmatch(r"sha256=([0-9a-fA-F]{64})", fragment)
    if fragment and said is None:
        raise BadSettingError(f"WEIGHTS is {address!r}; after # only sha256= and 64 hexadecimal digits may follow")
    expected = said[1].lower() if said else expected
    folder = cache / hashlib.sha256(url.encode()).hexdigest()[:16]
    file, record = folder / name, folder / f"{name}.sha256"
    with alone(folder):
        if file.exists() and record.exists():
            digest = digest_of(file)
            if digest == record.read_text().strip() and digest.startswith(expected):
                return file
        digest = download(url, file)
        if not digest.startswith(expected):
            file.unlink()
            raise BadSettingError(
                f"WEIGHTS is {address!r}; the file there has SHA-256 {digest}, expected {expected}: it was changed, or "
                "the transfer was incomplete"
            )
        write_whole(record, lambda out: out.write(digest.encode()))
    return file


@contextmanager
def alone(folder: Path):
    """One process of the host at a time; the others then find the file."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def download(url: str, file: Path) -> str:
    """Writes what is at `url`; its SHA-256. Raises BadSettingError with what the other side said."""
    receive: Callable[[BinaryIO], object] = from_s3(url) if url.startswith("s3://") else lambda out: from_web(url, out)
    print(f"fetching weights from {url}", flush=True)
    try:
        write_whole(file, receive)
    except BadSettingError:
        raise
    except Exception as error:  # of the network, the other side, boto3
        raise BadSettingError(
            f"WEIGHTS is {url!r}, which cannot be fetched: {first_line(str(error) or type(error).__name__)}"
        ) from error
    return digest_of(file)


def from_web(url: str, out: BinaryIO) -> None:
    request = urllib.request.Request(url, headers={"User-Agent": "sweepstack-trainer"})
    with urllib.request.urlopen(request, timeout=SECONDS_TO_ANSWER) as answer:
        shutil.copyfileobj(answer, out, 1 << 20)


def from_s3(url: str) -> Callable[[BinaryIO], object]:
    try:
        import boto3  # type: ignore[import-not-found, import-untyped, unused-ignore]
    except ImportError as error:
        raise BadSettingError(
            f"WEIGHTS is {url!r}, but boto3 is not installed here; install it, or put the file in DATA_DIR"
        ) from error
    at = urlsplit(url)
    client = boto3.client("s3", endpoint_url=os.environ.get("AWS_ENDPOINT_URL_S3") or None)
    return lambda out: client.download_fileobj(at.netloc, at.path.lstrip("/"), out)


def digest_of(file: Path) -> str:
    with open(file, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read(file: Path) -> Mapping[str, torch.Tensor]:
    """The tensors of a file by name, as safetensors or torch.save wrote them. Raises BadSettingError.

    Entries such as `state_dict` or `model` are looked into, and what wrappers put before all names (`module.` of
    DistributedDataParallel) is taken off.
    """
    try:
        if file.suffix == ".safetensors":
            content: Any = safetensors.torch.load_file(file)
        else:
            content = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # they raise many types of error for a missing, truncated or unrelated file
        reason = re.split(r"[\n.]", str(error), maxsplit=1)[0]
        raise BadSettingError(
            f"WEIGHTS is {str(file)!r}, which cannot be read as weights: {reason}; it must be a safetensors file or a "
            "state_dict saved by torch.save"
        ) from error
    while isinstance(content, dict) and (inner := next((content[k] for k in HOLDERS if holds(content.get(k))), None)):
        content = inner
    weights = (
        {name: value for name, value in content.items() if isinstance(value, torch.Tensor)} if holds(content) else {}
    )
    while (wrapper := next((one for one in WRAPPERS if all_begin(weights, one)), None)) is not None:
        weights = {name.removeprefix(wrapper): value for name, value in weights.items()}
    return weights


def holds(value: object) -> bool:
    return isinstance(value, dict) and len(value) > 0 and all(isinstance(name, str) for name in value)


def all_begin(weights: Mapping[str, object], prefix: str) -> bool:
    return len(weights) > 0 and all(name.startswith(prefix) for name in weights)


def start_from(model: nn.Module, source: Source) -> str:
    """Loads the weights that fit by name and shape, and says how many did.

    The last layer of a network for other classes does not fit, nor does the first one of a ResNet for large images.
    Position embeddings of another image size are interpolated. Raises BadSettingError if the file cannot be read, or if
    fewer than half of the tensors fit: it is for another network.
    """
    weights, own = read(source.file), model.state_dict()
    fitting = {}
    for name, value in weights.items():
        if name not in own:
            continue
        if value.shape != own[name].shape and "pos_embed" in name:
            value = resized_positions(value, own[name])
        if value.shape == own[name].shape:
            fitting[name] = value
    if len(fitting) < ENOUGH * len(own):
        raise BadSettingError(
            f"WEIGHTS is {source.name!r}; only {len(fitting)} of {len(own)} tensors fit, so it is for another "
            f"MODEL_NAME{example(weights, own)}"
        )
    model.load_state_dict(fitting, strict=False)
    left = sorted(set(own) - set(fitting))
    rest = f"; new: {', '.join(left[:4])}{f' and {len(left) - 4} more' if len(left) > 4 else ''}" if left else ""
    return f"started from {len(fitting)} of {len(own)} tensors in {source.name}{rest}"


def example(weights: Mapping[str, torch.Tensor], own: Mapping[str, torch.Tensor]) -> str:
    """A tensor of each side, to see how they differ."""
    if not weights:
        return " (the file has no named tensors)"
    theirs, ours = next(iter(weights)), next(iter(own))
    shapes = list(weights[theirs].shape), list(own[ours].shape)
    return f" (the file begins with {theirs} {shapes[0]}, the network with {ours} {shapes[1]})"


def resized_positions(theirs: torch.Tensor, ours: torch.Tensor) -> torch.Tensor:
    """Position embeddings [1, extra + side², width] for another side. `extra`: class tokens, which have no place.

    Bicubic, as in A. Dosovitskiy et al., ICLR 2021, section 3.2. Unchanged if they are not of a square.
    """
    if theirs.ndim != 3 or ours.ndim != 3 or theirs.shape[2] != ours.shape[2]:
        return theirs
    for extra in (1, 0):
        sides = [round((tensor.shape[1] - extra) ** 0.5) for tensor in (theirs, ours)]
        if all(side**2 == tensor.shape[1] - extra for side, tensor in zip(sides, (theirs, ours), strict=True)):
            grid = theirs[:, extra:].float().reshape(1, sides[0], sides[0], -1).permute(0, 3, 1, 2)
            grid = F.interpolate(grid, size=(sides[1], sides[1]), mode="bicubic", align_corners=False, antialias=True)
            moved = grid.permute(0, 2, 3, 1).reshape(1, sides[1] ** 2, -1)
            return torch.cat([theirs[:, :extra].float(), moved], dim=1)
    return theirs
