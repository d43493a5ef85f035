"""MODEL_NAME=timm/...: networks of PyTorch Image Models, which is installed only where it is asked for."""

import importlib
from difflib import get_close_matches
from typing import Any

import torch
from torch import nn

from errors import BadSettingError, first_line, translate

PREFIX = "timm/"


def timm() -> Any:
    """The package. Raises BadSettingError without it."""
    try:
        return importlib.import_module("timm")
    except ModuleNotFoundError as error:
        if error.name != "timm":
            raise
        raise BadSettingError(
            f"MODEL_NAME starts with {PREFIX}, which needs the package timm; build the image with "
            '--build-arg EXTRAS="programs timm", set SWEEPSTACK_EXTRAS=timm for sweeps on this machine, or run '
            "`uv sync --extra timm` in docker/trainer"
        ) from error


def configuration(name: str) -> Any:
    """What timm knows of a network: sizes, statistics, weights. `name` begins with PREFIX.

    Raises BadSettingError for a network that it does not have.
    """
    zoo, own = timm(), name.removeprefix(PREFIX)
    if not zoo.is_model(own):
        nearest = get_close_matches(own, zoo.list_models(), n=1)
        hint = f"; did you mean {PREFIX + nearest[0]!r}?" if nearest else ""
        raise BadSettingError(f"MODEL_NAME is {name!r}, but timm {zoo.__version__} has no {own!r}{hint}")
    found = zoo.get_pretrained_cfg(own)
    if found is None:
        raise BadSettingError(f"MODEL_NAME is {name!r}, but timm {zoo.__version__} does not describe its input")
    return found


def build_timm(name: str, classes: int, size: int, dropout: float) -> nn.Module:
    """A network with new weights. Raises BadSettingError if it does not take images of `size` pixels a side."""
    known = configuration(name)
    options = {"img_size": size} if known.fixed_input_size else {}
    model = timm().create_model(
        name.removeprefix(PREFIX), pretrained=False, num_classes=classes, drop_rate=dropout, **options
    )
    try:
        # Only an image shows which sizes it takes.
        with torch.no_grad():
            model.eval()(torch.zeros(1, 3, size, size))
    except (AssertionError, RuntimeError) as error:
        if translate(error) is not None:
            raise
        raise BadSettingError(f"IMAGE_SIZE is {size}, which {name} cannot take: {first_line(str(error))}") from error
    return model.train()


def takes_one_size(name: str) -> bool:
    """Whether the network takes images only of the size that it is built for."""
    return bool(configuration(name).fixed_input_size)


def weights_of(name: str) -> tuple[dict[str, str], tuple[list[float], list[float]]]:
    """The address of the network's weights by the names `DEFAULT` and the tag that timm gives them (empty without any),
    and the mean and standard deviation of their images.
    """
    known = configuration(name)
    file = known.hf_hub_filename or "model.safetensors"
    url = known.url or (known.hf_hub_id and f"https://huggingface.co/{known.hf_hub_id}/resolve/main/{file}")
    names = {"DEFAULT": url} | ({known.tag: url} if known.tag else {}) if url else {}
    return names, (list(known.mean), list(known.std))
