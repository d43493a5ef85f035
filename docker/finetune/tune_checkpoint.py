"""The checkpoint of fine-tuning: what training changes, the optimizer, and the best epoch so far."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import model_output
import stored
from interruption import asked_to_stop, undisturbed
from progress import print_now
from tuner import Best, Tuner

PROGRAM = "tune.py"
FORMAT = 1


@dataclass
class Saver:
    """Says when a checkpoint is due, and writes it. All processes ask and save at the same step, and one writes."""

    tuner: Tuner
    identity: dict[str, Any]
    saved: float = field(default_factory=time.monotonic)

    def ask(self) -> tuple[bool, bool]:
        """Whether to stop, and whether a checkpoint is due: the same in all processes. A step takes so much longer than
        asking that it is done after each.
        """
        world, every = self.tuner.world, self.tuner.settings.checkpoint_seconds
        stop, due = world.any(asked_to_stop(), world.writes and time.monotonic() - self.saved >= every)
        return stop, due

    def save(self, epoch: int, step: int) -> None:
        with self.tuner.meter.checkpoint_wait:
            if self.tuner.world.writes:
                save_checkpoint(self.tuner, self.identity, epoch, step)
            self.saved = time.monotonic()


def save_checkpoint(tuner: Tuner, identity: dict[str, Any], epoch: int, step: int) -> None:
    """Writes the state after `epoch` whole epochs and `step` steps of the next one."""
    best = tuner.best
    # One set of weights for both is written once.
    is_best = best is not None and best.epoch == epoch and step == 0
    stored.save_state(
        tuner.settings.checkpoint_dir,
        {
            "format": FORMAT,
            "epoch": epoch,
            "step": step,
            "tally": tuner.tally,
            "identity": identity,
            "precision": tuner.precision.name,
            "weights": best.weights if best is not None and is_best else tuner.weights(),
            "optimizer": tuner.optimizer.state_dict(),
            "best": vars(best) if best else None,
        },
    )


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Raises ValueError if it is damaged or of another version, and whatever torch raises."""
    state = stored.read_state(path)
    if state.get("format") != FORMAT or "optimizer" not in state:
        raise ValueError("it was written by another version or program")
    return state


def resume(tuner: Tuner, identity: dict[str, Any]) -> None:
    """Resumes from the checkpoint of an earlier attempt or a lower rung, if there is one. MODEL_DIR holds its best
    model again, since this may be another machine. Raises BadSettingError if it was trained with other settings.
    """
    folder = tuner.settings.checkpoint_dir
    found = stored.newest(folder, read_checkpoint, PROGRAM)
    if found is None:
        return
    path, state = found
    stored.refuse_others(path, state["identity"], identity)
    stored.forget_damaged(folder, path)
    if state["best"] is not None:
        tuner.best = Best(**state["best"])
        tuner.load(tuner.best.weights)
        if tuner.world.writes:
            with undisturbed():
                best = tuner.best
                model_output.save_model(tuner.model, tuner.tokenizer, tuner.settings, best.epoch, best.metrics)
    tuner.load(state["weights"])
    tuner.optimizer.load_state_dict(state["optimizer"])
    tuner.tally.copy_(state["tally"])
    tuner.epoch, tuner.step = state["epoch"], state["step"]
    if not tuner.world.writes:
        return
    if state["precision"] != tuner.precision.name:
        print_now(f"the checkpoint was trained in {state['precision']}; continuing in {tuner.precision.name}")
    print_now(f"resuming after epoch {tuner.epoch}, step {tuner.step}")
