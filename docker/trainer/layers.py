"""Which layers learn, and how fast: what fine-tuning asks of a network that has learned something already."""

import re
from collections.abc import Iterable

from torch import nn

NORMALISATIONS = (
    nn.modules.batchnorm._BatchNorm,
    nn.LayerNorm,
    nn.GroupNorm,
    nn.LocalResponseNorm,
    nn.modules.instancenorm._InstanceNorm,
)
# Parts of a name that number a block of layers: `blocks.3`, `layer2`, `encoder_layer_7`.
NUMBERED = re.compile(r"(?:.*(?:layer|_))?\d+")


def head_of(model: nn.Module) -> str:
    """The name of the last linear layer, which gives the classes."""
    return [name for name, module in model.named_modules() if isinstance(module, nn.Linear)][-1]


def freeze(model: nn.Module, what: str) -> list[nn.Module]:
    """Keeps the weights of FREEZE as they are; the modules whose statistics and dropout stay as they are as well.

    `none`, `backbone` (all but the last linear layer) or `norm` (normalisation layers).
    """
    if what == "none":
        return []
    head = head_of(model)
    frozen = [
        module
        for name, module in model.named_modules()
        # Some networks have the activation within the normalisation.
        if (isinstance(module, NORMALISATIONS) or not any(True for _ in module.children()))
        and (isinstance(module, NORMALISATIONS) if what == "norm" else not within(name, head))
    ]
    if what == "backbone":
        for name, weight in model.named_parameters():
            weight.requires_grad_(within(name, head))
        # Dropout is no part of what was learned, and stands before the head.
        return [module for module in frozen if not isinstance(module, nn.Dropout)]
    for module in frozen:
        for weight in module.parameters():
            weight.requires_grad_(False)
    return frozen


def within(name: str, module: str) -> bool:
    return name == module or name.startswith(f"{module}.")


def rate_factors(model: nn.Module, head_factor: float, layer_decay: float) -> dict[str, float]:
    """Learning rates by parameter, relative to the schedule's.

    Blocks of layers are numbered in the order of the network; each learns at `layer_decay` times the rate of the next
    (as in K. Clark et al., ICLR 2020), and the last linear layer at `head_factor`.
    """
    names = [name for name, _ in model.named_parameters()]
    head = head_of(model)
    depths = dict(zip(names, depths_of(names), strict=True))
    last = max((depth for name, depth in depths.items() if not within(name, head)), default=0)
    return {
        name: head_factor if within(name, head) else layer_decay ** (last + 1 - depth) for name, depth in depths.items()
    }


def depths_of(names: Iterable[str]) -> list[int]:
    """The place of each parameter's block. What belongs to no numbered block counts to the one before it."""
    depths: list[int] = []
    places: dict[str, int] = {}
    for name in names:
        block = block_of(name)
        if block is not None and block not in places:
            places[block] = len(places) + 1
        depths.append(len(places) if block is None else places[block])
    return depths


def block_of(name: str) -> str | None:
    """`layer2` of `layer2.0.conv1.weight`; None of `conv1.weight`."""
    parts = name.split(".")
    for place, part in enumerate(parts[:-1]):
        if NUMBERED.fullmatch(part):
            return ".".join(parts[: place + 1])
    return None
