"""The fixtures of tiny.py, which finds the program through this path."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "docker" / "finetune"))
sys.path.append(str(Path(__file__).resolve().parents[1] / "trainer"))

from tiny import base, data, nobody_asked_to_stop, run

__all__ = ["base", "data", "nobody_asked_to_stop", "run"]
