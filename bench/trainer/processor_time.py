"""Runs a program whose clock is its own processor time, on one thread: on a machine that others use, what it computes
can still be compared.

    python processor_time.py PROGRAM [ARGUMENT ...]
"""

import os
import runpy
import sys
import time
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"  # before torch is loaded
time.perf_counter = time.process_time
sys.argv = sys.argv[1:]
sys.path.insert(0, str(Path(sys.argv[0]).parent))
runpy.run_path(sys.argv[0], run_name="__main__")
