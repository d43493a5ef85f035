"""Searches compared on the tasks of tasks.py, by what they find for a budget of trials in rounds.

    python run.py [--rounds 4] [--width 16] [--noise] [--seeds 20] [--first-seed 0] [--gp-seeds 3] [--tasks NAME,..]
                  [--methods NAME,..] [--processes 2] [--only-kept] [--development] [--against VERSION]

The measure of one search on one task with one seed: how many random trials it takes, on average, until one is as good
as what the search ended with (by true values), divided by the trials it spent. Reported: the geometric mean over tasks
and seeds, the share of task-seed pairs that end better than TPE's (a tie counts half), the share that found the task's
best, the seconds its proposals took, and the tasks on which the 95 % interval (bootstrap over the seeds) of that ratio
lies wholly below random search's. The first row of a table is the most that can be had: all searches find the best.

Each search is kept in .cache/results.jsonl by task, method, seed, budget and the version of what made it (core's
proposals by the digest of their files, peers by Optuna's version), so that a run that was interrupted goes on, and only
what changed is done again. --only-kept prints the tables of what is kept and searches nothing. --against compares
`bayesian` with an earlier version of it, on the pairs of task and seed that are kept of both, with a 95 % interval
(bootstrap over the pairs).
"""

import argparse
from concurrent.futures import ProcessPoolExecutor, as_completed

import development
import kept
import numpy as np
import tasks as unseen
from searchers import METHODS

LOADED = {}


def module_of(name):
    return development if name in development.names() else unseen


def load_task(name):
    """Each process loads each task once."""
    if name not in LOADED:
        LOADED[name] = module_of(name).load(name)
    return LOADED[name]


def search(task, method, seed, rounds, width, noisy):
    rng = np.random.default_rng([seed, 7])
    searcher = METHODS[method](task, seed, width)
    best, truth, seconds = -np.inf, None, 0.0
    for _ in range(rounds):
        points, asked = searcher.ask(width)
        true = task.true(points)
        values = task.observe(points, true, rng) if noisy else true
        for value, own in zip(values, true, strict=True):
            if task.sign * value > best:
                best, truth = task.sign * value, own
        seconds += asked + searcher.tell(points, [float(value) for value in values])
    return {
        "truth": task.sign * float(truth),
        "ratio": 1 / task.share_at_least(truth) / (rounds * width),
        "found": bool(task.sign * truth >= task.best - 1e-12),
        "seconds": seconds,
    }


def work(job):
    name, method, seed, rounds, width, noisy = job
    if method == "optuna-gp":
        import torch

        torch.set_num_threads(1)
    return job, search(load_task(name), method, seed, rounds, width, noisy)


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
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--gp-seeds", type=int, default=3, help="Optuna's GP takes half a minute a search and more")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--noise", action="store_true", help="the searches see one noisy training, not the mean")
    parser.add_argument("--development", action="store_true", help="the tasks of development.py")
    parser.add_argument("--tasks", default="", help="parts of names")
    parser.add_argument("--methods", default="bayesian,sobol,random,optuna-tpe,optuna-cmaes,optuna-qmc,optuna-gp")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only-kept", action="store_true", help="search nothing; tables of what is kept")
    parser.add_argument("--against", help="a version of bayesian, as an earlier run named it")
    options = parser.parse_args()
    parts = options.tasks.split(",")
    module = development if options.development else unseen
    names = [name for name in module.names() if any(part in name for part in parts)]
    methods = options.methods.split(",")
    budget = (options.rounds, options.width, options.noise)
    # Seed by seed, so that what is kept of an interrupted run can be compared.
    jobs = [
        (name, method, seed, *budget)
        for seed in range(options.first_seed, options.first_seed + options.seeds)
        for method in methods
        for name in names
        if method != "optuna-gp" or seed < options.first_seed + options.gp_seeds
    ]
    results = kept.read(jobs)
    missing = [] if options.only_kept else [job for job in jobs if job not in results]
    with ProcessPoolExecutor(options.processes) as pool:
        for future in as_completed([pool.submit(work, job) for job in missing]):
            job, result = future.result()
            kept.add(job, result)
            results[job] = result
    seeds = len({job[2] for job in results})
    print(f"{options.rounds} rounds of {options.width}, {seeds} seeds{', noisy labels' if options.noise else ''}")
    by_method = {method: {} for method in methods}
    for (name, method, seed, *_), result in results.items():
        by_method[method][name, seed] = result
    for kinds in (["discrete"], ["continuous"], ["discrete", "continuous"]):
        of_kinds = {
            method: {pair: found[pair] for pair in sorted(found) if module_of(pair[0]).kind_of(pair[0]) in kinds}
            for method, found in by_method.items()
        }
        print_kinds(" and ".join(kinds), of_kinds, options.rounds * options.width)
    if "bayesian" in methods:
        print(f"\nbayesian is version {kept.version_of('bayesian')}")
    if options.against:
        earlier = kept.read([job for job in jobs if job[1] == "bayesian"], options.against)
        print_against([(results[job], before) for job, before in earlier.items() if job in results])


def print_against(pairs):
    if not pairs:
        print("no search is kept of both versions")
        return
    gains = np.array([np.log(now["ratio"] / before["ratio"]) for now, before in pairs])
    means = np.random.default_rng(0).choice(gains, (2000, len(gains))).mean(1)
    low, high = np.exp(np.quantile(means, [0.025, 0.975]))
    better = 100 * np.mean([better_than(now, before) for now, before in pairs])
    times = f"{np.exp(np.mean(gains)):.2f} times as much as then ({low:.2f} to {high:.2f})"
    print(f"{times}, better in {better:.0f} % of {len(pairs)} pairs")


def better_than(own, peer):
    """A tie counts half."""
    return 0.5 if abs(own["truth"] - peer["truth"]) < 1e-12 else float(own["truth"] > peer["truth"])


def print_kinds(title, by_method, trials):
    """Each method's row is over the pairs of task and seed that were searched with it, and says how many."""
    names = sorted({name for found in by_method.values() for name, _ in found})
    if not names:
        return
    print(f"\n{title}: {len(names)} tasks\n")
    print("| search | times random | better than TPE | found the best | wholly below random | seconds | searches |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    tasks = [load_task(name) for name in names]
    ceiling = geometric([1 / task.share_at_least(task.sign * task.best) / trials for task in tasks])
    print(f"| (the most there is) | {ceiling:.1f} | | 100 % | | | |")
    rng = np.random.default_rng(0)
    for method, own in by_method.items():
        if not own:
            continue
        scores = [
            better_than(own[pair], peer)
            for pair, peer in by_method.get("optuna-tpe", {}).items()
            if pair in own and method != "optuna-tpe"
        ]
        wins = f"{100 * np.mean(scores):.0f} %" if scores else ""
        randoms = by_method.get("random", {})
        low = []
        for name in names:
            pairs = [pair for pair in own if pair[0] == name and pair in randoms]
            mine, theirs = ([found[pair]["ratio"] for pair in pairs] for found in (own, randoms))
            # Of one or two seeds there is no interval to speak of.
            if len(pairs) >= 3 and below_random(mine, theirs, rng):
                low.append(name)
        ratio = geometric([result["ratio"] for result in own.values()])
        found = 100 * np.mean([result["found"] for result in own.values()])
        seconds = np.mean([result["seconds"] for result in own.values()])
        below = ", ".join(low) or "none"
        print(f"| {method} | {ratio:.1f} | {wins} | {found:.0f} % | {below} | {seconds:.2f} | {len(own)} |")


if __name__ == "__main__":
    main()
