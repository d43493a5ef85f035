"""Fine-tunes a causal language model on texts or chats: one trial of a sweep, or on its own.

    BASE_MODEL=models/base DATA_DIR=texts python tune.py

Every setting is an environment variable; `python tune.py --help` lists them. It keeps the contract of the trainer of
images (../trainer), of which it uses the files, settings, checkpoints and exit statuses: each epoch trains, validates,
appends a line to METRICS_FILE, and keeps the model in MODEL_DIR if it is the best so far. A checkpoint is written to
CHECKPOINT_DIR every two minutes, at the end and on SIGTERM. Started again, it resumes after the step of the
checkpoint; on a CPU with the same number of threads, it ends with the same numbers as one that was never interrupted.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(1, str(Path(__file__).resolve().parents[1] / "trainer"))

from config import describe
from errors import INTERRUPTED_STATUS, Interrupted, translate
from interruption import raise_on_sigterm
from tune_settings import Tuning, read_tuning


def main(environ: Mapping[str, str], arguments: list[str]) -> int:
    """Fine-tunes, and returns the exit status."""
    if arguments:
        print(describe(Tuning, "Fine-tunes a causal language model"))
        return 0 if arguments[0] in ("-h", "--help") else 64
    raise_on_sigterm()
    try:
        settings = read_tuning(environ)
        # Imported late: torch takes seconds, and a bad setting or a signal should not wait for it.
        from tune_loop import tune

        tune(settings, environ)
        return 0
    except Exception as error:
        said = translate(error, "MICRO_BATCH or MAX_LENGTH")
        if said is None:
            raise
        print(f"tune.py: {said}", file=sys.stderr, flush=True)
        return said.status
    except Interrupted:
        print("tune.py: interrupted; start it again to resume from the last checkpoint", file=sys.stderr)
        return INTERRUPTED_STATUS


if __name__ == "__main__":
    sys.exit(main(os.environ, sys.argv[1:]))
