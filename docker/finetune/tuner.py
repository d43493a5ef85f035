"""One fine-tuning: what it consists of, a step, an evaluation."""

import math
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F

from errors import BadSettingError, OutOfGpuMemoryError, OutOfMemoryError, translate
from gradients import sum_gradients
from precision import Precision
from sequences import Sequence, State, collate
from texts import IGNORED, epoch_order
from throughput import Meter
from tune_settings import Tuning
from world import World


@dataclass
class Best:
    """The best epoch so far, with what was trained in it, on the CPU of the process that writes."""

    epoch: int
    metrics: dict[str, float]
    weights: State


@dataclass
class Tuner:
    """`epoch` whole epochs and `step` steps of the next one are done; `tally`: its sum of losses and tokens so far, of
    all processes. `at_once`: sequences that go through this process's device together.
    """

    settings: Tuning
    precision: Precision
    world: World
    model: Any
    tokenizer: Any
    training: list[Sequence]
    validation: list[Sequence]
    epoch: int = 0
    step: int = 0
    best: Best | None = None
    tally: torch.Tensor = field(init=False)
    meter: Meter = field(init=False)
    at_once: int = field(init=False)
    optimizer: torch.optim.Optimizer = field(init=False)

    def __post_init__(self) -> None:
        self.tally = torch.zeros(2, dtype=torch.float64, device=self.precision.device)
        self.meter = Meter(self.precision, self.world.size, self.flops)
        self.at_once = self.settings.micro_batch or -(-self.settings.batch_size // self.world.size)
        matrices = [one for one in self.trained().values() if one.ndim > 1]
        rest = [one for one in self.trained().values() if one.ndim <= 1]
        groups = [
            {"params": matrices, "weight_decay": self.settings.weight_decay},
            {"params": rest, "weight_decay": 0.0},
        ]
        self.optimizer = torch.optim.AdamW([group for group in groups if group["params"]], fused=True)

    @property
    def packing(self) -> bool:
        return self.settings.packing == "true"

    @property
    def padding(self) -> int:
        pad = self.tokenizer.pad_token_id
        return self.tokenizer.eos_token_id if pad is None else pad

    @property
    def steps(self) -> int:
        """Steps of an epoch."""
        return -(-len(self.training) // self.settings.batch_size)

    def flops(self) -> float:
        """Operations of training on one token. A weight takes 2 forward, 2 backward for what lies before it, and 2 for
        its own gradient, which LoRA spares those that stay. Attention and what gradient checkpointing repeats are not
        counted.
        """
        total = sum(one.numel() for one in self.model.parameters())
        return 4 * total + 2 * sum(one.numel() for one in self.trained().values())

    def trained(self) -> dict[str, torch.nn.Parameter]:
        """What training changes, by name."""
        return {name: one for name, one in self.model.named_parameters() if one.requires_grad}

    def weights(self) -> State:
        """Copies of it on the CPU."""
        return {name: one.detach().to("cpu", copy=True) for name, one in self.trained().items()}

    def load(self, weights: State) -> None:
        with torch.no_grad():
            for name, one in self.trained().items():
                one.copy_(weights[name])

    def batch(self, epoch: int, step: int) -> list[Sequence]:
        """The sequences of one step: a function of (seed, epoch, step)."""
        order = epoch_order(len(self.training), self.settings.seed, epoch)
        size = self.settings.batch_size
        return [self.training[place] for place in order[step * size : (step + 1) * size]]

    def take_step(self, epoch: int, step: int) -> int:
        """Trains on one batch, of which each process takes its part, and returns the number of tokens of all. The parts
        of a batch weigh by their tokens, so that MICRO_BATCH and the number of processes change nothing but the memory.
        """
        self.model.train()
        batch = self.batch(epoch, step)
        ours = batch[self.world.part(0, len(batch))]
        learned = sum(one.learned for one in batch)
        rate = learning_rate_at(epoch - 1 + step / self.steps, self.settings)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        losses = self.in_parts(lambda: self.accumulate(ours, learned, f"{self.settings.seed} {epoch} {step}"))
        sum_gradients(self.trained().values(), self.world)
        # At each step, so that a checkpoint between two of them changes nothing about the order of the sums.
        self.tally += torch.stack([self.world.sum(losses), losses.new_tensor(learned)])
        torch.nn.utils.clip_grad_norm_(list(self.trained().values()), self.settings.clip_gradient)
        self.optimizer.step()
        return sum(len(one.ids) for one in batch)

    def accumulate(self, sequences: list[Sequence], learned: int, seed: str) -> torch.Tensor:
        """The gradients of this process's part of a batch, in all of which `learned` tokens are predicted; the sum of
        losses.
        """
        self.optimizer.zero_grad(set_to_none=True)
        losses = torch.zeros((), dtype=torch.float64, device=self.precision.device)
        for number, part in enumerate(parts(sequences, self.at_once)):
            # Dropout, too, is a function of (seed, epoch, step), so a resumed training goes on as it would have.
            torch.manual_seed(random.Random(f"{seed} {number} {self.world.rank}").getrandbits(63))
            loss = self.loss(part)
            (loss / learned).backward()
            losses += loss.detach().double()
        return losses

    def in_parts(self, work: Callable[[], torch.Tensor]) -> torch.Tensor:
        """Returns what `work` returns, repeated with half as many sequences at once whenever memory runs out. The
        other processes need not know: they wait for the sums alone.
        """
        done = None
        while done is None:
            try:
                done = work()
            except Exception as error:
                if not self.halve(error):
                    raise
            # Not in the handler above: there the error still holds tensors.
            if done is None and self.precision.device.type == "cuda":
                torch.cuda.empty_cache()
        return done

    def halve(self, error: Exception) -> bool:
        """After memory ran out: whether half as many sequences at once may fit."""
        if self.at_once == 1 or not isinstance(translate(error), OutOfGpuMemoryError | OutOfMemoryError):
            return False
        self.at_once //= 2
        print(
            f"tune.py: warning: out of memory; continuing with {self.at_once} sequences at a time. BATCH_SIZE is "
            "unchanged, so training is the same, only slower",
            file=sys.stderr,
        )
        return True

    def loss(self, sequences: list[Sequence]) -> torch.Tensor:
        """The sum of the losses of all tokens that are learned."""
        with self.meter.data_wait:
            inputs, labels = collate(sequences, self.packing, self.padding, self.precision.device)
        with self.precision.autocast():
            logits = self.model(**inputs, use_cache=False).logits
        return F.cross_entropy(
            logits[:, :-1].float().flatten(0, 1), labels[:, 1:].flatten(), ignore_index=IGNORED, reduction="sum"
        )

    def evaluate(self) -> Iterator[float | None]:
        """Yields None after each batch of held-out texts, at the same time in all processes, and then the mean loss
        a token.
        """
        self.model.eval()
        sums = torch.zeros((), dtype=torch.float64, device=self.precision.device)
        for batch in parts(self.validation, self.settings.batch_size):
            sums += self.in_parts(partial(self.losses, batch[self.world.part(0, len(batch))]))
            yield None
        yield self.world.sum(sums).item() / sum(one.learned for one in self.validation)

    def losses(self, sequences: list[Sequence]) -> torch.Tensor:
        """The sum of the losses of sequences, of which nothing is learned."""
        sums = torch.zeros((), dtype=torch.float64, device=self.precision.device)
        for part in parts(sequences, self.at_once):
            with torch.no_grad():
                sums += self.loss(part).double()
        return sums

    def require_apart(self) -> None:
        """Raises BadSettingError if the network lets one text of a packed sequence see another."""
        if not self.packing:
            return
        vocabulary = self.model.get_input_embeddings().num_embeddings
        first = torch.arange(8, device=self.precision.device)
        positions = torch.cat([first, first])[None]
        self.model.eval()

        def second(token: int) -> torch.Tensor:
            ids = torch.cat([torch.full_like(first, token), first % vocabulary])[None]
            with torch.no_grad(), self.precision.autocast():
                return self.model(input_ids=ids, position_ids=positions, use_cache=False).logits[:, 8:].float()

        try:
            apart = torch.allclose(second(0), second(vocabulary - 1), atol=1e-3)
        except TypeError:  # a network without position_ids
            apart = False
        if not apart:
            raise BadSettingError(
                "PACKING is 'true', but this network would let texts packed together see one another; set PACKING=false"
            )


def parts(sequences: list[Sequence], size: int) -> list[list[Sequence]]:
    return [sequences[at : at + size] for at in range(0, len(sequences), size)]


def learning_rate_at(done: float, settings: Tuning) -> float:
    """The learning rate after `done` epochs (may be fractional). Stateless, so that a longer budget can continue."""
    share = done / settings.budget
    if share < settings.warmup_share:
        # Not from 0, which would waste the first step: there may be few.
        return settings.learning_rate * max(share / settings.warmup_share, 0.01)
    left = min(1.0, (share - settings.warmup_share) / (1 - settings.warmup_share))
    if settings.schedule == "cosine":
        return settings.learning_rate * (1 + math.cos(math.pi * left)) / 2
    return settings.learning_rate * (1 - left if settings.schedule == "linear" else 1.0)
