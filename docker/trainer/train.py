"""Trains an image classifier on a folder of images: one trial of a sweep, or on its own.

    DATA_DIR=photos python train.py [--distributed] [--gpus N]

Every setting is an environment variable; `python train.py --help` lists them. The training loop is in training.py:
each epoch trains, validates, appends a line to METRICS_FILE, and keeps the model in MODEL_DIR if it is the best so far.
A checkpoint is written to CHECKPOINT_DIR every two minutes, at the end and on SIGTERM. Started again, training resumes
after the step of the checkpoint; on a CPU with the same number of threads, it ends with the same numbers as a run that
was never interrupted. With several GPUs it trains on all of them, one process per GPU (launch.py). errors.py lists how
it can fail.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from config import Settings, describe, read_settings
from program import Program, is_first, run
from trackers import Trackers


def main(environ: Mapping[str, str], arguments: list[str]) -> int:
    """Trains, and returns the exit status."""
    return run(Program(Path(__file__), describe, read_settings, train), environ, arguments)


def train(settings: Settings, environ: Mapping[str, str]) -> None:
    names = settings.trackers if is_first(environ) else ()
    with Trackers(names, settings.metrics_file, settings.shown()) as trackers:
        # Imported late: torch takes seconds, and a bad setting or a signal should not wait for it.
        import training

        training.train(settings, trackers, environ)


if __name__ == "__main__":
    sys.exit(main(os.environ, sys.argv[1:]))
