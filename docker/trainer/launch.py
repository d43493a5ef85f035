"""Starts one process per GPU with torchrun, and passes on the exit status of training.

torchrun itself exits with 1 whatever a process exited with. Each process therefore leaves its status in a file; the
first one to fail or to be stopped decides, and this process exits with that status.
"""

import ctypes
import os
import signal
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from config import AUTOMATIC, Trained
from errors import INTERRUPTED_STATUS, BadSettingError, NoDeviceError
from machine import processors, visible_gpus

STATUS_FILE = "SWEEPSTACK_STATUS_FILE"
# Within the 70 to 75 s that the trial runner leaves of a Spot notice: enough to write a checkpoint of some GB.
SHUTDOWN_SECONDS = 60


def processes_for(settings: Trained, distributed: bool, gpus: int | None, environ: Mapping[str, str]) -> int:
    """How many processes train: one for each visible GPU, or as many as asked for. 1: this one alone.

    Raises NoDeviceError for more than there are GPUs, and BadSettingError when some would have no part of a batch.
    """
    visible = 0 if settings.device == "cpu" else visible_gpus(environ)
    count = gpus if gpus is not None else visible if distributed or visible > 1 else 1
    # Without any GPU the processes share the CPU: slower than one, but the same training, so it can be tried anywhere.
    if count > max(1, visible) and (visible > 0 or settings.device == "cuda"):
        raise NoDeviceError(f"--gpus is {count}, but only {visible} can be used here; lower --gpus")
    if settings.batch_size != AUTOMATIC and count > settings.batch_size:
        raise BadSettingError(
            f"BATCH_SIZE is {settings.batch_size}; with {count} processes it must be at least {count}"
        )
    return max(1, count)


def threads_for_each(processes: int, environ: Mapping[str, str]) -> int:
    """Threads of each of `processes` processes that share the CPUs of this one."""
    return max(1, processors(environ) // processes)


def launch(processes: int, program: Path, environ: Mapping[str, str]) -> int:
    """Runs a program in `processes` processes under torchrun, and returns the exit status of the training."""
    from torch.distributed.elastic.multiprocessing import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    with tempfile.TemporaryDirectory(prefix="sweepstack-") as folder:
        status_file = Path(folder, "status")
        os.environ[STATUS_FILE] = str(status_file)
        # If it is already set, it is the total for all processes: the trial runner sets it to the vCPUs of the
        # container.
        os.environ["OMP_NUM_THREADS"] = str(threads_for_each(processes, environ))
        # As torchrun --standalone: any free port, since the containers of a host share its network.
        config = LaunchConfig(
            1,
            1,
            processes,
            run_id=f"{os.getpid()}",
            rdzv_endpoint="localhost:0",
            rdzv_backend="c10d",
            local_addr="localhost",
            max_restarts=0,
            shutdown_timeout=SHUTDOWN_SECONDS,
        )
        try:
            elastic_launch(config, sys.executable)("-u", str(program))
            return 0
        except SignalException:
            return INTERRUPTED_STATUS
        except ChildFailedError as error:
            status = int(status_file.read_text()) if status_file.exists() else 1
            if status in (1, INTERRUPTED_STATUS):  # it reported nothing itself, and took the others with it
                _, failure = error.get_first_failure()
                print(
                    f"{program.name}: process {failure.local_rank} ended with status {failure.exitcode}",
                    file=sys.stderr,
                )
                status = 1
            return status


def is_launched(environ: Mapping[str, str]) -> bool:
    """Whether torchrun started this process: ours, or one that the user runs."""
    return "WORLD_SIZE" in environ


def leave_status(status: int, environ: Mapping[str, str]) -> bool:
    """Tells `launch` how this process ends; False if another one was first, which is why this one ends."""
    path = environ.get(STATUS_FILE)
    if path is None:
        return True
    try:
        with open(path, "x") as file:
            file.write(str(status))
        return True
    except OSError:
        return False


def end_with_launcher(environ: Mapping[str, str]) -> None:
    """Has Linux kill this process when its launcher is gone: two runs must never write at the same time."""
    if STATUS_FILE in environ and sys.platform == "linux":
        set_parent_death_signal = 1  # PR_SET_PDEATHSIG of prctl(2)
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)
