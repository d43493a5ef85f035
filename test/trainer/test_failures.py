"""How a training ends badly: each cause has its exit status, its one message, and its class at the runner's."""

import errno
import re

import pytest
import torch

import engine
from conftest import TRAINER
from errors import STATUSES, translate


def broken(error: Exception):
    def raise_it(*_: object, **__: object) -> None:
        raise error

    return raise_it


def refused_memory() -> Exception:
    """The error of an allocation that no machine can satisfy."""
    try:
        torch.empty(2**60, dtype=torch.uint8)
    except RuntimeError as error:
        return error
    raise AssertionError("2**60 bytes were allocated")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.\nSee documentation"), 83),
        (RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"), 83),
        (refused_memory(), 84),
        (MemoryError(), 84),
        (OSError(errno.ENOSPC, "No space left on device"), 85),
        (RuntimeError("[enforce fail] . PytorchStreamWriter failed writing file data/3"), 85),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_what_runs_out_in_a_step_is_one_message_and_a_status(run, monkeypatch, capsys, error, status):
    monkeypatch.setattr(engine.Learner, "step", broken(error))
    assert run().status == status
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("train.py: ")
    assert re.search(r"lower BATCH_SIZE|free up disk space", line)


def test_a_fault_of_the_program_keeps_its_traceback():
    assert translate(RuntimeError("shape '[3]' is invalid")) is None
    assert translate(ValueError("out of memory")) is None


def test_each_status_of_the_table_is_classified_by_the_runner():
    text = (TRAINER.parents[1] / "core" / "trial" / "failure.ts").read_text()
    table = text.split("export const STATUSES")[1].split("};")[0]
    known = {int(number) for number in re.findall(r"^\s+(\d+):", table, re.MULTILINE)}
    assert known == {status.number for status in STATUSES} - {0, 1, 75}
