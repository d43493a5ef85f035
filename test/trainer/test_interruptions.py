"""A training that is ended at any moment, and started again, ends as one that never stopped."""

import json
import os
import random
import signal
import threading
import time
from pathlib import Path

import attempts
import pytest
import torch
from safetensors.torch import load_file

import checkpoint
import training
from conftest import Run, environment, train_in
from errors import INTERRUPTED_STATUS
from keeper import Keeper

# KILLS=100 takes minutes: after each kill a process trains on.
KILLS = int(os.environ.get("KILLS", "6"))
SETTINGS = {"DROPOUT": 0.2, "AUGMENT": "shift_flip", "EPOCHS": 6, "LEARNING_RATE": 0.01}


def outcome(folder: Path) -> tuple[dict, dict[str, torch.Tensor]]:
    """The last line of each epoch, and every tensor that the training left."""
    metrics = {line["epoch"]: line for line in Run(0, folder).metrics}
    state = checkpoint.read_checkpoint(folder / "checkpoint" / "checkpoint.pt")
    tensors = {f"last {name}": value for name, value in state.weights.items()}
    tensors |= {f"best {name}": value for name, value in load_file(folder / "model" / "model.safetensors").items()}
    for number, values in state.optimizer["state"].items():
        tensors |= {f"optimizer {number} {name}": value for name, value in values.items()}
    return metrics, tensors


def assert_same(folder: Path, whole: Path) -> None:
    (metrics, tensors), (whole_metrics, whole_tensors) = outcome(folder), outcome(whole)
    assert metrics == whole_metrics
    assert tensors.keys() == whole_tensors.keys()
    assert [name for name in tensors if not torch.equal(tensors[name], whole_tensors[name])] == []


def test_killed_at_random_moments_it_ends_as_if_never_stopped(images, tmp_path):
    moments = random.Random(5)

    def started(name: str):
        folder = tmp_path / name
        # A checkpoint as often as may be: each is a moment to be killed at.
        environ = environment(folder, images, **SETTINGS, CHECKPOINT_SECONDS=0.01)
        return attempts.start({**environ, "LOG": str(tmp_path / f"{name}.log")})

    first = started("whole")
    first.join()
    assert first.exitcode == 0
    timed = time.monotonic()
    again = started("timed")
    again.join()
    seconds = time.monotonic() - timed

    kills, trainings = 0, 0
    while kills < KILLS:
        trainings += 1
        name = f"training {trainings}"
        process = started(name)
        while kills < KILLS:
            process.join(moments.uniform(0, seconds))
            if process.exitcode is not None:
                break
            end = moments.choice([signal.SIGKILL, signal.SIGTERM])
            os.kill(process.pid, end)
            process.join()
            kills += 1
            # SIGTERM may come before the program hears it, or after its last checkpoint.
            assert process.exitcode in (-end, INTERRUPTED_STATUS, 0)
            if process.exitcode == 0:
                break
            process = started(name)
        process.join()
        assert process.exitcode == 0, (tmp_path / f"{name}.log").read_text()
        assert_same(tmp_path / name, tmp_path / "whole")


# An epoch has four steps; after each of them it looks, and after the epoch.
@pytest.mark.parametrize(("look", "steps"), [(1, 1), (4, 4), (5, 4), (7, 6)])
def test_asked_to_stop_it_leaves_a_checkpoint_of_that_step(run, monkeypatch, look, steps):
    whole = run("whole", **SETTINGS)
    asked = iter([False] * (look - 1) + [True])
    with monkeypatch.context() as patch:
        patch.setattr(training, "asked_to_stop", lambda: next(asked))
        parts = run("parts", **SETTINGS)
    assert parts.status == INTERRUPTED_STATUS
    state = checkpoint.read_checkpoint(parts.folder / "checkpoint" / "checkpoint.pt")
    assert state.epoch * 4 + state.step == steps
    assert run("parts", **SETTINGS).status == 0
    assert_same(parts.folder, whole.folder)


