"""How a training program starts and ends: its options, SIGTERM, one process per GPU, and an exit status with one
message that says why.
"""

import argparse
import io
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from config import Trained
from errors import INTERRUPTED_STATUS, Interrupted, translate
from interruption import raise_on_sigterm
from launch import end_with_launcher, is_launched, launch, leave_status, processes_for

Kind = TypeVar("Kind", bound=Trained)


@dataclass(frozen=True)
class Program(Generic[Kind]):
    """`file` is started again in each process. `train` should import torch late: that takes seconds, and a bad setting
    or a signal should not wait for it. `memory`: the settings that memory depends on, for a message.
    """

    file: Path
    describe: Callable[[], str]
    read: Callable[[Mapping[str, str]], Kind]
    train: Callable[[Kind, Mapping[str, str]], None]
    memory: str = "BATCH_SIZE or IMAGE_SIZE"


def run(program: Program, environ: Mapping[str, str], arguments: list[str]) -> int:
    """Trains, and returns the exit status."""
    name = program.file.name
    parser = argparse.ArgumentParser(name, add_help=False, exit_on_error=False)
    parser.add_argument("--distributed", action="store_true")
    parser.add_argument("--gpus", type=int)
    try:
        options, unknown = parser.parse_known_args(arguments)
    except argparse.ArgumentError:
        options, unknown = None, arguments
    if options is None or unknown:
        print(program.describe())
        return 0 if unknown and unknown[0] in ("-h", "--help") else 64
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # the name of a folder may not be valid text
    raise_on_sigterm()
    end_with_launcher(environ)
    status = 1
    try:
        settings = program.read(environ)
        processes = 1 if is_launched(environ) else processes_for(settings, options.distributed, options.gpus, environ)
        if processes > 1:
            return launch(processes, program.file, environ)
        program.train(settings, environ)
        return 0
    except Exception as error:
        said = translate(error, program.memory)
        status = 1 if said is None else said.status
        # If several processes train together, only the first one to fail reports.
        if leave_status(status, environ):
            if said is None:
                raise
            print(f"{name}: {said}", file=sys.stderr, flush=True)
        return status
    except Interrupted:
        if leave_status(INTERRUPTED_STATUS, environ):
            print(f"{name}: interrupted; start it again to resume from the last checkpoint", file=sys.stderr)
        return INTERRUPTED_STATUS


def is_first(environ: Mapping[str, str]) -> bool:
    """Whether this is the one of the processes that prints and writes; known before they have met."""
    return environ.get("RANK", "0") == "0"
