#!/bin/sh
# One trial: X and Y are the parameters, EPOCHS the budget, METRICS_FILE where each epoch's metrics go.
set -eu
epoch=1
while [ "$epoch" -le "$EPOCHS" ]; do
  height=$(( (X - 3) * (X - 3) + (Y + 1) * (Y + 1) + EPOCHS - epoch ))
  printf '{"epoch": %d, "height": %d}\n' "$epoch" "$height" >> "$METRICS_FILE"
  epoch=$(( epoch + 1 ))
done
echo "x=$X y=$Y height=$height" > "$MODEL_DIR/model.txt"
