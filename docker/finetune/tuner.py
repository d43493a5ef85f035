"""One fine-tuning: what it consists of, a step, an evaluation."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F

from errors import BadSettingError
from precision import Precision
from sequences import Sequence, State, collate
from texts import IGNORED, epoch_order
from tune_settings import Tuning


@dataclass
class Best:
    """The best epoch so far, with what was trained in it, on the CPU."""

    epoch: int
    metrics: dict[str, float]
    weights: State


@dataclass
class Tuner:
    """`epoch` whole epochs and `step` steps of the next one are done; `tally`: its sum of losses and tokens so far."""

    settings: Tuning
    precision: Precision
    model: Any
    tokenizer: Any
    training: list[Sequence]
    validation: list[Sequence]
    epoch: int = 0
    step: int = 0
    best: Best | None = None
    tally: torch.Tensor = field(init=False)
    optimizer: torch.optim.Optimizer = field(init=False)

    def __post_init__(self) -> None:
        self.tally = torch.zeros(2, dtype=torch.float64, device=self.precision.device)
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
        """Trains on one batch, and returns its number of tokens. The parts of a batch weigh by their tokens, so that
        MICRO_BATCH changes nothing but the memory.
        """
        self.model.train()
        batch = self.batch(epoch, step)
        learned = sum(one.learned for one in batch)
        rate = learning_rate_at(epoch - 1 + step / self.steps, self.settings)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.zero_grad(set_to_none=True)
        for number, part in enumerate(parts(batch, self.settings.micro_batch)):
            # Dropout, too, is a function of (seed, epoch, step), so a resumed training goes on as it would have.
            torch.manual_seed(random.Random(f"{self.settings.seed} {epoch} {step} {number}").getrandbits(63))
            loss = self.loss(part)
            (loss / learned).backward()
            self.tally += torch.stack(
                [loss.detach().double(), loss.new_tensor(sum(one.learned for one in part)).double()]
            )
        torch.nn.utils.clip_grad_norm_(list(self.trained().values()), self.settings.clip_gradient)
        self.optimizer.step()
        return sum(len(one.ids) for one in batch)

    def loss(self, sequences: list[Sequence]) -> torch.Tensor:
        """The sum of the losses of all tokens that are learned."""
        inputs, labels = collate(sequences, self.packing, self.padding, self.precision.device)
        with self.precision.autocast():
            logits = self.model(**inputs, use_cache=False).logits
        return F.cross_entropy(
            logits[:, :-1].float().flatten(0, 1), labels[:, 1:].flatten(), ignore_index=IGNORED, reduction="sum"
        )

    def evaluate(self) -> Iterator[float | None]:
        """Yields None after each batch of the texts held out, and then their mean loss a token."""
        self.model.eval()
        sums = torch.zeros((), dtype=torch.float64, device=self.precision.device)
        for part in parts(self.validation, self.settings.micro_batch or self.settings.batch_size):
            with torch.no_grad():
                sums += self.loss(part).double()
            yield None
        yield sums.item() / sum(one.learned for one in self.validation)

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
                "PACKING is 'true', but the texts of a sequence would see one another in this network; set "
                "PACKING=false"
            )


def parts(sequences: list[Sequence], size: int | None) -> list[list[Sequence]]:
    size = size or len(sequences)
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
