"""Tasks that the search may be developed on, so that those of tasks.py stay unseen: functions made up here, some of
known shape (valleys, cliffs, plateaus, parameters without effect), some drawn at random, as ranges, as tables and as
the forests that trainings of them would give."""

import hashlib
import inspect
import itertools

import numpy as np
from tasks import CACHE, TRAININGS, Surrogate, Table, Task, kept_array, points_of, real

POPULATION = 300_000
TABLE = 40_000


class Function(Task):
    """A function over the unit cube, smaller is better."""

    def __init__(self, name, dimensions, of):
        super().__init__(name, "continuous", {f"x{d}": real(0.0, 1.0) for d in range(dimensions)}, "minimize")
        self.of = of
        rng = np.random.default_rng(1)
        self.population = of(rng.random((POPULATION, dimensions)))
        self.noise = 0.1 * float(np.std(np.clip(self.population, None, np.median(self.population))))
        digest = hashlib.sha256(self.population.tobytes() + inspect.getsource(shares).encode()).hexdigest()[:12]
        path = CACHE / f"{name}-{digest}-shares.npy"
        self.levels, self.logarithms = kept_array(path, lambda: shares(of, dimensions))

    @property
    def best(self):
        return -float(self.levels[0])

    def share_at_least(self, value):
        """Of a smooth function a search comes closer to the best than any of POPULATION random trials."""
        share = super().share_at_least(value)
        return share if share * POPULATION > 1000 else float(np.exp(np.interp(value, self.levels, self.logarithms)))

    def true(self, points):
        return self.of(np.array([[point[name] for name in self.space] for point in points]))

    def observe(self, points, true, rng):
        return true + self.noise * rng.standard_normal(len(points))


