import argparse
import json
import os

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, required=True)
parser.add_argument("--batch-size", type=int, required=True)
parser.add_argument("--shift", type=float, required=True)
parser.add_argument("--use-ema", action="store_true")
options = parser.parse_args()
assert options.shift == -1e-7

for epoch in range(1, options.epochs + 1):
    accuracy = options.batch_size / 100 + (0.5 if options.use_ema else 0) + epoch / 100
    with open(os.environ["METRICS_FILE"], "a") as metrics:
        print(json.dumps({"epoch": epoch, "val_accuracy": round(accuracy, 6)}), file=metrics)
