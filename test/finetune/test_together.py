"""Two processes on the CPU: what several GPUs do."""

from pathlib import Path

import pytest
import torch
from test_tune import same

from gradients import buckets
from outcome import Run
from tiny import environment
from together import finish

# 36 sequences to train on: the last batch of seven has one, so one process has none.
SETTINGS = {"BATCH_SIZE": 7, "MAX_LENGTH": 8, "MICRO_BATCH": 3}


@pytest.fixture
def two(tmp_path: Path, base: Path, data: Path):
    """two(name, fault) fine-tunes in a folder of that name: finish."""

    def two(name: str, fault: str = "") -> tuple[list[int | None], str, Run]:
        folder = tmp_path / name
        status, said = finish(folder, environment(folder, base, data, **SETTINGS), fault)
        return status, said, Run(max(one or 0 for one in status), folder)

    return two


def test_two_processes_learn_what_one_does_and_a_signal_to_one_changes_no_bit(run, two):
    status, said, whole = two("whole")
    assert status == [0, 0], said
    assert "2 processes" in said
    assert said.count("epoch 1/2") == 1  # one process prints and writes
    one = run("one", **{**SETTINGS, "MICRO_BATCH": None})  # nor do the parts of a batch change anything
    assert [line["epoch"] for line in whole.metrics] == [1, 2]
    for ours, theirs in zip(one.metrics, whole.metrics, strict=True):
        assert ours == pytest.approx(theirs, rel=1e-4)
    status, said, _ = two("parts", "signal")
    assert status == [75, 75], said
    status, said, parts = two("parts")
    assert status == [0, 0], said
    assert parts.metrics == whole.metrics
    assert same(parts, whole)


def test_where_one_runs_out_of_memory_both_end_and_one_says_so(two):
    status, said, short = two("short", "memory")
    assert status[1] == 84
    assert status[0] not in (0, 84)
    assert (short.folder / "status").read_text() == "84"
    assert said.count("out of memory; lower MAX_LENGTH, set GRADIENT_CHECKPOINTING=true") == 1
    assert "Traceback" not in said


def test_gradients_travel_in_buckets_that_keep_their_order():
    sizes = [3, 4, 9, 1, 2]
    parameters = [torch.nn.Parameter(torch.zeros(size)) for size in sizes]
    assert [[one.numel() for one in some] for some in buckets(parameters, 7)] == [[3, 4], [9], [1, 2]]
