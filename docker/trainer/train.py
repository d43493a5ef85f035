"""Trains an image classifier on a folder of images: one trial of a sweep, or on its own.

    DATA_DIR=photos python train.py [--distributed] [--gpus N]

Every setting is an environment variable; `python train.py --help` lists them. The training loop is in training.py:
each epoch trains, validates, appends a line to METRICS_FILE, and keeps the model in MODEL_DIR if it is the best so far.
A checkpoint is written to CHECKPOINT_DIR every two minutes, at the end and on SIGTERM. Started again, training resumes
after the step of the checkpoint; on a CPU with the same number of threads, it ends with the same numbers as a run that
was never interrupted. With several GPUs it trains on all of them, one process per GPU (launch.py). errors.py lists how
it can fail.
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
    """Trains, and returns the exit status."""
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
        sys.stdout.reconfigure(errors="backslashreplace")  # the name of a folder may not be valid text
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
            # Imported late: torch takes seconds, and a bad setting or a signal should not wait for it.
            from training import train

            train(settings, trackers, environ)
        return 0
    except Exception as error:
        said = translate(error)
        status = 1 if said is None else said.status
        # If several processes train together, only the first one to fail reports.
        if leave_status(status, environ):
            if said is None:
                raise
            print(f"train.py: {said}", file=sys.stderr, flush=True)
        return status
    except Interrupted:
        if leave_status(INTERRUPTED_STATUS, environ):
            print("train.py: interrupted; start it again to resume from the last checkpoint", file=sys.stderr)
        return INTERRUPTED_STATUS


if __name__ == "__main__":
    sys.exit(main(os.environ, sys.argv[1:]))
