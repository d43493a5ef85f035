"""Trains an image classifier on a folder of images: one trial of a sweep, or on its own.

    DATA_DIR=photos python train.py [--distributed] [--gpus N]

Every setting is an environment variable; `python train.py --help` lists them. The training itself is in training.py:
an epoch trains, validates, appends a line to METRICS_FILE, and keeps the model in MODEL_DIR if it is the best so far.
Every two minutes, at the end and at SIGTERM it leaves a checkpoint in CHECKPOINT_DIR. Started again, it goes on after
the checkpoint's step, and on a CPU with as many threads ends with the same numbers as one that was never stopped. Where
it sees several GPUs, it trains on all of them, in a process each: launch.py. How it may end otherwise: errors.py.
"""

import argparse
import io
import os
import sys
from collections.abc import Mapping

from config import describe, read_settings
from errors import INTERRUPTED_STATUS, Interrupted, translate
from interruption import raise_on_sigterm
from launch import end_with_launcher, is_launched, launch, leave_status, processes_for
from trackers import Trackers


def main(environ: Mapping[str, str], arguments: list[str]) -> int:
    """Runs one training and returns its exit status."""
    parser = argparse.ArgumentParser("train.py", add_help=False, exit_on_error=False)
    parser.add_argument("--distributed", action="store_true")
    parser.add_argument("--gpus", type=int)
    try:
        options, unknown = parser.parse_known_args(arguments)
    except argparse.ArgumentError:
        options, unknown = None, arguments
    if options is None or unknown:
        print(describe())
        return 0 if unknown and unknown[0] in ("-h", "--help") else 64
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a folder's name need not be text
    raise_on_sigterm()
    end_with_launcher(environ)
    status = 1
    try:
        settings = read_settings(environ)
        processes = 1 if is_launched(environ) else processes_for(settings, options.distributed, options.gpus, environ)
        if processes > 1:
            return launch(processes, environ)
        first = environ.get("RANK", "0") == "0"
        with Trackers(settings.trackers if first else (), settings.metrics_file, settings.shown()) as trackers:
            # Not before: importing torch takes seconds, and a bad setting or a signal should not wait for it.
            from training import train

            train(settings, trackers, environ)
        return 0
    except Exception as error:
        said = translate(error)
        status = 1 if said is None else said.status
        # Of the processes that train together the first one to fail speaks for all.
        if leave_status(status, environ):
            if said is None:
                raise
            print(f"train.py: {said}", file=sys.stderr, flush=True)
        return status
    except Interrupted:
        if leave_status(INTERRUPTED_STATUS, environ):
            print("train.py: interrupted; started again, it goes on after its last checkpoint", file=sys.stderr)
        return INTERRUPTED_STATUS


if __name__ == "__main__":
    sys.exit(main(os.environ, sys.argv[1:]))
