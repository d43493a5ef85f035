"""A training program's side of a Sweepstack trial, in one file without dependencies.

In a sweep, `import sweepstack` just works. Outside of one, everything here has a default, so the same script runs by
hand. The module reads the environment variables and writes the files that docs/your-own-training-code.md describes;
a program can do all of it without this module.

    import sweepstack

    options = sweepstack.params(learning_rate=0.1, layers=2)
    for epoch in range(first, sweepstack.epochs(10) + 1):
        ...
        sweepstack.report(epoch=epoch, val_loss=loss)
        if sweepstack.should_stop():
            save(sweepstack.checkpoint_dir() / "state.pt")
            raise SystemExit(sweepstack.INTERRUPTED)
"""

from __future__ import annotations

import json
import os
import signal
import threading
from pathlib import Path
from types import FrameType
from typing import Any, Dict, Mapping, Optional

__version__ = "0.1.0"

__all__ = [
    "INTERRUPTED",
    "HuggingFaceCallback",
    "LightningCallback",
    "Params",
    "checkpoint_dir",
    "data_dir",
    "epochs",
    "in_sweep",
    "max_epochs",
    "model_dir",
    "params",
    "report",
    "seed",
    "should_stop",
]

#: The exit status that says "interrupted, start me again"; a trial that ends so is no failure.
INTERRUPTED = 75


def in_sweep() -> bool:
    """Whether a sweep started this program."""
    return "METRICS_FILE" in os.environ


class Params(Dict[str, Any]):
    """This trial's parameters, as keys and as attributes: `params["lr"]`, `params.lr`."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            known = ", ".join(self) or "none"
            raise AttributeError(f"there is no parameter named {name}; known: {known}") from None


def params(defaults: Optional[Mapping[str, Any]] = None, **more: Any) -> Params:
    """This trial's parameters, with defaults for those that it does not have.

    A value takes the number type of its default: a whole number becomes a float if the default is one, and vice versa.
    Names that are not valid in Python go into `defaults`: `params({"optimizer.lr": 0.1})`.
    """
    values = Params(defaults or {}, **more)
    for name, value in json.loads(os.environ.get("SWEEP_PARAMETERS") or "{}").items():
        values[name] = _like(values.get(name), value)
    return values


def _like(default: Any, value: Any) -> Any:
    """The value in the number type of its default, unless that would lose information."""
    if isinstance(value, bool) or isinstance(default, bool):
        return value
    if isinstance(default, float) and isinstance(value, int):
        return float(value)
    if isinstance(default, int) and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def report(values: Optional[Mapping[str, Any]] = None, *, epoch: Optional[float] = None, **more: Any) -> None:
    """Reports the metrics of an epoch. Outside of a sweep, prints them.

    Takes numbers, and tensors and arrays with one element. Names that are not valid in Python go into `values`:
    `report({"val/loss": 0.3}, epoch=1)`. Without `epoch`, each report counts as the next epoch. If torchrun started
    several processes, only the first one reports.
    """
    if os.environ.get("RANK", "0") != "0":
        return
    metrics = {name: _number(name, value) for name, value in {**(values or {}), **more}.items()}
    line = metrics if epoch is None else {"epoch": _number("epoch", epoch), **metrics}
    file = os.environ.get("METRICS_FILE")
    if file is None:
        print(", ".join(f"{name} {value:g}" for name, value in line.items()), flush=True)
        return
    # One write per line, so that a killed program leaves only whole lines.
    with open(file, "a", encoding="utf-8") as metrics_file:
        metrics_file.write(json.dumps(line) + "\n")


def _number(name: str, value: Any) -> float:
    """A plain number. Whole numbers stay whole."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name}: received {value!r}; allowed: a number, or a tensor of one element") from None


def checkpoint_dir(default: str = "checkpoints") -> Path:
    """The folder for checkpoints. Its contents survive an interruption and are back when the trial continues."""
    return _folder("CHECKPOINT_DIR", default)


def model_dir(default: str = "model") -> Path:
    """The folder for the trial's model."""
    return _folder("MODEL_DIR", default)


def data_dir(default: str = "data") -> Path:
    """The data folder, read only. It is not created if it is missing."""
    return Path(os.environ.get("DATA_DIR") or default)


def _folder(variable: str, default: str) -> Path:
    folder = Path(os.environ.get(variable) or default)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def epochs(default: int = 10) -> int:
    """Train until this many epochs are done in total, including those in the checkpoint."""
    return int(os.environ.get("EPOCHS") or default)


def max_epochs(default: Optional[int] = None) -> int:
    """The sweep's full budget, for schedules. Outside of a sweep: `default`, or `epochs()`."""
    return int(os.environ.get("MAX_EPOCHS") or (epochs() if default is None else default))


def seed(default: int = 0) -> int:
    """The random seed of this trial."""
    return int(os.environ.get("SEED") or default)


_stop = threading.Event()
_listens = False


def should_stop() -> bool:
    """Whether SIGTERM has asked the program to end. If so, save a checkpoint and exit with INTERRUPTED.

    The first call starts listening, so call it once before training begins. An earlier handler is still called. Only
    the main thread can start listening; until it has, the answer in other threads is false.
    """
    global _listens
    if not _listens and threading.current_thread() is threading.main_thread():
        earlier = signal.getsignal(signal.SIGTERM)

        def handle(number: int, frame: Optional[FrameType]) -> None:
            _stop.set()
            if callable(earlier):
                earlier(number, frame)

        signal.signal(signal.SIGTERM, handle)
        _listens = True
    return _stop.is_set()


def _hugging_face_callback() -> type:
    from transformers import TrainerCallback  # type: ignore[import-not-found, unused-ignore]

    class HuggingFaceCallback(TrainerCallback):  # type: ignore[misc, unused-ignore]
        """Reports what Hugging Face's Trainer logs and evaluates. On SIGTERM, saves a checkpoint and ends training.

        `Trainer(..., callbacks=[sweepstack.HuggingFaceCallback()])`
        """

        def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            should_stop()

        def on_log(
            self, args: Any, state: Any, control: Any, logs: Optional[Mapping[str, Any]] = None, **kwargs: Any
        ) -> None:
            if state.is_world_process_zero and logs is not None:
                report({name: value for name, value in logs.items() if name != "epoch"}, epoch=state.epoch)

        def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            if should_stop():
                control.should_save = True
                control.should_training_stop = True

    return HuggingFaceCallback


def _lightning_callback() -> type:
    try:
        from lightning.pytorch import Callback  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        from pytorch_lightning import Callback  # type: ignore[import-not-found, unused-ignore]

    class LightningCallback(Callback):  # type: ignore[misc, unused-ignore]
        """Reports the metrics of each epoch of Lightning's Trainer. On SIGTERM, ends training after the current batch.

        `Trainer(..., callbacks=[sweepstack.LightningCallback()])`
        """

        def on_train_start(self, trainer: Any, pl_module: Any) -> None:
            should_stop()

        # After the validation of the epoch, whose metrics are then there as well.
        def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
            if trainer.is_global_zero and trainer.callback_metrics:
                report(trainer.callback_metrics, epoch=trainer.current_epoch + 1)

        def on_train_batch_end(self, trainer: Any, pl_module: Any, *args: Any, **kwargs: Any) -> None:
            if should_stop():
                trainer.should_stop = True

    return LightningCallback


_CALLBACKS = {"HuggingFaceCallback": _hugging_face_callback, "LightningCallback": _lightning_callback}


def __getattr__(name: str) -> Any:
    """The callbacks. Their libraries are imported on first use."""
    if name not in _CALLBACKS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = _CALLBACKS[name]()
    return globals()[name]
