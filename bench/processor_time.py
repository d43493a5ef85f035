"""Processor time of a command and of everything that it starts, also of what outlives its parent.

python3 bench/processor_time.py COMMAND [ARGUMENT ...]
"""

import ctypes
import os
import resource
import subprocess
import sys

# Orphans, such as the watchers of trials, become children of this process. Linux only.
PR_SET_CHILD_SUBREAPER = 36

if __name__ == "__main__":
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    status = subprocess.call(sys.argv[1:])
    while True:
        try:
            os.wait()
        except ChildProcessError:
            break
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"user {used.ru_utime:.2f} s, system {used.ru_stime:.2f} s", file=sys.stderr)
    sys.exit(status)
