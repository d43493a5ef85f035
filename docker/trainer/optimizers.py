"""The optimizer of a network, and the learning rate as a function of time."""

import inspect
import math
from typing import Any

import torch
from layers import rate_factors
from torch import nn

from compilation import keep_compiler_out
from config import Settings


def without_compiler(kind: type[torch.optim.Optimizer]) -> type[torch.optim.Optimizer]:
    """The same optimizer, except that using it does not import torch's compiler: 7 s of processor time a trial.

    `step` is taken from inside its wrapper, and keep_compiler_out sees to the other methods.
    """
    keep_compiler_out(torch.optim.Optimizer)
    return type(kind.__name__, (kind,), {"step": torch.no_grad()(inspect.unwrap(kind.step))})


def make_optimizer(model: nn.Module, settings: Settings) -> torch.optim.Optimizer:
    """Fused optimizers, which update all weights in one kernel."""
    weights = parameters(model)
    factors = rate_factors(model, settings.head_lr_factor, settings.layer_decay)
    groups = [
        {
            "params": [one for one in weights if decays(*one) is decaying and factors[one[0]] == factor],
            "weight_decay": settings.weight_decay if decaying else 0.0,
            "factor": factor,
        }
        for factor in dict.fromkeys(factors[name] for name, _ in weights)
        for decaying in (True, False)
    ]
    kinds = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW}
    kind = kinds[settings.optimizer]
    options = {"momentum": settings.momentum} if settings.optimizer == "sgd" else {}
    kind = kind if settings.compile == "true" else without_compiler(kind)
    optimizer = kind(groups, lr=settings.learning_rate, fused=True, **options)
    if options.get("momentum"):
        # Fused SGD would allocate its momentum at the first step and fill it there, unless fp16 overflows and that step
        # is skipped: then the next one adds to uninitialised memory. Starting from zero gives the same numbers.
        for _, weight in weights:
            optimizer.state[weight]["momentum_buffer"] = torch.zeros_like(weight)
    return optimizer


def parameters(model: nn.Module) -> list[tuple[str, nn.Parameter]]:
    return [(name, weight) for name, weight in model.named_parameters() if weight.requires_grad]


def decays(name: str, weight: torch.Tensor) -> bool:
    """Whether weight decay applies: to the weights of linear and convolution layers, but not to biases and
    normalisation (one dimension), nor to layer scales, class token and position embedding (more dimensions, but not
    named weight).
    """
    return weight.ndim > 1 and name.endswith("weight")


def regrouped(state: dict[str, Any], model: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    """The state of an optimizer, in its current groups: another version may have grouped the weights differently."""
    groups = state["param_groups"]
    if "param_names" in groups[0]:
        theirs = [name for group in groups for name in group["param_names"]]
    else:  # format 2 of checkpoints, which had those of more than one dimension first
        weights = parameters(model)
        theirs = [name for several in (True, False) for name, weight in weights if (weight.ndim > 1) is several]
    of_name = {name: state["state"][number] for number, name in enumerate(theirs) if number in state["state"]}
    now = optimizer.state_dict()["param_groups"]
    ours = [(number, name) for group in now for number, name in zip(group["params"], group["param_names"], strict=True)]
    return {"state": {number: of_name[name] for number, name in ours if name in of_name}, "param_groups": now}


def learning_rate_at(done: float, settings: Settings) -> float:
    """The learning rate after `done` epochs (may be fractional). Stateless, so that a longer budget can continue."""
    rate, warmup, budget = settings.learning_rate, settings.warmup_epochs, settings.budget
    if done < warmup:
        return rate * done / warmup
    if settings.schedule == "cosine":
        return rate * (1 + math.cos(math.pi * min(1.0, (done - warmup) / (budget - warmup)))) / 2
    if settings.schedule == "step":
        return rate * (0.01 if done >= 0.75 * budget else 0.1 if done >= 0.5 * budget else 1.0)
    return rate
