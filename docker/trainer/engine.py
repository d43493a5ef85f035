"""One training step, validation, the optimizer, and the learning rate as a function of time.

Nothing here reads a value from the device during an epoch: sums stay there until it ends, so the device never waits for
the program.
"""

import inspect
import math
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from batches import derive_seed
from compilation import compiled, keep_compiler_out
from config import Settings
from errors import Interrupted, OutOfGpuMemoryError, OutOfMemoryError, translate
from images import normalise
from interruption import asked_to_stop
from loader import NO_LABEL, Batch
from precision import Precision
from scores import Counts, Evaluation, evaluation_of
from snapshot import arrival, snapshot
from world import World

# How often the loss is checked for being finite; it is checked at the end of an epoch as well.
STEPS_BETWEEN_LOOKS = 50


@dataclass(frozen=True)
class Statistics:
    """Each channel's mean and standard deviation, on a scale of 0 to 1, on the device."""

    mean: torch.Tensor
    std: torch.Tensor

    @classmethod
    def on(cls, device: torch.device, mean: list[float], std: list[float]) -> "Statistics":
        return cls(torch.tensor(mean, device=device), torch.tensor(std, device=device))

    def normalise(self, pixels: torch.Tensor) -> torch.Tensor:
        """uint8 [N, H, W, 3] to float32 [N, 3, H, W] with its channels last in memory, as the pixels have them."""
        return normalise(pixels.permute(0, 3, 1, 2), self.mean, self.std)


class Tally:
    """Sums over the steps of an epoch, on the device: loss, images classified correctly, images."""

    def __init__(self, device: torch.device):
        self.sums = torch.zeros(3, dtype=torch.float64, device=device)
        # The loss as it was at the last look, and what waits until that copy is there.
        self.looked: tuple[torch.Tensor, Callable[[], None]] | None = None

    def add(self, loss: torch.Tensor, logits: torch.Tensor, labels: torch.Tensor) -> None:
        right = (logits.argmax(1) == labels).sum()
        self.sums[:2] += torch.stack([loss.detach().double(), right.double()])
        self.sums[2] += (labels != NO_LABEL).sum()

    def reset(self) -> None:
        self.sums.zero_()
        self.looked = None

    def was_finite(self) -> bool:
        """Whether the sum of losses was finite when this was last called. The sum of now would not be known before the
        device has done all steps that are queued, and it would have none left to go on with.
        """
        before, self.looked = self.looked, (snapshot(self.sums[0]), arrival(self.sums.device))
        if before is None:
            return True
        loss, arrived = before
        arrived()
        return math.isfinite(float(loss))


