"""What a training left, of either training program."""

import json
from dataclasses import dataclass
from pathlib import Path

TIMINGS = {"images_per_second", "tokens_per_second", "seconds", "data_wait", "checkpoint_wait"}


@dataclass(frozen=True)
class Run:
    """One attempt, as the trial runner sees it."""

    status: int
    folder: Path

    @property
    def metrics(self) -> list[dict]:
        """The lines of METRICS_FILE without what a clock decides."""
        path = self.folder / "metrics.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        return [{key: value for key, value in json.loads(line).items() if key not in TIMINGS} for line in lines]

    @property
    def model(self) -> dict:
        """What the trainer of images says of its model."""
        return json.loads((self.folder / "model" / "model.json").read_text())
