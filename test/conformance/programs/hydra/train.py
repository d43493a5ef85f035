import json
import pathlib
import sys

config = dict(word.split("=", 1) for word in sys.argv[1:])
assert config["model.layers"] == "[64,32]"
assert ("optimizer.momentum" in config) == (config["optimizer"] == "sgd")

folder = pathlib.Path("outputs/2026-01-01/12-00-00")
folder.mkdir(parents=True)
with open(folder / "metrics.jsonl", "w") as metrics:
    for step in range(1, int(config["trainer.max_epochs"]) + 1):
        print(json.dumps({"step": 100 * step, "train/loss": 1 / step}), file=metrics)
        accuracy = float(config.get("optimizer.momentum", 0.1))
        print(json.dumps({"step": 100 * step, "val/accuracy": accuracy}), file=metrics)
