"""Searches compared on the tasks of tasks.py, by what they find for a budget of trials in rounds.

    python run.py [--seeds 20] [--gp-seeds 3] [--rounds 4] [--width 16] [--noise] [--tasks NAME,..] [--methods NAME,..]

The measure of one search on one task with one seed: how many random trials it takes, on average, until one is as good
as what the search ended with (by true values), divided by the trials it spent. Reported: the geometric mean over tasks
and seeds, the share of task-seed pairs that end better than TPE's (a tie counts half), the seconds its proposals took,
and the tasks on which the 95 % interval (bootstrap over the seeds) of that ratio lies wholly below random search's.
"""

import argparse
import json
import subprocess
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import optuna
import tasks as bench_tasks

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.simplefilter("ignore")
ROOT = Path(__file__).resolve().parents[2]


class Ours:
    node = None

    def __init__(self, task, strategy, seed):
        self.task, self.strategy, self.seed, self.history = task, strategy, seed, []
        if Ours.node is None:
            command = ["node", str(ROOT / "bench/search/ours.ts")]
            Ours.node = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)

    def ask(self, count):
        request = {
            "space": self.task.space,
            "strategy": self.strategy,
            "seed": self.seed,
            "goal": self.task.goal,
            "history": self.history,
            "count": count,
        }
        Ours.node.stdin.write(json.dumps(request) + "\n")
        Ours.node.stdin.flush()
        return json.loads(Ours.node.stdout.readline())["points"]

    def tell(self, points, values):
        self.history += [
            {"parameters": point, "value": value, "epochs": 1} for point, value in zip(points, values, strict=True)
        ]


class Optuna:
    """Batches as its users make them: ask for all of a round, then tell all. Lists of numbers are ordered integers."""

    def __init__(self, task, sampler):
        self.task = task
        self.study = optuna.create_study(direction=task.goal, sampler=sampler)

    def suggest(self, trial):
        parameters = {}
        for name, spec in self.task.space.items():
            if isinstance(spec, list):
                if all(isinstance(choice, int | float) for choice in spec):
                    parameters[name] = spec[trial.suggest_int(name, 0, len(spec) - 1)]
                else:
                    parameters[name] = trial.suggest_categorical(name, spec)
            elif spec.get("type") == "integer":
                parameters[name] = trial.suggest_int(name, spec["min"], spec["max"])
            else:
                parameters[name] = trial.suggest_float(name, spec["min"], spec["max"], log=spec.get("scale") == "log")
        return parameters

    def ask(self, count):
        self.trials = [self.study.ask() for _ in range(count)]
        return [self.suggest(trial) for trial in self.trials]

    def tell(self, points, values):
        for trial, value in zip(self.trials, values, strict=True):
            self.study.tell(trial, value)


METHODS = {
    "bayesian": lambda task, seed, width: Ours(task, "bayesian", seed),
    "sobol": lambda task, seed, width: Ours(task, "sobol", seed),
    "random": lambda task, seed, width: Ours(task, "random", seed),
    "optuna-tpe": lambda task, seed, width: Optuna(task, optuna.samplers.TPESampler(seed=seed, constant_liar=True)),
    "optuna-cmaes": lambda task, seed, width: Optuna(task, optuna.samplers.CmaEsSampler(seed=seed, popsize=width)),
    "optuna-qmc": lambda task, seed, width: Optuna(task, optuna.samplers.QMCSampler(seed=seed, scramble=True)),
    "optuna-gp": lambda task, seed, width: Optuna(task, optuna.samplers.GPSampler(seed=seed)),
}


