import json
import sys

with open(sys.argv[2]) as file:
    parameters = json.load(file)
assert type(parameters["eta"]) is float and type(parameters["max_depth"]) is int
assert parameters["booster"] == "gb tree"

loss = 1 - parameters["eta"] - parameters["max_depth"] / 10
with open("results.json", "w") as file:
    json.dump({"train": {"logloss": [0.8, 0.01]}, "valid": {"logloss": [0.9, round(loss, 6)]}}, file, indent=2)
