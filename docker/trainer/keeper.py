"""What training saves to disk: its best model, and checkpoints to resume from.

A thread writes both, so that the next step does not wait for the disk. At any moment the files on disk are complete and
can be resumed from: a checkpoint also holds the best model so far.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
from scores import Evaluation

import checkpoint
from checkpoint import Best, Checkpoint
from engine import Learner
from model_folder import ModelFolder
from precision import scaler_state
from snapshot import arrival, numbers, snapshot
from throughput import Stopwatch
from world import World
from writer import Writer


@dataclass
class Keeper:
    """`identity`: of the settings as they were given. `wait`: how long training was held up."""

    folder: ModelFolder
    identity: dict[str, Any]
    world: World
    writer: Writer
    wait: Stopwatch
    saved: float = 0.0

    def __post_init__(self) -> None:
        self.saved = time.monotonic()

    def due(self) -> bool:
        """Whether it is time for another checkpoint."""
        return self.world.writes and time.monotonic() - self.saved >= self.folder.settings.checkpoint_seconds

    def best(self, epoch: int, metrics: dict[str, float], evaluation: Evaluation, learner: Learner) -> Best:
        """Saves the current model as the best so far."""
        with self.wait:
            best = Best(epoch, metrics, snapshot(learner.kept_weights()), evaluation.confusion)
            self.keep(best, arrival(learner.device))
        return best

    def keep(self, best: Best, arrived: Callable[[], None] = lambda: None) -> None:
        """Has the best model written to MODEL_DIR."""

        def write() -> None:
            arrived()
            self.folder.save(best)

        if self.world.writes:
            self.writer.submit("model", write)

    def save(self, epoch: int, step: int, learner: Learner, best: Best | None) -> None:
        """Has a checkpoint written, after `epoch` whole epochs and `step` steps. All processes call it at the same
        step, and one writes.
        """
        with self.wait:
            tally = snapshot(self.world.sum(learner.tally.sums))
            if self.world.writes:
                self._submit(epoch, step, tally, learner, best)
            self.saved = time.monotonic()

    def _submit(self, epoch: int, step: int, tally: torch.Tensor, learner: Learner, best: Best | None) -> None:
        is_best = best is not None and best.epoch == epoch and step == 0
        state = Checkpoint(
            epoch=epoch,
            step=step,
            tally=tally,
            identity=self.identity,
            architecture=self.folder.architecture,
            input=self.folder.input,
            data=self.folder.data,
            weights=best.weights if best and is_best and not learner.average else snapshot(learner.model.state_dict()),
            optimizer=snapshot(learner.optimizer.state_dict()),
            scaler=snapshot(scaler_state(learner.scaler)),
            best=best,
            precision=learner.precision.name,
            average=snapshot(learner.average) if learner.average else None,
            batch_size=self.folder.settings.batch_size,
        )
        arrived = arrival(learner.device)

        def write() -> None:
            arrived()
            whole = replace(state, scaler=numbers(state.scaler))
            checkpoint.save_checkpoint(self.folder.settings.checkpoint_dir, whole)

        self.writer.submit("checkpoint", write)

    def finish(self) -> None:
        """Waits until everything is written."""
        with self.wait:
            self.writer.finish()