def search(task, method, seed, rounds, width, noisy):
    rng = np.random.default_rng([seed, 7])
    searcher = METHODS[method](task, seed, width)
    best, truth, seconds = -np.inf, None, 0.0
    for _ in range(rounds):
        start = time.perf_counter()
        points = searcher.ask(width)
        seconds += time.perf_counter() - start
        values = [task.observe(point, rng, noisy) for point in points]
        for point, value in zip(points, values, strict=True):
            if task.sign * value > best:
                best, truth = task.sign * value, task.true(point)
        start = time.perf_counter()
        searcher.tell(points, values)
        seconds += time.perf_counter() - start
    return {
        "truth": task.sign * truth,
        "ratio": 1 / task.share_at_least(truth) / (rounds * width),
        "seconds": seconds,
    }


LOADED = {}


def loaded():
    """Each process loads the tasks once."""
    if not LOADED:
        for task in [*bench_tasks.tables(), *bench_tasks.surrogates()]:
            LOADED[task.name] = task
    return LOADED


def work(job):
    name, method, seed, rounds, width, noisy = job
    import torch

    torch.set_num_threads(1)
    return job, search(loaded()[name], method, seed, rounds, width, noisy)


def geometric(values):
    return float(np.exp(np.mean(np.log(values))))


def below_random(ours, randoms, rng):
    """Whether the upper end of the 95 % interval of log(ours / random) is below 0."""
    difference = np.log(ours) - np.log(randoms)
    means = rng.choice(difference, (2000, len(difference))).mean(1)
    return np.quantile(means, 0.975) < 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--gp-seeds", type=int, default=3, help="Optuna's GP takes minutes a search")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--noise", action="store_true", help="the searches see one noisy training, not the mean")
    parser.add_argument("--tasks", default="")
    parser.add_argument("--methods", default="bayesian,sobol,random,optuna-tpe,optuna-cmaes,optuna-qmc,optuna-gp")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    names = [name for name in loaded() if not options.tasks or any(part in name for part in options.tasks.split(","))]
    methods = options.methods.split(",")
    seeds_of = {method: options.gp_seeds if method == "optuna-gp" else options.seeds for method in methods}
    jobs = [
        (name, method, seed, options.rounds, options.width, options.noise)
        for method in methods
        for name in names
        for seed in range(seeds_of[method])
    ]
    results = {}
    with ProcessPoolExecutor(options.processes) as pool:
        for job, result in pool.map(work, jobs, chunksize=4):
            results[job[:3]] = result
    labels = ", noisy labels" if options.noise else ""
    print(f"{options.rounds} rounds of {options.width}, {options.seeds} seeds{labels}")
    for kind in ("discrete", "continuous"):
        print_kind(kind, [name for name in names if loaded()[name].kind == kind], methods, seeds_of, results)


def print_kind(kind, names, methods, seeds_of, results):
    if not names:
        return
    print(f"\n{kind}: {len(names)} tasks\n")
    print("| search | times random | better than TPE | wholly below random | seconds a search |")
    print("| --- | --- | --- | --- | --- |")
    rng = np.random.default_rng(0)
    for method in methods:
        pairs = [(name, seed) for name in names for seed in range(seeds_of[method])]
        own = [results[name, method, seed] for name, seed in pairs]
        wins = "-"
        if "optuna-tpe" in methods:
            peers = [results[name, "optuna-tpe", seed] for name, seed in pairs]
            scores = [
                0.5 if abs(a["truth"] - b["truth"]) < 1e-12 else float(a["truth"] > b["truth"])
                for a, b in zip(own, peers, strict=True)
            ]
            wins = f"{100 * np.mean(scores):.0f} %"
        below = "-"
        if "random" in methods:
            low = [
                name
                for name in names
                if below_random(
                    [results[name, method, seed]["ratio"] for seed in range(seeds_of[method])],
                    [results[name, "random", seed]["ratio"] for seed in range(seeds_of[method])],
                    rng,
                )
            ]
            below = ", ".join(low) or "none"
        ratio = geometric([result["ratio"] for result in own])
        seconds = np.mean([result["seconds"] for result in own])
        print(f"| {method} | {ratio:.2f} | {wins} | {below} | {seconds:.2f} |")


if __name__ == "__main__":
    main()
