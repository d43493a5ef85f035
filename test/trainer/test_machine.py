import os
from pathlib import Path

import pytest

import machine
from launch import launch, threads_for_each
from machine import memory_left, processor_quota, processors, visible_gpus


@pytest.fixture
def cgroup(tmp_path):
    def write(**files: str):
        for name, text in files.items():
            path = tmp_path.joinpath(*name.split("__"))
            path.parent.mkdir(exist_ok=True)
            path.with_name(path.name.replace("_of_", ".")).write_text(text)
        return tmp_path

    return write


def test_a_quota_of_control_groups_2(cgroup):
    assert processor_quota(cgroup(cpu_of_max="150000 100000\n")) == 1.5


def test_no_quota(cgroup):
    assert processor_quota(cgroup(cpu_of_max="max 100000\n")) is None


def test_a_quota_of_control_groups_1(cgroup):
    files = {"cpu__cpu_of_cfs_quota_us": "400000\n", "cpu__cpu_of_cfs_period_us": "100000\n"}
    assert processor_quota(cgroup(**files)) == 4


def test_memory_that_the_kernel_can_drop_is_free(cgroup):
    files = {"memory_of_max": "1000", "memory_of_current": "700", "memory_of_stat": "anon 100\ninactive_file 500\n"}
    assert memory_left(cgroup(**files)) == 800


def test_memory_without_a_limit(cgroup):
    assert memory_left(cgroup(memory_of_max="max")) is None


@pytest.mark.parametrize(
    ("named", "count"),
    [(None, 2), ("0,1", 2), ("1", 1), ("0,7", 1), ("-1", 0), ("", 0), ("MIG-3f2a,MIG-77b1", 2), ("GPU-8a1c", 1)],
)
def test_gpus_are_counted_as_cuda_will_see_them(monkeypatch, tmp_path, named, count):
    for name in ("nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm"):
        (tmp_path / name).touch()
    monkeypatch.setattr(machine, "DEVICES", tmp_path)
    assert visible_gpus({} if named is None else {"CUDA_VISIBLE_DEVICES": named}) == count


def test_a_slots_share_of_the_cores_is_kept_to():
    assert processors({"OMP_NUM_THREADS": "1"}) == 1


def test_processes_of_one_trial_share_its_threads(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(128)))
    monkeypatch.setattr("machine.processor_quota", lambda _: None)
    assert threads_for_each(4, {"OMP_NUM_THREADS": "32"}) == 8
    assert threads_for_each(4, {"OMP_NUM_THREADS": "2"}) == 1
    assert threads_for_each(4, {}) == 32


@pytest.fixture
def eight_cpus(monkeypatch):
    monkeypatch.setattr(machine.os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    monkeypatch.setattr(machine, "processor_quota", lambda _: None)


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, 8),
        ({"SWEEP_VCPUS": "4"}, 4),
        ({"SWEEP_VCPUS": "0.25"}, 1),
        ({"SWEEP_VCPUS": "32"}, 8),
        ({"SWEEP_VCPUS": "many"}, 8),
        ({"SWEEP_VCPUS": "4", "LOCAL_WORLD_SIZE": "2"}, 2),
        ({"SWEEP_VCPUS": "4", "LOCAL_WORLD_SIZE": "8"}, 1),
        ({"SWEEP_VCPUS": "4", "OMP_NUM_THREADS": "3"}, 3),
        ({"OMP_NUM_THREADS": "3", "LOCAL_WORLD_SIZE": "2"}, 3),
    ],
)
@pytest.mark.usefixtures("eight_cpus")
def test_a_process_has_its_share_of_the_containers_cpus(environ, expected):
    assert processors(environ) == expected


@pytest.mark.usefixtures("eight_cpus")
@pytest.mark.parametrize(("given", "each"), [({}, "4"), ({"OMP_NUM_THREADS": "6"}, "3"), ({"SWEEP_VCPUS": "2"}, "1")])
def test_processes_that_are_launched_share_the_threads(monkeypatch, given, each):
    for name in ("OMP_NUM_THREADS", "SWEEPSTACK_STATUS_FILE"):
        monkeypatch.setenv(name, "")  # what is set here is taken back
    seen: dict[str, str] = {}
    monkeypatch.setattr(
        "torch.distributed.launcher.api.elastic_launch",
        lambda *_: lambda *_: seen.update(machine.os.environ),
    )
    assert launch(2, Path("train.py"), given) == 0
    assert seen["OMP_NUM_THREADS"] == each
