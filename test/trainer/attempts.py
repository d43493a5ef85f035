"""Trainings in processes of their own that start in a moment: forked from one that has imported torch."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing import forkserver
from multiprocessing.context import ForkServerProcess

import pytest
import torch
import torch.distributed

import train

# The last is what `launch` imports.
PRELOADED = ["torch", "attempts", "training", "torch.distributed.launcher.api"]


def start(environ: Mapping[str, str], arguments: Sequence[str] = ()) -> ForkServerProcess:
    """`python train.py ARGUMENT ...` with these variables alone; what it prints goes to the file LOG."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    # Before Python 3.14 the server itself does not look where this process does, and preloads nothing of ours.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        forkserver.ensure_running()
    process = context.Process(target=attempt, args=(dict(environ), list(arguments)), daemon=True)
    process.start()
    return process


@contextmanager
def together(count: int, environ: Mapping[str, str]) -> Iterator[list[ForkServerProcess]]:
    """So many processes, which train together as those that torchrun starts; one that is left is killed."""
    # As torchrun's: it is there before they are, so that no port has to be guessed.
    meeting = torch.distributed.TCPStore("localhost", 0, is_master=True, wait_for_workers=False)
    shared = {
        **environ,
        "WORLD_SIZE": str(count),
        "LOCAL_WORLD_SIZE": str(count),
        "MASTER_ADDR": "localhost",
        "MASTER_PORT": str(meeting.port),
        "TORCHELASTIC_USE_AGENT_STORE": "True",
    }
    processes = [start({**shared, "RANK": str(rank), "LOCAL_RANK": str(rank)}) for rank in range(count)]
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()


def attempt(environ: Mapping[str, str], arguments: list[str]) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.environ.update(environ)  # the processes that it starts have them, and torch reads some
    output = os.open(environ["LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(output, stream)
    sys.exit(train.main(os.environ, arguments))
