"""Searches that were done, a JSON line each, so that none is done twice."""

import hashlib
import json
import subprocess
from functools import cache
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILE = Path(__file__).parent / ".cache/results.jsonl"
OURS = ("bayesian", "sobol", "random")


@cache
def version_of(method):
    """What a result depends on beside its job: the peer's version, or the strategy's code, comments and names aside."""
    if method not in OURS:
        return f"optuna {version('optuna')}"
    esbuild = [ROOT / "node_modules/.bin/esbuild", ROOT / f"core/search/strategies/{method}.ts"]
    code = subprocess.run([*esbuild, "--bundle", "--minify", "--platform=node"], capture_output=True, check=True).stdout
    return hashlib.sha256(code).hexdigest()[:12]


def read(jobs, version=None):
    """Results of the jobs that are kept, by job: of this version, or each of its method's own."""
    wanted = set(jobs)
    results = {}
    if FILE.exists():
        for line in FILE.read_text().splitlines():
            entry = json.loads(line)
            job = tuple(entry["job"])
            if job in wanted and entry["version"] == (version or version_of(job[1])):
                results[job] = entry["result"]
    return results


def add(job, result):
    FILE.parent.mkdir(exist_ok=True)
    with FILE.open("a") as file:
        file.write(json.dumps({"job": job, "version": version_of(job[1]), "result": result}) + "\n")
