"""Fits a line in plain Python. The helper gives it parameters, metrics, folders, and a word when to stop.

By hand: `python train.py`, with sweepstack.py installed (`pip install ./python` in the clone) or beside it.
"""

import json
import random

import sweepstack

options = sweepstack.params(learning_rate=0.1, batch_size=8)
checkpoint = sweepstack.checkpoint_dir() / "state.json"
model = sweepstack.model_dir() / "line.json"

noise = random.Random(sweepstack.seed())
points = [(x / 100, 3 * x / 100 + 1 + noise.gauss(0, 0.1)) for x in range(100)]

state = {"epoch": 0, "slope": 0.0, "bias": 0.0, "best": float("inf")}
if checkpoint.exists():
    state = json.loads(checkpoint.read_text())

sweepstack.should_stop()  # from here on, SIGTERM is a question and not the end
while state["epoch"] < sweepstack.epochs(5):
    state["epoch"] += 1
    for start in range(0, len(points), options.batch_size):
        batch = points[start : start + options.batch_size]
        errors = [(state["slope"] * x + state["bias"] - y, x) for x, y in batch]
        state["slope"] -= options.learning_rate * 2 * sum(error * x for error, x in errors) / len(batch)
        state["bias"] -= options.learning_rate * 2 * sum(error for error, _ in errors) / len(batch)
    loss = sum((state["slope"] * x + state["bias"] - y) ** 2 for x, y in points) / len(points)
    sweepstack.report(epoch=state["epoch"], val_loss=loss)
    if loss < state["best"]:
        state["best"] = loss
        model.write_text(json.dumps(state))
    # Renamed when it is whole: a program that is killed here leaves the earlier checkpoint.
    part = checkpoint.with_suffix(".part")
    part.write_text(json.dumps(state))
    part.replace(checkpoint)
    if sweepstack.should_stop():
        raise SystemExit(sweepstack.INTERRUPTED)
