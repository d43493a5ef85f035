"""How much of the machine this process may use: the share of its container, not all of it."""

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")
DEVICES = Path("/dev")


def processors(environ: Mapping[str, str]) -> int:
    """CPUs for this process: its share of those of the container, and at most OMP_NUM_THREADS.

    The trial runner sets OMP_NUM_THREADS to a slot's share of the cores, and `launch` to a process's share of those.
    """
    counts = [container_processors(environ) // sharers_of(environ)]
    if environ.get("OMP_NUM_THREADS", "").isdecimal():
        counts.append(int(environ["OMP_NUM_THREADS"]))
    return max(1, min(counts))


def sharers_of(environ: Mapping[str, str]) -> int:
    """Processes that train together on this machine."""
    said = environ.get("LOCAL_WORLD_SIZE", "")
    return max(1, int(said)) if said.isdecimal() else 1


def container_processors(environ: Mapping[str, str]) -> int:
    """CPUs for the whole container: those it may run on, within its quota, and no more than its job asked for.

    Batch gives a job's vCPUs as a share of the CPUs and not as a quota, so neither the system nor the control group
    tells them: SWEEP_VCPUS does.
    """
    counts: list[float] = [len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1]
    quota = processor_quota(CGROUP)
    if quota is not None:
        counts.append(quota)
    with suppress(KeyError, ValueError):
        counts.append(float(environ["SWEEP_VCPUS"]))
    return max(1, int(min(counts)))


def processor_quota(cgroup: Path) -> float | None:
    """CPUs that the container's control group grants, of version 2 or 1; None without a limit."""
    try:
        quota, period = (cgroup / "cpu.max").read_text().split()
    except (OSError, ValueError):
        try:
            quota = (cgroup / "cpu" / "cpu.cfs_quota_us").read_text().strip()
            period = (cgroup / "cpu" / "cpu.cfs_period_us").read_text().strip()
        except OSError:
            return None
    return None if quota in ("max", "-1") else int(quota) / int(period)


def free_memory() -> int:
    """Bytes that this process may still allocate: on the machine, or in its container if that is less."""
    free = []
    try:
        free.append(1024 * int(Path("/proc/meminfo").read_text().split("MemAvailable:")[1].split()[0]))
    except (OSError, IndexError, ValueError):
        free.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    within = memory_left(CGROUP)
    return max(0, min(free if within is None else [*free, within]))


def memory_left(cgroup: Path) -> int | None:
    """Bytes left below the limit of the control group, or None. Memory that the kernel can drop counts as free."""
    for folder, limit_name, used_name, droppable in (
        (cgroup, "memory.max", "memory.current", "inactive_file"),
        (cgroup / "memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    ):
        try:
            limit = (folder / limit_name).read_text().strip()
            if limit == "max":
                return None
            used = int((folder / used_name).read_text())
            counts = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
            return int(limit) - used + int(counts.get(droppable, 0))
        except (OSError, ValueError):
            continue
    return None


def shared_memory(environ: Mapping[str, str]) -> int | None:
    """Bytes of /dev/shm that one stream of batches may fill: a third of what is free, divided among the processes that
    train together, because the next epoch's batches are decoded beside those of the validation. None if there is no
    such folder. A container has 64 MB unless it is started with more.
    """
    try:
        free = shutil.disk_usage("/dev/shm").free
    except OSError:
        return None
    return free // 3 // sharers_of(environ)


def processor_flags() -> frozenset[str]:
    """Instruction sets of the CPU as Linux names them: avx512_bf16, amx_bf16; bf16 on Arm."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return frozenset()
    lines = (line.partition(":") for line in text.splitlines())
    return next(
        (frozenset(value.split()) for name, _, value in lines if name.strip() in ("flags", "Features")), frozenset()
    )


def cache_folder(environ: Mapping[str, str]) -> Path:
    """Where trials of one host share what they decode: the volume of the container image, or the user's cache."""
    shared = Path("/var/cache/sweepstack")
    if "SWEEPSTACK_CACHE" in environ:
        return Path(environ["SWEEPSTACK_CACHE"])
    if os.access(shared, os.W_OK):
        return shared
    home = environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(home) / "sweepstack"


def visible_gpus(environ: Mapping[str, str]) -> int:
    """Number of GPUs that CUDA will see, found without loading it."""
    named = environ.get("CUDA_VISIBLE_DEVICES")
    here = len([path for path in DEVICES.glob("nvidia*") if path.name[6:].isdecimal()])
    if named is None:
        return here
    # CUDA stops at the first name that is not a device.
    count = 0
    for name in named.split(","):
        if name.strip() in ("", "-1") or (name.strip().isdecimal() and int(name) >= here):
            break
        count += 1
    return min(count, here)