def test_asked_to_stop_while_it_validates_it_does_not_train_the_epoch_again(run, monkeypatch):
    import engine

    whole = run("whole", **SETTINGS)
    with monkeypatch.context() as patch:
        patch.setattr(engine, "asked_to_stop", lambda: True)
        parts = run("parts", **SETTINGS)
    assert parts.status == INTERRUPTED_STATUS
    state = checkpoint.read_checkpoint(parts.folder / "checkpoint" / "checkpoint.pt")
    assert (state.epoch, state.step) == (0, 4)
    run("parts", **SETTINGS)
    assert_same(parts.folder, whole.folder)


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def flip(content: bytes) -> bytes:
    """One bit, in the middle of the weights."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize("damage", [cut, flip])
@pytest.mark.usefixtures("written_at_once")
def test_a_damaged_checkpoint_gives_way_to_the_one_before(run, capsys, damage):
    whole = run("whole", **SETTINGS)
    parts = run("parts", **{**SETTINGS, "EPOCHS": 2, "MAX_EPOCHS": 6})
    parts = run("parts", **{**SETTINGS, "EPOCHS": 3, "MAX_EPOCHS": 6})
    path = parts.folder / "checkpoint" / "checkpoint.pt"
    path.write_bytes(damage(path.read_bytes()))
    assert run("parts", **SETTINGS).status == 0
    told = capsys.readouterr()
    assert "checkpoint.pt cannot be read (it is damaged" in told.err
    assert "resuming after epoch 2\n" in told.out
    assert_same(parts.folder, whole.folder)


def test_both_checkpoints_damaged_it_starts_anew_and_says_so(run, capsys):
    trial = run()
    for path in (trial.folder / "checkpoint").iterdir():
        path.write_bytes(path.read_bytes()[:1000])
    assert run().status == 0
    assert "training starts from scratch" in capsys.readouterr().err


@pytest.mark.usefixtures("written_at_once")
def test_a_long_epoch_leaves_checkpoints(images, tmp_path, monkeypatch):
    saved = []
    real = checkpoint.save_checkpoint

    def noted(folder, state):
        saved.append(state.step)
        real(folder, state)

    monkeypatch.setattr(checkpoint, "save_checkpoint", noted)
    train_in(tmp_path / "trial", images, EPOCHS=1, CHECKPOINT_SECONDS=0)
    assert saved == [1, 2, 3, 4, 0]


@pytest.mark.usefixtures("written_at_once")
def test_short_epochs_leave_one_checkpoint_at_the_end(images, tmp_path, monkeypatch):
    saved = []
    monkeypatch.setattr(checkpoint, "save_checkpoint", lambda _, state: saved.append((state.epoch, state.step)))
    train_in(tmp_path / "trial", images, EPOCHS=3)
    assert saved == [(3, 0)]


def test_no_epoch_waits_for_a_checkpoint_to_be_written(run, monkeypatch):
    trained = threading.Event()
    waited = []
    finish = Keeper.finish

    def slow(_folder, _state) -> None:
        waited.append(trained.wait(60))

    def all_trained(keeper: Keeper) -> None:
        trained.set()
        finish(keeper)

    monkeypatch.setattr(checkpoint, "save_checkpoint", slow)
    monkeypatch.setattr(Keeper, "finish", all_trained)
    assert len(run(EPOCHS=3, CHECKPOINT_SECONDS=0).metrics) == 3
    assert waited == [True, True]  # the first, and the last: those between gave way to it


def test_the_last_two_checkpoints_are_kept(run):
    run(EPOCHS=2, MAX_EPOCHS=3)
    trial = run(EPOCHS=3)
    kept = {path.name: checkpoint.read_checkpoint(path).epoch for path in (trial.folder / "checkpoint").iterdir()}
    assert kept == {"checkpoint.pt": 3, "checkpoint-before.pt": 2}


def test_a_checkpoint_of_another_version_is_said_and_training_starts_anew(run, capsys):
    trial = run()
    for path in (trial.folder / "checkpoint").iterdir():
        torch.save({"format": 1}, path)
    assert run().status == 0
    assert "was written by another version" in capsys.readouterr().err
    assert [json.loads(line)["epoch"] for line in (trial.folder / "metrics.jsonl").read_text().splitlines()] == [
        *(1, 2, 1, 2)
    ]
