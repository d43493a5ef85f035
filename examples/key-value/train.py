"""Fits a line in plain Python, with settings as nanoGPT has them: globals, a config file, then --key=value."""

import sys
from ast import literal_eval
from pathlib import Path

steps = 100
learning_rate = 0.01
use_bias = True
noise = 0.5

for word in sys.argv[1:]:
    if word.startswith("--"):
        key, value = word[2:].split("=", 1)
        if key not in globals():
            sys.exit(f"unknown setting: {key}")
        globals()[key] = literal_eval(value)
    else:
        exec(Path(word).read_text())

points = [(x / 10, 3 * x / 10 + 1 + noise * (-1) ** x) for x in range(20)]
slope = bias = 0.0
for step in range(1, steps + 1):
    errors = [(slope * x + bias - y, x) for x, y in points]
    loss = sum(error**2 for error, _ in errors) / len(points)
    slope -= learning_rate * 2 * sum(error * x for error, x in errors) / len(points)
    if use_bias:
        bias -= learning_rate * 2 * sum(error for error, _ in errors) / len(points)
    if step % 20 == 0:
        print(f"step {step}: val loss {loss:.3e}")
