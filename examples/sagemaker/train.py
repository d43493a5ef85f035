"""A script written for SageMaker: its hyperparameters as arguments, its folders as SM_* variables."""

import argparse
import csv
import json
import os
from pathlib import Path

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--learning-rate", type=float, default=0.01)
    parser.add_argument("--momentum", type=float, default=0.0)
    parser.add_argument("--model-dir", type=Path, default=os.environ["SM_MODEL_DIR"])
    parser.add_argument("--output-data-dir", type=Path, default=os.environ["SM_OUTPUT_DATA_DIR"])
    parser.add_argument("--train", type=Path, default=os.environ["SM_CHANNEL_TRAINING"])
    parser.add_argument("--num-gpus", type=int, default=os.environ["SM_NUM_GPUS"])
    args = parser.parse_args()
    hyperparameters = json.loads(os.environ["SM_HPS"])

    rows = [(float(x), float(y)) for x, y in csv.reader((args.train / "numbers.csv").open())]
    slope = step = 0.0
    history = []
    for epoch in range(1, args.epochs + 1):
        gradient = 2 * sum((slope * x - y) * x for x, y in rows) / len(rows)
        step = args.momentum * step - args.learning_rate * gradient
        slope += step
        loss = sum((slope * x - y) ** 2 for x, y in rows) / len(rows)
        history.append(loss)
        print(f"epoch {epoch}; validation:loss={loss:.6f};")

    (args.model_dir / "model.json").write_text(json.dumps({"slope": slope, "hyperparameters": hyperparameters}))
    args.output_data_dir.mkdir(parents=True, exist_ok=True)
    (args.output_data_dir / "history.json").write_text(json.dumps(history))
