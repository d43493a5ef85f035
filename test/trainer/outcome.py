"""What a training left, of either training program."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

TIMINGS = {"images_per_second", "tokens_per_second", "seconds", "data_wait", "checkpoint_wait"}


def variables(defaults: Mapping[str, str], settings: Mapping[str, object]) -> dict[str, str]:
    """The defaults with these settings in their place. A setting of None is left out."""
    given = {key: None if value is None else str(value) for key, value in settings.items()}
    return {key: value for key, value in {**defaults, **given}.items() if value is not None}


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
