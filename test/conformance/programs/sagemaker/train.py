import argparse
import json
import os
import pathlib

parser = argparse.ArgumentParser()
parser.add_argument("--learning-rate", type=float, required=True)
parser.add_argument("--model-dir", default=os.environ["SM_MODEL_DIR"])
parser.add_argument("--train", default=os.environ["SM_CHANNEL_TRAINING"])
options = parser.parse_args()
assert json.loads(os.environ["SM_HPS"]) == {"learning-rate": options.learning_rate}

percent = int(pathlib.Path(options.train, "percent.txt").read_text())
for epoch in (1, 2):
    print(f"epoch {epoch}: loss=2.5e-{epoch} accuracy={percent * options.learning_rate + epoch:.2f}%")
pathlib.Path(options.model_dir, "model.txt").write_text("weights")
