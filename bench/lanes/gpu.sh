#!/usr/bin/env bash
# Trials an hour of small_resnet at 32 px on one GPU: one at a time, four at once, auto, and four at once by NVIDIA's MPS
# where the machine has it, by the built-in trainer.
#
#   bash bench/lanes/gpu.sh          # less than 10 minutes on a fast GPU
#   bash bench/lanes/gpu.sh --cpu    # tiny trials on a CPU, to check that the script works
#
# The images are synthetic. Needs a built clone (npm run build); the trainer's environment is made at the first run.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

images=16384 epochs=8 batch=512 trials=16 gpus=1
if [ "${1:-}" = --cpu ]; then images=64 epochs=1 batch=16 trials=4 gpus=0; fi

# Photographs that are nothing but noise of one brightness a class: what is measured is the time, not the learning.
cat > "$folder/images.py" << 'PYTHON'
import sys
from pathlib import Path

import numpy as np
from PIL import Image

folder, count = Path(sys.argv[1]), int(sys.argv[2])
random = np.random.default_rng(0)
for index in range(count):
    kind = index % 4
    pixels = random.integers(0, 64, (32, 32, 3), dtype=np.uint8) + np.uint8(kind * 48)
    place = folder / str(kind)
    place.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(place / f"{index}.png")
PYTHON
"${UV:-uv}" run --frozen --project docker/trainer python "$folder/images.py" "$folder/data" "$images"

measure() {
  cat > "$folder/sweep.yaml" << YAML
name: lanes-$1
search: { strategy: random, trials: $2, space: { learning_rate: { min: 0.01, max: 0.2, scale: log } } }
objective: { metric: val_accuracy, goal: maximize }
training:
  data: ./data
  epochs: $epochs
  environment: { MODEL_NAME: small_resnet, IMAGE_SIZE: 32, BATCH_SIZE: $batch }
compute: { gpus: $gpus, trialsPerGpu: $1, trialsPerJob: $trials, maxParallel: ${3:-1} }
YAML
  local start end
  start=$(date +%s.%N)
  node tools/node24.mjs dist/sweep.mjs run "$folder/sweep.yaml" --workdir "$folder/work-$1-$2-${4:-}" > "$folder/out" 2>&1 || { tail -n 30 "$folder/out"; exit 1; }
  end=$(date +%s.%N)
  grep -E '^  hint' "$folder/out" || true
  awk -v trials="$2" -v start="$start" -v end="$end" -v lanes="$1" \
    'BEGIN { printf "trialsPerGpu %s: %d trials in %.0f s, %.0f an hour\n", lanes, trials, end - start, trials * 3600 / (end - start) }'
}

# Decodes the images and makes the environment.
measure 1 1
measure 1 "$trials"
measure 4 "$trials" 4
measure auto "$trials"

if command -v nvidia-cuda-mps-control > /dev/null && [ "$gpus" = 1 ]; then
  export CUDA_MPS_PIPE_DIRECTORY="$folder/pipe" CUDA_MPS_LOG_DIRECTORY="$folder/log"
  mkdir "$CUDA_MPS_PIPE_DIRECTORY" "$CUDA_MPS_LOG_DIRECTORY"
  nvidia-cuda-mps-control -d
  trap 'echo quit | nvidia-cuda-mps-control || true; rm -rf "$folder"' EXIT
  echo 'by MPS:'
  measure 4 "$trials" 4 mps
else
  echo 'MPS: not tried, there is no GPU or no nvidia-cuda-mps-control'
fi
