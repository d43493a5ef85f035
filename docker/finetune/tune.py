"""Fine-tunes a causal language model on texts or chats: one trial of a sweep, or on its own.

    BASE_MODEL=models/base DATA_DIR=texts python tune.py [--distributed] [--gpus N]

Every setting is an environment variable; `python tune.py --help` lists them. It keeps the contract of the trainer of
images (../trainer), of which it uses the files, settings, checkpoints and exit statuses: each epoch trains, validates,
appends a line to METRICS_FILE, and keeps the model in MODEL_DIR if it is the best so far. A checkpoint is written to
CHECKPOINT_DIR every two minutes, at the end and on SIGTERM. Started again, it resumes after the step of the
checkpoint; on a CPU with the same number of threads, it ends with the same numbers as one that was never interrupted.
With several GPUs it trains on all of them, one process per GPU (../trainer/launch.py).
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(1, str(Path(__file__).resolve().parents[1] / "trainer"))

from config import describe
from program import Program, run
from tune_settings import Tuning, read_tuning

# What a message suggests once a single sequence is too much.
MEMORY = "MAX_LENGTH, set GRADIENT_CHECKPOINTING=true"


def main(environ: Mapping[str, str], arguments: list[str]) -> int:
    """Fine-tunes, and returns the exit status."""
    return run(Program(Path(__file__), described, read_tuning, train, MEMORY), environ, arguments)


def described() -> str:
    return describe(Tuning, "Fine-tunes a causal language model")


def train(settings: Tuning, environ: Mapping[str, str]) -> None:
    # Imported late: torch takes seconds, and a bad setting or a signal should not wait for it.
    from tune_loop import tune

    tune(settings, environ)


if __name__ == "__main__":
    sys.exit(main(os.environ, sys.argv[1:]))
