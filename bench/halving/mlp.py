"""A multi-layer perceptron on scikit-learn's digits, an epoch at a time, that continues from its checkpoint."""

import json
import os
import pickle
import sys
import warnings
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

warnings.simplefilter("ignore", ConvergenceWarning)
parameters = json.loads(os.environ["SWEEP_PARAMETERS"])
checkpoint = Path(os.environ["CHECKPOINT_DIR"]) / "model.pkl"
x, y = load_digits(return_X_y=True)
order = np.random.default_rng(0).permutation(len(x))
x, y = x[order] / 16, y[order]
held_out = slice(1000, None)
# Noisy copies make an epoch long enough to be stopped in the middle of a training.
noise = np.random.default_rng(1)
train_x = np.concatenate([x[:1000] + noise.normal(0, 0.1, (1000, x.shape[1])) for _ in range(12)])
train_y = np.tile(y[:1000], 12)
epoch, model = (
    pickle.loads(checkpoint.read_bytes())
    if checkpoint.exists()
    else (0, MLPClassifier((parameters["width"],) * parameters["depth"], random_state=int(os.environ["SEED"])))
)
model.set_params(
    learning_rate_init=parameters["learning_rate"],
    alpha=parameters["alpha"],
    batch_size=parameters["batch_size"],
)
while epoch < int(os.environ["EPOCHS"]):
    model.partial_fit(train_x, train_y, classes=range(10))
    epoch += 1
    score = model.score(x[held_out], y[held_out])
    with open(os.environ["METRICS_FILE"], "a") as metrics:
        metrics.write(json.dumps({"epoch": epoch, "val_accuracy": score}) + "\n")
    with open(sys.argv[1], "a") as log:
        log.write(f"{epoch}\n")
temporary = checkpoint.with_suffix(".new")
temporary.write_bytes(pickle.dumps((epoch, model)))
temporary.rename(checkpoint)
