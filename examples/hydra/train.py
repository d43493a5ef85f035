"""Fits a line under Hydra: settings from conf/config.yaml, overridden as key=value, results in a JSON file."""

import json
from pathlib import Path

import hydra
from omegaconf import DictConfig


@hydra.main(version_base=None, config_path="conf", config_name="config")
def main(config: DictConfig) -> None:
    points = [(x / 10, 3 * x / 10) for x in range(20)]
    slope = change = 0.0
    for _ in range(config.epochs):
        gradient = sum(2 * (slope * x - y) * x for x, y in points) / len(points)
        change = config.optimizer.momentum * change - config.optimizer.lr * gradient
        slope += change
    loss = sum((slope * x - y) ** 2 for x, y in points) / len(points)
    Path("results.json").write_text(json.dumps({"eval": {"loss": loss}}))


if __name__ == "__main__":
    main()
