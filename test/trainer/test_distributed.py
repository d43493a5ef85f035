"""Two processes over gloo on the CPU, under torchrun: what several GPUs do."""

from multiprocessing.context import ForkServerProcess
from pathlib import Path

import attempts
import pytest
import torch

import checkpoint
from assemble import Machine, load_images
from config import Settings
from conftest import Run, environment, write_images
from data import Sizes, split_folder
from errors import BadSettingError, NoDataError, NoDeviceError
from launch import processes_for
from precision import Precision
from progress import SILENT
from world import World

# 34 images to train on: the last batch has two, one for each process, and the rest parts of four.
SETTINGS = {"MIXED_PRECISION": "no", "VALIDATION_SHARE": 0.15, "OPTIMIZER": "sgd", "LEARNING_RATE": 0.01}
# Sums of float32 in another order differ in the last of 7 digits. Sgd carries that on as it is; adam, which divides a
# gradient by its size, makes much of those that are nearly nothing.
TOLERANCE = 1e-4


def environ_of(folder, images, **settings) -> dict[str, str]:
    return {**environment(folder, images, **{**SETTINGS, **settings}), "LOG": str(folder) + ".log"}


def launched(folder, images, **settings) -> ForkServerProcess:
    """train.py, which starts two of itself."""
    return attempts.start(environ_of(folder, images, **settings), ["--distributed", "--gpus", "2"])


def trained_by_two(folder, images, **settings) -> str:
    """What they printed."""
    environ = environ_of(folder, images, **settings)
    with attempts.together(2, environ) as processes:
        for process in processes:
            process.join(240)
        told = Path(environ["LOG"]).read_text()
        assert [process.exitcode for process in processes] == [0, 0], told
    return told


def test_two_processes_train_as_one_does(run, images, tmp_path):
    told = trained_by_two(tmp_path / "two", images)
    one, two = run("one", **SETTINGS), Run(0, tmp_path / "two")
    assert [line["epoch"] for line in two.metrics] == [1, 2]  # one process writes
    for ours, theirs in zip(one.metrics, two.metrics, strict=True):
        assert ours == pytest.approx(theirs, abs=TOLERANCE)
        assert ours["val_accuracy"] == theirs["val_accuracy"]  # counts: exact
    assert "2 processes" in told
    assert told.count("epoch 1/2") == 1


@pytest.mark.parametrize(
    "settings",
    [
        {"MIXED_PRECISION": "bf16", "SYNC_BN": "false"},
        {"MIXED_PRECISION": "bf16", "BATCH_SIZE": 33},  # one image is left over, and parts are normalised alone
    ],
    ids=str,
)
def test_odd_batches_end(images, tmp_path, settings):
    trained_by_two(tmp_path / "two", images, EPOCHS=1, **settings)


def test_two_processes_train_on_three_images(tmp_path):
    data = write_images(tmp_path / "few", {"cat": 2, "dog": 3})
    assert "3 training images, 2 validation images" in trained_by_two(tmp_path / "two", data, EPOCHS=2)


def test_fewer_images_than_processes_are_refused(tmp_path):
    write_images(tmp_path / "few" / "train", {"cat": 1, "dog": 1})
    write_images(tmp_path / "few" / "val", {"cat": 2, "dog": 3})
    three = Machine(Precision(torch.device("cpu"), "no"), World(0, 3), 1)
    split = split_folder(tmp_path / "few", 0, 0.2)
    with pytest.raises(NoDataError, match="2 training images for 3 processes; use --gpus 2"):
        load_images(Settings(), split, Sizes(8, 8, 8), three, {"SWEEPSTACK_CACHE": str(tmp_path / "cache")}, SILENT)


def test_sigterm_stops_all_with_a_checkpoint_and_one_process_goes_on(run, images, tmp_path):
    folder, log = tmp_path / "stopped", tmp_path / "stopped.log"
    program = launched(folder, images, EPOCHS=100000)
    try:
        while not (log.exists() and "\nepoch 1/" in log.read_text()):
            program.join(0.05)
            assert program.exitcode is None
        program.terminate()
        program.join(120)
    finally:
        program.kill()
    assert program.exitcode == 75
    # Its last line may be one of torch's threads, which end with the processes.
    assert "train.py: interrupted" in log.read_text()
    state = checkpoint.read_checkpoint(folder / "checkpoint" / "checkpoint.pt")
    more = {**SETTINGS, "EPOCHS": state.epoch + 1, "MAX_EPOCHS": 100000}
    assert run("stopped", **more).metrics[-1]["epoch"] == state.epoch + 1


def test_the_status_of_a_failure_comes_through(images, tmp_path):
    program = launched(tmp_path / "failed", images, DATA_DIR=tmp_path / "nowhere")
    program.join(240)
    assert program.exitcode == 66
    assert (tmp_path / "failed.log").read_text().count("which is not a folder") == 1  # one speaks for all


def test_a_step_exchanges_gradients_alone(tmp_path, monkeypatch):
    exchanged = []
    monkeypatch.setattr(torch.nn.parallel.DistributedDataParallel, "_sync_buffers", lambda _: exchanged.append(1))
    torch.distributed.init_process_group("gloo", init_method=f"file://{tmp_path}/meet", rank=0, world_size=1)
    try:
        network = World(0, 2).join(torch.nn.BatchNorm2d(3), torch.device("cpu"))
        network(torch.randn(4, 3, 2, 2)).sum().backward()
    finally:
        torch.distributed.destroy_process_group()
    assert exchanged == []


def test_as_many_processes_as_gpus_are_visible(monkeypatch):
    monkeypatch.setattr("launch.visible_gpus", lambda _: 4)
    assert processes_for(Settings(), distributed=False, gpus=None, environ={}) == 4
    assert processes_for(Settings(), distributed=False, gpus=1, environ={}) == 1
    assert processes_for(Settings(device="cpu"), distributed=False, gpus=None, environ={}) == 1


def test_more_processes_than_gpus_are_refused(monkeypatch):
    monkeypatch.setattr("launch.visible_gpus", lambda _: 2)
    with pytest.raises(NoDeviceError, match="--gpus is 3, but only 2 can be used here"):
        processes_for(Settings(), distributed=True, gpus=3, environ={})


def test_a_batch_with_no_image_for_a_process_is_refused():
    with pytest.raises(BadSettingError, match="BATCH_SIZE is 2; with 4 processes"):
        processes_for(Settings(batch_size=2, device="cpu"), distributed=True, gpus=4, environ={})
