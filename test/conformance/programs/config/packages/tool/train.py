import json
import os
import sys

with open(sys.argv[1]) as file:
    config = json.load(file)
with open("data/seven.txt") as file:
    seven = int(file.read())
momentum = sys.argv[2:]
assert momentum == (["--momentum", "0.9"] if config["optimizer"]["name"] == "sgd" else [])
assert type(config["optimizer"]["rate"]) is float and config["epochs"] == 3

for epoch in range(1, config["epochs"] + 1):
    with open(os.environ["METRICS_FILE"], "a") as metrics:
        # As programs do that know no JSON lines: a number as text, and no end of the line.
        metrics.write(json.dumps({"epoch": epoch, "error": str(seven - len(momentum) - epoch)}))
