"""One training step, and validation.

Nothing here reads a value from the device during an epoch: sums stay there until it ends, so the device never waits for
the program.
"""

import math
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from augment import Mix, mixed
from layers import freeze
from optimizers import make_optimizer, regrouped
from scores import Counts, Evaluation, evaluation_of
from torch import nn

from batches import derive_seed
from compilation import compiled
from config import Settings
from errors import Interrupted, OutOfGpuMemoryError, OutOfMemoryError, translate
from images import normalise
from interruption import asked_to_stop
from loader import NO_LABEL, Batch
from models import WithMirrorImage
from precision import Precision
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
        """Whether the sum of losses was finite when this was last called. The current sum is known only after the
        device has finished every queued step, and it would then have nothing left to do.
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
        self,
        model: nn.Module,
        settings: Settings,
        precision: Precision,
        statistics: Statistics,
        world: World,
        class_weights: torch.Tensor | None = None,
    ):
        """`model`: on the CPU, with its initial weights. `class_weights`: [classes], for the loss."""
        self.world, self.precision, self.statistics, self.settings = world, precision, statistics, settings
        self.device = precision.device
        self.normalisations = world.synchronise(model)
        # Convolutions in bf16 and fp16 are faster with the channels of a pixel side by side; on a CPU so are those in
        # float32.
        self.model = model.to(memory_format=torch.channels_last).to(self.device)
        self.frozen = freeze(self.model, settings.freeze)
        self.class_weights = None if class_weights is None else class_weights.to(self.device)
        self.average = snapshot_here(self.model) if settings.ema > 0 else None
        self.optimizer = make_optimizer(self.model, settings)
        self.scaler = precision.scaler()
        self.body = compiled(self.model, self.device, os.environ) if settings.compile == "true" else self.model
        self.network = world.join(self.body, self.device)
        self.train_network()
        self.tally = Tally(self.device)
        # The batch that fitted after an evaluation, or a step, ran out of memory.
        self.max_at_once = sys.maxsize
        self.micro_batch = settings.micro_batch or sys.maxsize

    def restore(
        self,
        optimizer: dict[str, Any],
        scaler: dict[str, Any],
        tally: torch.Tensor,
        average: dict[str, torch.Tensor] | None = None,
    ) -> None:
        """Restores a checkpoint. Its sums are those of all processes."""
        if self.average and average:
            for name, value in self.average.items():
                value.copy_(average[name])
        self.optimizer.load_state_dict(regrouped(optimizer, self.model, self.optimizer))
        # Empty if it was trained without fp16, on another kind of GPU. The scale then starts over.
        if scaler:
            self.scaler.load_state_dict(scaler)
        if self.world.writes:
            self.tally.sums.copy_(tally)

    def step(
        self,
        batch: Batch,
        count: int,
        rate: float,
        again: Callable[[], None] = lambda: None,
        mix: Mix | None = None,
        before: int = sys.maxsize,
    ) -> None:
        """One step on this process's part of a batch of `count` images. `again` seeds dropout anew when a step that ran
        out of memory is done again in smaller parts. With `mix`, images are mixed in pairs, and their losses too.
        `before`: the steps of the training before this one.
        """
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group.get("factor", 1.0)
        alone = self.world.normalises_alone(count, self.settings.sync_bn)
        for layer in self.normalisations:
            layer.together = not alone
        if not self.body.training:  # set for every module of the network, which takes a while
            self.train_network()
        done = None
        while done is None:
            self.optimizer.zero_grad(set_to_none=True)
            try:
                done = self.accumulate(batch, count, mix)
            except Exception as error:
                # Other processes have gone on with theirs, so this one cannot do it again.
                if self.world.size > 1 or not self.halve(len(batch[1]), error):
                    raise
            if done is None:
                # Not in the handler above: there the error still holds the tensors of the batch.
                if self.device.type == "cuda":
                    torch.cuda.empty_cache()
                again()
        if self.settings.clip_gradient is not None:
            self.scaler.unscale_(self.optimizer)
            nn.utils.clip_grad_norm_(self.model.parameters(), self.settings.clip_gradient)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        if self.average is not None:
            self.update_average(self.average, before)
        for loss, logits, labels in done:
            self.tally.add(loss, logits, labels)

    def train_network(self) -> None:
        """Sets the network to training, except for what is frozen."""
        self.network.train()
        for module in self.frozen:
            module.eval()

    def accumulate(
        self, batch: Batch, count: int, mix: Mix | None = None
    ) -> list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
        """The gradients of a batch, of MICRO_BATCH images at a time; loss, logits and labels of each part."""
        pixels, labels = batch
        parts = parts_of(len(labels), self.micro_batch)
        done = []
        for place, part in enumerate(parts):
            # Processes exchange their gradients once, after the last part.
            waits = self.world.size > 1 and place < len(parts) - 1
            with self.network.no_sync() if waits else nullcontext():  # type: ignore[operator]
                with self.precision.autocast():
                    images, own = self.statistics.normalise(pixels[part]), 1.0
                    if mix is not None:
                        images, own = mixed(images, mix)
                    logits = self.network(images)
                loss = self.loss(logits.float(), labels[part]) * own
                if mix is not None:
                    loss = loss + self.loss(logits.float(), labels[part].flip(0)) * (1 - own)
                # Gradients are averaged over processes; this factor turns that into the mean over the images of the
                # batch.
                self.scaler.scale(loss * (self.world.size / count)).backward()
            done.append((loss.detach(), logits.detach(), labels[part]))
        return done

    def loss(self, logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """The sum over images."""
        return F.cross_entropy(
            logits,
            labels,
            weight=self.class_weights,
            label_smoothing=self.settings.label_smoothing,
            reduction="sum",
            ignore_index=NO_LABEL,
        )

    def halve(self, images: int, error: Exception) -> bool:
        """After a step of `images` ran out of memory: whether half as many at once may fit."""
        half = min(self.micro_batch, images) // 2
        if half < 2 or not isinstance(translate(error), OutOfGpuMemoryError | OutOfMemoryError):
            return False
        self.micro_batch = half
        print(
            f"train.py: warning: out of memory; continuing with {half} images at a time. BATCH_SIZE is unchanged; "
            "steps are slower and batch normalisation sees fewer images. Set MICRO_BATCH to start this way",
            file=sys.stderr,
        )
        return True

    @torch.no_grad()
    def update_average(self, average: dict[str, torch.Tensor], before: int) -> None:
        """Moves the average towards the weights; counters are copied. The first steps use a lower decay than EMA, or a
        short training would be judged by its initial weights (TensorFlow's ExponentialMovingAverage does the same).
        """
        kept = min(self.settings.ema, (1 + before) / (10 + before))
        now = self.model.state_dict()
        moving = [name for name, value in average.items() if value.is_floating_point()]
        torch._foreach_lerp_([average[n] for n in moving], [now[n] for n in moving], 1 - kept)
        for name in average.keys() - set(moving):
            average[name].copy_(now[name])

    def kept_weights(self) -> dict[str, torch.Tensor]:
        """The weights that are validated and kept as the model: the average with EMA."""
        return self.average or self.model.state_dict()

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """The network with its averaged weights, if there are any, in this block."""
        if self.average is None:
            yield
            return
        own = snapshot_here(self.model)
        self.model.load_state_dict(self.average)
        try:
            yield
        finally:
            self.model.load_state_dict(own)

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
        with self.averaged():
            return self.evaluate_network(batches, at_once, classes)

    def evaluate_network(self, batches: Callable[[int], Iterable[Batch]], at_once: int, classes: int) -> Evaluation:
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
                print(f"train.py: warning: out of memory; validating {at_once} images at a time", file=sys.stderr)
                if self.device.type == "cuda":
                    torch.cuda.empty_cache()
        return evaluation_of(Counts(*(self.world.sum(values) for values in vars(counted).values())))

    @torch.inference_mode()
    def count(self, batches: Iterable[Batch], classes: int) -> Counts:
        """The sums over this process's batches."""
        self.body.eval()
        answer = WithMirrorImage(self.body) if self.settings.test_flip == "true" else self.body
        counts = Counts.on(self.device, classes)
        for pixels, labels in batches:
            with self.precision.autocast():
                logits = answer(self.statistics.normalise(pixels))
            counts.add(logits.float(), labels)
            if asked_to_stop() and self.world.size == 1:
                raise Interrupted
        return counts


def parts_of(images: int, at_once: int) -> list[slice]:
    """Splits `images` into parts of at most `at_once` whose sizes differ by at most one: batch normalisation cannot
    train on a leftover part of one image.
    """
    count = max(1, -(-images // at_once))
    return [slice(images * part // count, images * (part + 1) // count) for part in range(count)]


def snapshot_here(model: nn.Module) -> dict[str, torch.Tensor]:
    """A copy of the weights on their device."""
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


def seed_dropout(device: torch.device, seed: int, epoch: int, step: int, rank: int) -> None:
    """Makes dropout, which draws from the generator of the device, a function of (seed, epoch, step), like order and
    augmentation. torch.manual_seed would seed the generators of all devices.
    """
    generator = torch.default_generator if device.type == "cpu" else torch.cuda.default_generators[device.index]
    generator.manual_seed(derive_seed(seed, epoch, step, rank))
