"""No-op trials by Ray Tune, as its users run them: prints start-up seconds and trials a second as one JSON line.

With --reuse an actor goes on to the next trial, in place of a process for each.
"""

import json
import logging
import os
import sys
import time

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"

import ray
from ray import tune


def train(config: dict) -> None:
    tune.report({"score": config["x"]})


def main(trials: int, reuse: bool) -> None:
    start = time.perf_counter()
    ray.init(include_dashboard=False, logging_level=logging.ERROR, log_to_driver=False)
    started = time.perf_counter()
    tuner = tune.Tuner(
        train,
        param_space={"x": tune.uniform(0, 1)},
        tune_config=tune.TuneConfig(num_samples=trials, metric="score", mode="max", reuse_actors=reuse),
        run_config=tune.RunConfig(verbose=0),
    )
    results = tuner.fit()
    seconds = time.perf_counter() - started
    assert len(results) == trials and not results.errors
    told = {"trials": trials, "startSeconds": started - start, "seconds": seconds, "version": ray.__version__}
    print(json.dumps(told))


main(int(sys.argv[1]), "--reuse" in sys.argv)
