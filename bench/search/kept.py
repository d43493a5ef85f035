"""Searches that were done, a JSON line each, so that none is done twice."""

import hashlib
import json
from functools import cache
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILE = Path(__file__).parent / ".cache/results.jsonl"
OURS = ("bayesian", "sobol", "random")
LEARNS = "bayesian"


@cache
def version_of(method):
    """What a result depends on beside its job: the peer's version, or the files that make the proposals."""
    if method not in OURS:
        return f"optuna {version('optuna')}"
    files = [ROOT / "core/random.ts", ROOT / "core/space.ts", ROOT / "core/dimension.ts"]
    # The searches that do not learn depend on no model.
    files += sorted((ROOT / "core/strategies").glob("*.ts" if method == LEARNS else f"{method}*.ts"))
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def read(jobs):
    """Results of the jobs that are kept, by job."""
    wanted = set(jobs)
    results = {}
    if FILE.exists():
        for line in FILE.read_text().splitlines():
            entry = json.loads(line)
            job = tuple(entry["job"])
            if job in wanted and entry["version"] == version_of(job[1]):
                results[job] = entry["result"]
    return results


def add(job, result):
    FILE.parent.mkdir(exist_ok=True)
    with FILE.open("a") as file:
        file.write(json.dumps({"job": job, "version": version_of(job[1]), "result": result}) + "\n")
