"""One epoch of training and of validation, the optimizer, and the learning rate as a function of time.

Mixed precision, compilation or several GPUs would go here; train.py would stay as it is.
"""

import inspect
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from config import Settings
from images import normalise

# Asking a GPU for the loss waits for it, so a loss that is not finite is looked for now and then, and at the end.
STEPS_BETWEEN_LOOKS = 50

Batches = Iterator[tuple[torch.Tensor, torch.Tensor]]


@dataclass(frozen=True)
class Statistics:
    """Each channel's mean and standard deviation, on a scale of 0 to 1, on the device."""

    mean: torch.Tensor
    std: torch.Tensor


class Tally:
    """Sums over an epoch, kept on the device: reading them is what waits for it."""

    def __init__(self, device: torch.device):
        self.sums = torch.zeros(2, dtype=torch.float64, device=device)
        self.images = 0

    def add(self, loss: torch.Tensor, logits: torch.Tensor, labels: torch.Tensor) -> None:
        right = (logits.argmax(1) == labels).sum()
        self.sums += torch.stack([loss.detach().double() * len(labels), right.double()])
        self.images += len(labels)

    def read(self) -> tuple[float, float]:
        """Mean loss and accuracy (0 to 1) of the images so far."""
        loss, right = self.sums.tolist()
        return loss / self.images, right / self.images


def without_compiler(kind: type[torch.optim.Optimizer]) -> type[torch.optim.Optimizer]:
    """The same optimizer, except that using it does not import torch's compiler: 7 s of processor time a trial.

    Optimizer's methods are wrapped for torch.compile's sake, and the wrappers import the compiler to leave a method
    out of compilation. Two ways round: `step` is taken from inside its wrapper, and for the others the answer that the
    wrapper would remember is put in place. Should torch drop the wrappers, neither does anything. Whoever adds
    torch.compile leaves this out when it is used.
    """
    for method in vars(torch.optim.Optimizer).values():
        wrapped = getattr(method, "__wrapped__", None)
        if wrapped is not None and not hasattr(wrapped, "__dynamo_disable"):
            setattr(wrapped, "__dynamo_disable", wrapped)
    return type(kind.__name__, (kind,), {"step": torch.no_grad()(inspect.unwrap(kind.step))})


def make_optimizer(model: nn.Module, settings: Settings) -> torch.optim.Optimizer:
    weights, rate, decay = model.parameters(), settings.learning_rate, settings.weight_decay
    if settings.optimizer == "sgd":
        return without_compiler(torch.optim.SGD)(weights, rate, momentum=settings.momentum, weight_decay=decay)
    kind = torch.optim.AdamW if settings.optimizer == "adamw" else torch.optim.Adam
    return without_compiler(kind)(weights, rate, weight_decay=decay)


def learning_rate_at(done: float, settings: Settings) -> float:
    """The learning rate when `done` epochs (with a fraction) are behind. No state, so a longer budget can go on."""
    rate, warmup, budget = settings.learning_rate, settings.warmup_epochs, settings.budget
    if done < warmup:
        return rate * done / warmup
    if settings.schedule == "cosine":
        return rate * (1 + math.cos(math.pi * min(1.0, (done - warmup) / (budget - warmup)))) / 2
    if settings.schedule == "step":
        return rate * (0.01 if done >= 0.75 * budget else 0.1 if done >= 0.5 * budget else 1.0)
    return rate


def train_epoch(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    batches: Batches,
    statistics: Statistics,
    label_smoothing: float,
    rate_at_step: Callable[[int], float],
) -> tuple[float, float, float]:
    """Mean loss and accuracy over the batches as they were trained on, and the last step's learning rate.

    The loss is returned as NaN, at once, when it is found not to be finite.
    """
    device = statistics.mean.device
    model.train()
    tally = Tally(device)
    rate = 0.0
    for step, (images, labels) in enumerate(batches):
        rate = rate_at_step(step)
        for group in optimizer.param_groups:
            group["lr"] = rate
        labels = labels.to(device, non_blocking=True)
        logits = model(normalise(images.to(device, non_blocking=True), statistics.mean, statistics.std))
        loss = F.cross_entropy(logits, labels, label_smoothing=label_smoothing)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        tally.add(loss, logits, labels)
        if step % STEPS_BETWEEN_LOOKS == 0 and not math.isfinite(tally.read()[0]):
            return math.nan, math.nan, rate
    return *tally.read(), rate


@torch.inference_mode()
def evaluate(model: nn.Module, batches: Batches, statistics: Statistics) -> tuple[float, float]:
    """Mean loss (without label smoothing, so trials compare) and accuracy (0 to 1)."""
    device = statistics.mean.device
    model.eval()
    tally = Tally(device)
    for images, labels in batches:
        labels = labels.to(device, non_blocking=True)
        logits = model(normalise(images.to(device, non_blocking=True), statistics.mean, statistics.std))
        tally.add(F.cross_entropy(logits, labels), logits, labels)
    return tally.read()
