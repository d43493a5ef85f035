"""BATCH_SIZE=auto: which sizes are tried, and that a training goes on with the one that was found."""

import pytest
import torch
from batch_size import candidates, choose, fits_in, largest

from checkpoint import read_checkpoint
from config import AUTOMATIC, Settings, read_settings
from engine import Learner, Statistics
from errors import BadSettingError
from launch import processes_for
from models import Architecture, build
from precision import Precision
from world import World

CPU, GPU = torch.device("cpu"), torch.device("cuda")


def test_an_epoch_has_at_least_eight_steps():
    assert candidates(1000, 4096) == [2, 4, 8, 16, 32, 64]
    assert candidates(1024, 4096)[-1] == 128
    assert candidates(10**9, 4096)[-1] == 4096
    assert candidates(3, 4096) == [2]


def test_the_last_size_before_one_that_does_not_fit_is_taken():
    tried: list[int] = []

    def fits(size: int) -> bool:
        tried.append(size)
        return size <= 8

    assert largest([2, 4, 8, 16, 32], fits) == 8
    assert tried == [2, 4, 8, 16]
    assert largest([2, 4], lambda _: False) == 2


def test_each_gpu_takes_a_part_and_a_cpu_is_not_tried():
    assert choose(10**6, 4, GPU, lambda size: size <= 256) == 4 * 256
    assert choose(10**6, 1, CPU, lambda _: pytest.fail("tried")) == 64
    assert choose(100, 1, CPU, lambda _: True) == 8


@pytest.fixture
def learner() -> Learner:
    statistics = Statistics.on(CPU, [0.5] * 3, [0.25] * 3)
    return Learner(build(Architecture("small_cnn", 3, 8)), Settings(), Precision(CPU, "no"), statistics, World())


def test_a_step_that_runs_out_of_memory_does_not_fit(learner, monkeypatch):
    assert fits_in(learner, 8, 4)

    def fails(error: Exception):
        def accumulate(batch, count):
            raise error

        monkeypatch.setattr(learner, "accumulate", accumulate)

    fails(torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 6.00 GiB."))
    assert not fits_in(learner, 8, 4)
    fails(ValueError("a fault of the program"))
    with pytest.raises(ValueError, match="a fault"):
        fits_in(learner, 8, 4)


def test_a_training_goes_on_with_the_batch_that_was_found(run, capsys, monkeypatch, images):
    # 32 images to train on.
    assert run("whole", BATCH_SIZE="auto", EPOCHS=2).metrics[0]["batch_size"] == 4
    first = run("parts", BATCH_SIZE="auto", EPOCHS=1, MAX_EPOCHS=2)
    assert "BATCH_SIZE=auto: 4 images per step" in capsys.readouterr().out
    assert "| BATCH_SIZE | 4 |" in (first.folder / "model" / "MODEL_CARD.md").read_text()
    monkeypatch.setattr("batch_size.LEAST_STEPS", 1)  # as on a machine that would find another one
    parts = run("parts", BATCH_SIZE="auto", EPOCHS=2)
    assert parts.metrics == run("whole", BATCH_SIZE="auto", EPOCHS=2).metrics
    assert read_checkpoint(first.folder / "checkpoint" / "checkpoint.pt").batch_size == 4
    assert run("parts", BATCH_SIZE=4, EPOCHS=2).status == 64
    assert "was trained with BATCH_SIZE=auto, but BATCH_SIZE is now 4" in capsys.readouterr().err


def test_automatic_is_a_word_beside_the_numbers():
    settings = read_settings({"DATA_DIR": ".", "BATCH_SIZE": "auto"})
    assert (settings.batch_size, settings.shown()["batch_size"]) == (AUTOMATIC, "auto")
    assert processes_for(settings, distributed=True, gpus=4, environ={}) == 4
    with pytest.raises(BadSettingError, match="BATCH_SIZE is 'most'; it must be a whole number at least 2, or auto"):
        read_settings({"DATA_DIR": ".", "BATCH_SIZE": "most"})
    with pytest.raises(BadSettingError, match="BATCH_SIZE is '0'"):
        read_settings({"DATA_DIR": ".", "BATCH_SIZE": "0"})
