"""Experiment trackers, in a process of their own: a server that is down, slow or wrong must cost a training nothing.

    TRACKERS=tensorboard,wandb,mlflow

The training hands each epoch's metrics to a pipe and never waits for the other end; what does not fit is dropped, with
one warning. At the end the process gets a few seconds to deliver the rest, and is then ended. What goes wrong in it is
one line on stderr, and the other trackers go on.

TensorBoard's event files lie in the folder `tensorboard` beside METRICS_FILE; the trial runner keeps them with the
attempt. W&B and MLflow read their own variables, of which the runner sets the names of group and run; they come with
the extras `wandb` and `mlflow` of pyproject.toml.
"""

import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

# After the last epoch: a tracker that answers delivers an epoch in less than one.
SECONDS_TO_FINISH = 10.0
# A Spot machine that is taken back leaves little time, and the checkpoint's upload needs it.
SECONDS_WHEN_BROKEN_OFF = 2.0


class Trackers:
    """The training's end: start, log an epoch, close. Nothing here raises, and nothing waits but close."""

    def __init__(self, names: Sequence[str], metrics_file: Path, settings: Mapping[str, Any]):
        """`metrics_file`: what an earlier attempt left there is shown, too; `settings`: what describes the run."""
        self.process: subprocess.Popen[bytes] | None = None
        self.complained = False
        if not names:
            return
        # The CPU threads of the training are not taken, nor its GPU seen.
        environ = {**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
        command = [sys.executable, os.fspath(Path(__file__)), *names]
        try:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, env=environ)
            os.set_blocking(self.pipe.fileno(), False)
        except OSError as error:
            self.complain(f"cannot start the trackers ({error})")
            self.process = None
        self.send(
            {
                "metrics_file": str(metrics_file),
                "earlier_bytes": metrics_file.stat().st_size if metrics_file.exists() else 0,
                "settings": {name: str(value) for name, value in settings.items()},
            }
        )

    def __enter__(self) -> "Trackers":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.close(None if kind is None else SECONDS_WHEN_BROKEN_OFF)

    @property
    def pipe(self) -> IO[bytes]:
        assert self.process is not None and self.process.stdin is not None
        return self.process.stdin

    def log(self, epoch: int, metrics: Mapping[str, float | None]) -> None:
        """Hands over one epoch."""
        self.send({"epoch": epoch, "metrics": dict(metrics)})

    def send(self, message: Mapping[str, Any]) -> None:
        if self.process is None:
            return
        line = json.dumps(message).encode() + b"\n"
        try:
            # A pipe takes a line of up to 4096 bytes whole or, when it is full, not at all.
            if os.write(self.pipe.fileno(), line) != len(line):
                raise BlockingIOError
        except BlockingIOError:
            self.complain("the trackers are too slow, so they miss some epochs")
        except OSError:
            self.complain("the trackers exited early and get no more metrics")
            self.close()

    def close(self, seconds: float | None = None) -> None:
        """Waits for what is on its way, `seconds` at most."""
        seconds = SECONDS_TO_FINISH if seconds is None else seconds
        process, self.process = self.process, None
        if process is None:
            return
        with suppress(OSError):
            if process.stdin is not None:
                process.stdin.close()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.complain(f"the trackers did not finish within {seconds:g} s and were stopped")
            # And what they started: W&B has a service of its own.
            with suppress(OSError):
                process.kill()
            process.wait()

    def complain(self, what: str) -> None:
        if not self.complained:
            print(f"train.py: warning: {what}; training continues", file=sys.stderr)
        self.complained = True