def shares(of, dimensions, points=4000, kept=0.25, least=1e-9):
    """Values in rising order, and the logarithm of the share of the cube below each, by subset simulation (S. Au and J.
    Beck, Probabilistic Engineering Mechanics, 2001): the best quarter of some points is moved about below its worst
    value, again and again."""
    rng = np.random.default_rng(5)
    x = rng.random((points, dimensions))
    values = of(x.copy())
    below, levels, logarithms = 0.0, [], []
    count = int(points * kept)
    while below > np.log(least):
        order = np.argsort(values)
        x, values = x[order], values[order]
        known = np.arange(0, points if below == 0 else count, 20)
        levels += [*values[known]]
        logarithms += [*(below + np.log((known + 1) / points))]
        limit = values[count - 1]
        below += np.log(kept)
        if values[0] >= limit:
            break
        x, values = np.repeat(x[:count], points // count, 0), np.repeat(values[:count], points // count)
        for step in range(25):
            if step % 2:
                length = rng.choice([0.3, 1.0, 2.38 / np.sqrt(2 * dimensions)], (points, 1))
                moved = x + length * (x[rng.permutation(points)] - x[rng.permutation(points)])
            else:
                some = rng.random(x.shape) < max(0.4, 1 / dimensions)
                width = x.std(0) * rng.choice([0.1, 0.3, 1.0], (points, 1))
                moved = x + some * width * rng.standard_normal(x.shape)
            inside = ((moved >= 0) & (moved < 1)).all(1)
            there = of(np.where(inside[:, None], moved, x))
            good = inside & (there <= limit)
            x[good], values[good] = moved[good], there[good]
    order = np.argsort(levels)
    return np.array([np.array(levels)[order], np.maximum.accumulate(np.array(logarithms)[order])])


def forest(name, dimensions, of, noise):
    """What a surrogate of noisy trainings of the function would be."""
    space = {f"x{d}": real(0.0, 1.0) for d in range(dimensions)}
    units = points_of(space)
    values = of(units.copy())
    spread = np.subtract(*np.quantile(values, [0.75, 0.25]))
    rng = np.random.default_rng(sum(map(ord, name)))
    return Surrogate(name, space, "minimize", units, values + noise * spread * rng.standard_normal(TRAININGS))


def table(name, of, counts, unordered, luck):
    """The function's values on a grid, each with a share of luck that no model can learn. Unordered dimensions are
    shuffled and named by letters."""
    rng = np.random.default_rng(sum(map(ord, name)))
    cells = np.array(list(itertools.product(*(range(count) for count in counts))))
    orders = [rng.permutation(count) if d in unordered else np.arange(count) for d, count in enumerate(counts)]
    units = np.stack([(orders[d][cells[:, d]] + 0.5) / count for d, count in enumerate(counts)], axis=1)
    values = of(units)
    spread = np.subtract(*np.quantile(values, [0.75, 0.25])) or np.std(values)
    values = values + luck * spread * rng.standard_normal(len(values))
    seeds = values[:, None] + 0.1 * spread * rng.standard_normal((len(values), 3))
    seeds += values[:, None] - seeds.mean(1, keepdims=True)
    space = {
        f"x{d}": [chr(97 + k) for k in range(count)] if d in unordered else list(range(count))
        for d, count in enumerate(counts)
    }
    rows = {"".join(map(str, cell)): row for cell, row in zip(cells, seeds, strict=True)}
    return Table(name, space, "minimize", rows)


def shifted(of, dimensions, low, high, seed):
    """The function with its best place moved inside the cube."""
    shift = np.random.default_rng(seed).uniform(-0.25, 0.25, dimensions)
    return lambda u: of(low + (high - low) * np.clip(u + shift, -0.5, 1.5))


def ackley(x):
    return (
        -20 * np.exp(-0.2 * np.sqrt(np.mean(x**2, 1))) - np.exp(np.mean(np.cos(2 * np.pi * x), 1)) + 20 + np.e
    )


def rosenbrock(x):
    return np.log1p(np.sum(100 * (x[:, 1:] - x[:, :-1] ** 2) ** 2 + (1 - x[:, :-1]) ** 2, 1))


def levy(x):
    w = 1 + (x - 1) / 4
    middle = np.sum((w[:, :-1] - 1) ** 2 * (1 + 10 * np.sin(np.pi * w[:, :-1] + 1) ** 2), 1)
    return np.sin(np.pi * w[:, 0]) ** 2 + middle + (w[:, -1] - 1) ** 2


def styblinski(x):
    return np.mean(x**4 - 16 * x**2 + 5 * x, 1)


def sphere(x):
    return np.sqrt(np.sum(x**2, 1))


def drawn(dimensions, seed, roughness=1.0):
    """A draw of a smooth random function, length scales of its own in each dimension, bent so that the best is rare."""
    rng = np.random.default_rng(seed)
    lengths = rng.lognormal(np.log(0.5 * np.sqrt(dimensions) / roughness), 0.9, dimensions)
    frequencies = rng.standard_t(5, (400, dimensions)) / lengths
    phases, weights = rng.uniform(0, 2 * np.pi, 400), rng.standard_normal(400)

    def of(u):
        out = np.concatenate(
            [np.cos(part @ frequencies.T + phases) @ weights for part in np.array_split(u, len(u) // 20_000 + 1)]
        )
        return np.exp(out / np.sqrt(200))

    return of


def training(dimensions, seed):
    """As losses go: a bowl in the learning rate, a cliff above it that others move, weak dimensions, a floor."""
    rng = np.random.default_rng(seed)
    best = rng.uniform(0.2, 0.7, dimensions)
    weight = rng.lognormal(-0.5, 1.3, dimensions)
    weight[0] = 8
    mixed = rng.uniform(-0.6, 0.6, dimensions)

    def of(u):
        away = u - best
        away[:, 1:] += mixed[1:] * away[:, :1]
        bowl = np.sum(weight * np.abs(away) ** 1.7, 1)
        loss = 0.1 + 2.3 * (1 - np.exp(-bowl))
        diverged = u[:, 0] + 0.25 * u[:, -1] > best[0] + 0.3
        return np.where(diverged, 2.4, loss)

    return of


def edges(dimensions, seed):
    """A loss whose best lies at an end of some ranges, as that of a dropout or of a depth often does."""
    rng = np.random.default_rng(seed)
    where = rng.choice([0, 1, 2], dimensions, p=[0.3, 0.3, 0.4])
    best = np.where(where == 2, rng.uniform(0.2, 0.8, dimensions), where)
    weight = rng.lognormal(-0.5, 1.0, dimensions)
    power = np.where(where == 2, 2.0, rng.choice([0.7, 1.0, 1.5], dimensions))
    mixed = rng.normal(0, 0.5, (dimensions, dimensions))
    mixed = 0.3 * mixed @ mixed.T / dimensions

    def of(u):
        away = np.abs(u - best)
        return np.log(0.02 + np.sum(weight * away**power, 1) + np.einsum("ni,ij,nj->n", away, mixed, away))

    return of


def saturated(dimensions, seed, images=400, seeds=5):
    """Accuracies: most trainings that do not diverge are good, the best differ by what few held out images tell."""
    rng = np.random.default_rng(seed)
    loss = training(dimensions, seed)

    def of(u):
        error = np.clip((loss(u.copy()) - 0.1) / 2.3, 0, 1)
        accuracy = 0.998 - 0.75 * error**4
        return -rng.binomial(images, accuracy, (seeds, len(u))).mean(0) / images

    return of


def trees(dimensions, seed, leaves=600):
    """Boxes: piecewise constant, as forests fitted to few trainings are, and sharp at the edges."""
    rng = np.random.default_rng(seed)
    smooth = training(dimensions, seed + 50)
    centres = rng.random((leaves, dimensions))
    scale = rng.lognormal(0, 0.7, dimensions)
    levels = smooth(centres.copy())
    from scipy.spatial import cKDTree

    tree = cKDTree(centres * scale)
    return lambda u: np.mean(levels[tree.query(u * scale, k=3)[1]], 1)


def cells(choices, seed):
    """As cells of networks: effects of choices, of pairs of neighbours, one choice that cuts the path."""
    rng = np.random.default_rng(seed)
    n = len(choices)
    single = [rng.standard_normal(count) for count in choices]
    pairs = {(a, b): 0.6 * rng.standard_normal((choices[a], choices[b])) for a in range(n) for b in range(a)}

    def of(u):
        cell = [np.minimum((u[:, d] * count).astype(int), count - 1) for d, count in enumerate(choices)]
        score = sum(single[d][cell[d]] for d in range(n)) + sum(p[cell[a], cell[b]] for (a, b), p in pairs.items())
        cut = (cell[0] == 0) & (cell[1] == 0) | (cell[n - 1] == 0) & (cell[n // 2] == 0)
        return np.where(cut, 90.0, 6 + 30 / (1 + np.exp(0.5 * score)) ** 1.5)

    return of


FUNCTIONS = {
    "ackley-4": (4, lambda: shifted(ackley, 4, -3, 3, 1)),
    "rosenbrock-4": (4, lambda: shifted(rosenbrock, 4, -2, 2, 2)),
    "levy-6": (6, lambda: shifted(levy, 6, -6, 8, 3)),
    "styblinski-5": (5, lambda: shifted(styblinski, 5, -4, 4, 4)),
    "sphere-9": (9, lambda: shifted(sphere, 9, -1, 1, 5)),
    "drawn-2": (2, lambda: drawn(2, 6)),
    "drawn-4": (4, lambda: drawn(4, 7)),
    "drawn-6": (6, lambda: drawn(6, 8)),
    "drawn-9": (9, lambda: drawn(9, 9)),
    "rough-3": (3, lambda: drawn(3, 10, 2.0)),
    "training-3": (3, lambda: training(3, 11)),
    "training-6": (6, lambda: training(6, 12)),
    "training-9": (9, lambda: training(9, 13)),
    "trees-2": (2, lambda: trees(2, 14)),
    "trees-6": (6, lambda: trees(6, 15)),
    "trees-9": (9, lambda: trees(9, 16)),
    "edges-2": (2, lambda: edges(2, 200)),
    "edges-4": (4, lambda: edges(4, 203)),
    "edges-6": (6, lambda: edges(6, 204)),
    "edges-9": (9, lambda: edges(9, 206)),
}
FORESTS = {
    f"forest-{kind.__name__}-{dimensions}": (dimensions, kind, seed, noise)
    for dimensions, seed, noise in ((2, 100, 0.05), (3, 101, 0.15), (6, 103, 0.15), (9, 105, 0.15))
    for kind in (training, drawn, saturated, edges)
}
LUCK = 0.02
TABLES = {
    "cells-6": (lambda: cells([5] * 6, 21), [5] * 6, range(6), LUCK),
    "cells-8": (lambda: cells([3] * 8, 22), [3] * 8, range(8), LUCK),
    "cells-5": (lambda: cells([4, 5, 6, 5, 4], 23), [4, 5, 6, 5, 4], range(5), LUCK),
    "drawn-table-6": (lambda: drawn(6, 24), [6, 6, 4, 4, 5, 5], [], LUCK),
    "drawn-table-4": (lambda: drawn(4, 25), [12, 10, 8, 8], [], LUCK),
    "training-table-6": (lambda: training(6, 26), [8, 6, 5, 4, 4, 5], [], LUCK),
    "training-table-9": (lambda: training(9, 27), [6, 4, 4, 2, 3, 3, 4, 3, 3], [3, 4], LUCK),
    "trees-table-6": (lambda: trees(6, 28), [6, 6, 4, 4, 5, 5], [2, 3], LUCK),
    "mixed-table-7": (lambda: drawn(7, 29), [8, 3, 4, 4, 3, 6, 4], [1, 2, 4], LUCK),
    "saturated-table-5": (lambda: saturated(5, 31), [10, 10, 3, 10, 10], [], 0.0),
    "saturated-table-4": (lambda: saturated(4, 32), [10, 8, 8, 10], [], 0.0),
    "saturated-table-7": (lambda: saturated(7, 33), [8, 4, 3, 6, 3, 3, 4], [2, 4], 0.0),
    "levy-table-5": (lambda: shifted(levy, 5, -6, 8, 30), [8, 8, 8, 8, 8], [], LUCK),
}


def heavy(dimensions, seed):
    """What a trial costs: each parameter multiplies it, some by much."""
    weights = np.random.default_rng(seed).normal(0, 1.5, dimensions)
    return lambda u: np.exp(u @ weights)


# By name the first metric's task, and what makes the second metric of points in the unit cube; smaller is better.
PAIRS = {
    "training-9 heavy": ("training-9", lambda: heavy(9, 41)),
    "training-6 heavy": ("training-6", lambda: heavy(6, 42)),
    "styblinski-5 drawn": ("styblinski-5", lambda: drawn(5, 43)),
    "drawn-4 drawn": ("drawn-4", lambda: drawn(4, 44)),
    "levy-6 heavy": ("levy-6", lambda: heavy(6, 45)),
    "trees-6 heavy": ("trees-6", lambda: heavy(6, 46)),
    "training-table-6 heavy": ("training-table-6", lambda: heavy(6, 47)),
    "drawn-table-4 drawn": ("drawn-table-4", lambda: drawn(4, 48)),
    "cells-6 heavy": ("cells-6", lambda: heavy(6, 49)),
    "mixed-table-7 drawn": ("mixed-table-7", lambda: drawn(7, 50)),
}


def units_of(space, points):
    return np.array(
        [
            [(at.index(p[name]) + 0.5) / len(at) if isinstance(at, list) else p[name] for name, at in space.items()]
            for p in points
        ]
    )


def pair(name):
    """The first metric's task, the second metric's function, and the units of the first one's population."""
    first, second = PAIRS[name]
    task = load(first)
    if kind_of(first) == "continuous":
        units = np.random.default_rng(1).random((POPULATION, len(task.space)))
    else:
        units = np.array([*itertools.product(*((np.arange(len(at)) + 0.5) / len(at) for at in task.space.values()))])
    return task, second(), units


def names():
    return [*TABLES, *FUNCTIONS, *FORESTS]


def kind_of(name):
    return "discrete" if name in TABLES else "continuous"


def load(name):
    if name in TABLES:
        make, counts, unordered, luck = TABLES[name]
        return table(name, make(), counts, set(unordered), luck)
    if name in FORESTS:
        dimensions, kind, seed, noise = FORESTS[name]
        return forest(name, dimensions, kind(dimensions, seed), noise)
    dimensions, make = FUNCTIONS[name]
    return Function(name, dimensions, make())
