import argparse
import json
import pathlib

parser = argparse.ArgumentParser()
parser.add_argument("--output_dir", type=pathlib.Path, required=True)
parser.add_argument("--num_train_epochs", type=float, required=True)
parser.add_argument("--learning_rate", type=float, required=True)
options = parser.parse_args()

log = []
last = sorted(options.output_dir.glob("checkpoint-*/trainer_state.json"))
if last:
    log = json.loads(last[-1].read_text())["log_history"]
begun = len(log) // 2
for epoch in range(begun + 1, int(options.num_train_epochs) + 1):
    log.append({"epoch": float(epoch), "step": epoch * 10, "loss": 1 / epoch})
    accuracy = round(options.learning_rate * 10_000 + begun / 10, 6)
    log.append({"epoch": float(epoch), "step": epoch * 10, "eval_accuracy": accuracy})
    folder = options.output_dir / f"checkpoint-{epoch * 10}"
    folder.mkdir()
    state = {"epoch": float(epoch), "global_step": epoch * 10, "log_history": log}
    (folder / "trainer_state.json").write_text(json.dumps(state, indent=2))
