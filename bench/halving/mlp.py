"""A multi-layer perceptron on handwritten digits, an epoch at a time, that continues from its checkpoint.

In numpy alone, whose import takes a fraction of what a framework's does: the bench starts hundreds of these.
    python mlp.py EPOCHS_LOG DIGITS.npz
"""

import json
import os
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np

parameters = json.loads(os.environ["SWEEP_PARAMETERS"])
checkpoint = Path(os.environ["CHECKPOINT_DIR"]) / "model.npz"
digits = np.load(sys.argv[2])
x, y = digits["x"] / 16, digits["y"]
order = np.random.default_rng(0).permutation(len(x))
x, y = x[order], y[order]
train_x, train_y, held_x, held_y = x[:1000], y[:1000], x[1000:], y[1000:]
# Noisy copies, so that an epoch takes longer than a program needs to hear that it is stopped.
noise = np.random.default_rng(1)
train_x = np.concatenate([train_x + noise.normal(0, 0.1, train_x.shape) for _ in range(4)])
train_y = np.tile(train_y, 4)

sizes = [x.shape[1], *[parameters["width"]] * parameters["depth"], 10]
rng = np.random.default_rng(int(os.environ["SEED"]))
weights = []
for fan_in, fan_out in pairwise(sizes):
    weights += [rng.normal(0, np.sqrt(2 / fan_in), (fan_in, fan_out)), np.zeros(fan_out)]
# Adam's means of the gradients and of their squares.
means, squares = [np.zeros_like(w) for w in weights], [np.zeros_like(w) for w in weights]
epoch, step = 0, 0
if checkpoint.exists():
    saved = np.load(checkpoint)
    epoch, step = int(saved["epoch"]), int(saved["step"])
    for name, arrays in (("w", weights), ("m", means), ("v", squares)):
        for index in range(len(arrays)):
            arrays[index] = saved[f"{name}{index}"]


def forward(rows):
    layers = [rows]
    for w, b in zip(weights[::2], weights[1::2], strict=True):
        last = layers[-1] @ w + b
        layers.append(np.maximum(last, 0) if len(layers) < len(sizes) - 1 else last)
    return layers


def gradients(rows, labels):
    layers = forward(rows)
    shifted = np.exp(layers[-1] - layers[-1].max(1, keepdims=True))
    delta = shifted / shifted.sum(1, keepdims=True)
    delta[np.arange(len(labels)), labels] -= 1
    delta /= len(labels)
    found = []
    for index in range(len(sizes) - 2, -1, -1):
        found = [layers[index].T @ delta + parameters["alpha"] * weights[2 * index], delta.sum(0), *found]
        if index > 0:
            delta = (delta @ weights[2 * index].T) * (layers[index] > 0)
    return found


while epoch < int(os.environ["EPOCHS"]):
    # The order of an epoch's rows depends on the epoch alone, so that a training that goes on is the same.
    rows = np.random.default_rng([int(os.environ["SEED"]), epoch]).permutation(len(train_x))
    for start in range(0, len(rows), parameters["batch_size"]):
        batch = rows[start : start + parameters["batch_size"]]
        step += 1
        rate = parameters["learning_rate"] * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
        for index, gradient in enumerate(gradients(train_x[batch], train_y[batch])):
            means[index] = 0.9 * means[index] + 0.1 * gradient
            squares[index] = 0.999 * squares[index] + 0.001 * gradient**2
            weights[index] -= rate * means[index] / (np.sqrt(squares[index]) + 1e-8)
    epoch += 1
    score = float(np.mean(forward(held_x)[-1].argmax(1) == held_y))
    with open(sys.argv[1], "a") as log:
        log.write(f"{epoch}\n")
    with open(os.environ["METRICS_FILE"], "a") as metrics:
        metrics.write(json.dumps({"epoch": epoch, "val_accuracy": score}) + "\n")
arrays = {f"{name}{i}": a for name, many in (("w", weights), ("m", means), ("v", squares)) for i, a in enumerate(many)}
temporary = checkpoint.with_name("new.npz")
np.savez(temporary, epoch=epoch, step=step, **arrays)
temporary.rename(checkpoint)