@dataclass(frozen=True)
class Start:
    """What the training says first."""

    metrics_file: Path
    earlier_bytes: int
    settings: Mapping[str, str]

    def earlier(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Epochs and metrics of earlier attempts, whose event files went with their machine."""
        if self.earlier_bytes == 0:
            return
        with open(self.metrics_file, "rb") as file:
            for line in file.read(self.earlier_bytes).splitlines():
                with suppress(ValueError, KeyError, TypeError):
                    metrics = json.loads(line)
                    yield metrics.pop("epoch"), metrics


class Tracker(Protocol):
    """The other end of one tracker."""

    def log(self, epoch: int, metrics: Mapping[str, Any]) -> None: ...

    def close(self) -> None: ...


class TensorBoard:
    def __init__(self, start: Start):
        # tensorboardX would import torch, seconds of processor time, for what is not used here; None: it is missing.
        sys.modules["torch"] = None  # type: ignore[assignment]
        folder = start.metrics_file.parent / "tensorboard"
        self.writer = importlib.import_module("tensorboardX").SummaryWriter(str(folder))
        rows = "\n".join(f"| {name} | {value} |" for name, value in start.settings.items())
        self.writer.add_text("settings", f"| setting | value |\n| --- | --- |\n{rows}")
        for epoch, metrics in start.earlier():
            self.log(epoch, metrics)

    def log(self, epoch: int, metrics: Mapping[str, Any]) -> None:
        for name, value in numbers(metrics).items():
            # Training and validation stand side by side: loss/train, loss/val.
            part, _, rest = name.partition("_")
            self.writer.add_scalar(f"{rest}/{part}" if part in ("train", "val") else name, value, epoch)
        self.writer.flush()

    def close(self) -> None:
        self.writer.close()


class Wandb:
    """WANDB_RUN_GROUP, WANDB_RUN_ID and WANDB_NAME say group, run and its name; WANDB_PROJECT the project."""

    def __init__(self, start: Start):
        wandb = importlib.import_module("wandb")
        self.run = wandb.init(config=dict(start.settings), settings=wandb.Settings(console="off", silent=True))

    def log(self, epoch: int, metrics: Mapping[str, Any]) -> None:
        self.run.log({"epoch": epoch, **numbers(metrics)}, step=epoch)

    def close(self) -> None:
        self.run.finish()


class Mlflow:
    """MLFLOW_EXPERIMENT_NAME and MLFLOW_RUN_NAME say experiment and run; a run of that name is gone on with."""

    def __init__(self, start: Start):
        # A call that fails is tried again by itself, for minutes unless said otherwise.
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")
        self.mlflow = importlib.import_module("mlflow")
        experiment = self.mlflow.set_experiment(os.environ.get("MLFLOW_EXPERIMENT_NAME") or "Default")
        name = os.environ.get("MLFLOW_RUN_NAME")
        self.mlflow.start_run(run_id=self.earlier(experiment.experiment_id, name), run_name=name)
        self.mlflow.log_params(dict(start.settings))

    def earlier(self, experiment: str, name: str | None) -> str | None:
        """The id of this trial's run, where an earlier attempt has begun it."""
        if not name:
            return None
        runs = self.mlflow.search_runs(
            experiment_ids=[experiment],
            filter_string="attributes.run_name = '{}'".format(name.replace("'", "")),
            output_format="list",
            max_results=1,
        )
        return runs[0].info.run_id if runs else None

    def log(self, epoch: int, metrics: Mapping[str, Any]) -> None:
        self.mlflow.log_metrics(numbers(metrics), step=epoch)

    def close(self) -> None:
        self.mlflow.end_run()


def numbers(metrics: Mapping[str, Any]) -> dict[str, float]:
    """Without those that are null: they were not finite."""
    return {name: value for name, value in metrics.items() if isinstance(value, int | float)}


KINDS: Mapping[str, Callable[[Start], Tracker]] = {
    "tensorboard": TensorBoard,
    "wandb": Wandb,
    "mlflow": Mlflow,
}


def serve(names: Sequence[str], lines: IO[str]) -> None:
    """The process: reads what the training says until it closes its end."""
    said = json.loads(lines.readline())
    start = Start(Path(said["metrics_file"]), said["earlier_bytes"], said["settings"])
    trackers: dict[str, Tracker] = {}
    for name in names:
        with guarded(name, trackers):
            trackers[name] = KINDS[name](start)
    for line in lines:
        message = json.loads(line)
        for name, tracker in list(trackers.items()):
            with guarded(name, trackers):
                tracker.log(message["epoch"], message["metrics"])
    for name, tracker in list(trackers.items()):
        with guarded(name, trackers):
            tracker.close()


@contextmanager
def guarded(name: str, trackers: dict[str, Tracker]) -> Iterator[None]:
    """One tracker's trouble is one line on stderr, and its end."""
    try:
        yield
    except Exception as error:  # whatever the library raises, or a library that is not there
        trackers.pop(name, None)
        package = {"tensorboard": "tensorboardx", "mlflow": "mlflow-skinny"}.get(name, name)
        first = (str(error).splitlines() or [type(error).__name__])[0][:300]
        what = f"{package} is not installed" if isinstance(error, ImportError) else first
        print(f"train.py: warning: {name}: {what}; training continues without it", file=sys.stderr, flush=True)


if __name__ == "__main__":
    # The training's interruption reaches the whole group; this end has still to deliver what it was given.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    # Found by the trackers' libraries otherwise: modules of the training's folder that are called as theirs are.
    sys.path[:] = [entry for entry in sys.path if entry != os.path.dirname(os.path.abspath(__file__))]
    serve(sys.argv[1:], sys.stdin)
