import pathlib
import sys

settings = dict(word.split("=", 1) for word in sys.argv[1:] if "=" in word)
assert settings["mosaic"] == "true"

folder = pathlib.Path("runs/detect/train")
folder.mkdir(parents=True)
rows = ["                  epoch,         train/box_loss,       metrics/mAP50(B)"]
for epoch in range(1, int(settings["epochs"]) + 1):
    rows.append(f"{epoch:23d},{1 / epoch:23.5f},{float(settings['lr0']) / 2 - epoch / 100:23.5f}")
(folder / "results.csv").write_text("\n".join(rows) + "\n")
