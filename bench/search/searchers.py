"""The searches that are compared. `ask` gives a round's points and the seconds it took, `tell` the seconds it took."""

import json
import subprocess
import time
import warnings
from pathlib import Path

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.simplefilter("ignore")
ROOT = Path(__file__).resolve().parents[2]


class Ours:
    """The product's own function, in a Node of this process's own (ours.ts)."""

    node = None
    others = ()
    """Objectives after the first, as a spec says them."""

    def __init__(self, task, strategy, seed):
        self.task, self.strategy, self.seed, self.history = task, strategy, seed, []
        if Ours.node is None:
            command = [next(ROOT.glob("node_modules/node-*/bin/node"), "node"), ROOT / "bench/search/ours.ts"]
            Ours.node = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)

    def ask(self, count):
        request = {
            "space": self.task.space,
            "strategy": self.strategy,
            "seed": self.seed,
            "goal": self.task.goal,
            "others": self.others,
            "history": self.history,
            "count": count,
        }
        Ours.node.stdin.write(json.dumps(request) + "\n")
        Ours.node.stdin.flush()
        reply = json.loads(Ours.node.stdout.readline())
        return reply["points"], reply["seconds"]

    def tell(self, points, values):
        self.history += [
            {"parameters": point, "value": value, "epochs": 1} for point, value in zip(points, values, strict=True)
        ]
        return 0.0


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
        start = time.perf_counter()
        self.trials = [self.study.ask() for _ in range(count)]
        points = [self.suggest(trial) for trial in self.trials]
        return points, time.perf_counter() - start

    def tell(self, points, values):
        start = time.perf_counter()
        for trial, value in zip(self.trials, values, strict=True):
            self.study.tell(trial, value)
        return time.perf_counter() - start


METHODS = {
    "bayesian": lambda task, seed, width: Ours(task, "bayesian", seed),
    "sobol": lambda task, seed, width: Ours(task, "sobol", seed),
    "random": lambda task, seed, width: Ours(task, "random", seed),
    "optuna-tpe": lambda task, seed, width: Optuna(task, optuna.samplers.TPESampler(seed=seed, constant_liar=True)),
    "optuna-cmaes": lambda task, seed, width: Optuna(task, optuna.samplers.CmaEsSampler(seed=seed, popsize=width)),
    "optuna-qmc": lambda task, seed, width: Optuna(task, optuna.samplers.QMCSampler(seed=seed, scramble=True)),
    "optuna-gp": lambda task, seed, width: Optuna(task, optuna.samplers.GPSampler(seed=seed)),
}
