"""Boosted trees on made-up data: parameters from a JSON file, results into another."""

import json
import sys
from pathlib import Path

import numpy as np
import xgboost as xgb

settings = json.loads(Path(sys.argv[1]).read_text())
rounds = settings.pop("rounds")

random = np.random.default_rng(0)
features = random.normal(size=(3000, 8))
labels = features[:, 0] * features[:, 1] + np.sin(2 * features[:, 2]) + random.normal(scale=0.5, size=3000) > 0
train, valid = xgb.DMatrix(features[:2000], labels[:2000]), xgb.DMatrix(features[2000:], labels[2000:])

results: dict[str, dict[str, list[float]]] = {}
booster = xgb.train(
    {"objective": "binary:logistic", "eval_metric": "auc", **settings},
    train,
    rounds,
    evals=[(valid, "valid")],
    evals_result=results,
    verbose_eval=False,
)
booster.save_model(sys.argv[2])
Path("results.json").write_text(json.dumps(results))  # {"valid": {"auc": [0.81, 0.84, ...]}}