class Learner:
    """A network and everything that trains it."""

    def __init__(
        self, model: nn.Module, settings: Settings, precision: Precision, statistics: Statistics, world: World
    ):
        """`model`: on the CPU, with its initial weights."""
        self.world, self.precision, self.statistics, self.settings = world, precision, statistics, settings
        self.device = precision.device
        self.normalisations = world.synchronise(model)
        # Convolutions in bf16 and fp16 are faster with the channels of a pixel side by side; on a CPU so are those in
        # float32.
        self.model = model.to(memory_format=torch.channels_last).to(self.device)
        self.optimizer = make_optimizer(self.model, settings)
        self.scaler = precision.scaler()
        self.body = compiled(self.model, self.device, os.environ) if settings.compile == "true" else self.model
        self.network = world.join(self.body, self.device)
        self.tally = Tally(self.device)
        # The batch that fitted after an evaluation ran out of memory.
        self.max_at_once = sys.maxsize

    def restore(self, optimizer: dict[str, Any], scaler: dict[str, Any], tally: torch.Tensor) -> None:
        """Restores a checkpoint. Its sums are those of all processes."""
        self.optimizer.load_state_dict(regrouped(optimizer, self.model, self.optimizer))
        # Empty if it was trained without fp16, on another kind of GPU. The scale then starts over.
        if scaler:
            self.scaler.load_state_dict(scaler)
        if self.world.writes:
            self.tally.sums.copy_(tally)

    def step(self, batch: Batch, count: int, rate: float) -> None:
        """One step on this process's part of a batch of `count` images."""
        pixels, labels = batch
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        alone = self.world.normalises_alone(count, self.settings.sync_bn)
        for layer in self.normalisations:
            layer.together = not alone
        if not self.body.training:  # set for every module of the network, which takes a while
            self.network.train()
        with self.precision.autocast():
            logits = self.network(self.statistics.normalise(pixels))
        loss = F.cross_entropy(
            logits.float(),
            labels,
            label_smoothing=self.settings.label_smoothing,
            reduction="sum",
            ignore_index=NO_LABEL,
        )
        self.optimizer.zero_grad(set_to_none=True)
        # Gradients are averaged over processes; this factor turns that into the mean over the images of the batch.
        self.scaler.scale(loss * (self.world.size / count)).backward()
        if self.settings.clip_gradient is not None:
            self.scaler.unscale_(self.optimizer)
            nn.utils.clip_grad_norm_(self.model.parameters(), self.settings.clip_gradient)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.tally.add(loss, logits, labels)

    def diverged(self) -> bool:
        """Whether the loss of any process was not finite when this was last asked, in this epoch."""
        return self.world.any(not self.tally.was_finite())[0]

    def results(self) -> tuple[float, float]:
        """Mean training loss and accuracy (0 to 1) over the images of the epoch, in all processes."""
        loss, right, images = self.world.sum(self.tally.sums).tolist()
        return loss / (images or math.nan), right / (images or math.nan)

    def evaluate(self, batches: Callable[[int], Iterable[Batch]], at_once: int, classes: int) -> Evaluation:
        """Loss (without label smoothing, so that trials are comparable) and what else scores.py counts, over the
        batches of all processes. A batch has `at_once` images; if memory runs out, half as many, and so on, also in
        later evaluations. Raises Interrupted when this is the only process and it is asked to stop.
        """
        self.world.share_buffers(self.model)
        at_once = min(at_once, self.max_at_once)
        counted = None
        while counted is None:
            try:
                counted = self.count(batches(at_once), classes)
            except Exception as error:
                if at_once == 1 or not isinstance(translate(error), OutOfGpuMemoryError | OutOfMemoryError):
                    raise
            if counted is None:
                # Not in the handler above: there the error still holds the tensors of the batch.
                at_once //= 2
                self.max_at_once = at_once
                print(f"train.py: warning: out of memory; validating {at_once} images at once", file=sys.stderr)
                if self.device.type == "cuda":
                    torch.cuda.empty_cache()
        return evaluation_of(Counts(*(self.world.sum(values) for values in vars(counted).values())))

    @torch.inference_mode()
    def count(self, batches: Iterable[Batch], classes: int) -> Counts:
        """The sums over this process's batches."""
        self.body.eval()
        counts = Counts.on(self.device, classes)
        for pixels, labels in batches:
            with self.precision.autocast():
                logits = self.body(self.statistics.normalise(pixels))
            counts.add(logits.float(), labels)
            if asked_to_stop() and self.world.size == 1:
                raise Interrupted
        return counts


def seed_dropout(device: torch.device, seed: int, epoch: int, step: int, rank: int) -> None:
    """Makes dropout, which draws from the generator of the device, a function of (seed, epoch, step), like order and
    augmentation. torch.manual_seed would seed the generators of all devices.
    """
    generator = torch.default_generator if device.type == "cpu" else torch.cuda.default_generators[device.index]
    generator.manual_seed(derive_seed(seed, epoch, step, rank))


def without_compiler(kind: type[torch.optim.Optimizer]) -> type[torch.optim.Optimizer]:
    """The same optimizer, except that using it does not import torch's compiler: 7 s of processor time a trial.

    `step` is taken from inside its wrapper, and keep_compiler_out sees to the other methods.
    """
    keep_compiler_out(torch.optim.Optimizer)
    return type(kind.__name__, (kind,), {"step": torch.no_grad()(inspect.unwrap(kind.step))})


def make_optimizer(model: nn.Module, settings: Settings) -> torch.optim.Optimizer:
    """Fused optimizers, which update all weights in one kernel."""
    weights = parameters(model)
    groups = [
        {"params": [one for one in weights if decays(*one)], "weight_decay": settings.weight_decay},
        {"params": [one for one in weights if not decays(*one)], "weight_decay": 0.0},
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
