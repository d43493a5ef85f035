import argparse
import pathlib

parser = argparse.ArgumentParser()
parser.add_argument("subcommand")
parser.add_argument("--model.learning_rate", dest="rate", type=float, required=True)
parser.add_argument("--trainer.max_epochs", dest="epochs", type=int, required=True)
options = parser.parse_args()

folder = pathlib.Path("lightning_logs/version_0")
folder.mkdir(parents=True)
rows = ["epoch,step,train_loss_step,val_loss"]
for epoch in range(options.epochs):
    rows.append(f"{epoch},{epoch * 10 + 4},0.9,")
    rows.append(f"{epoch},{epoch * 10 + 9},,{options.rate + epoch}")
(folder / "metrics.csv").write_text("\n".join(rows) + "\n")
