#!/usr/bin/env bash
# The trainer and fine-tuning on a GPU, in less than 8 minutes, with the torch that the machine has:
#
#   bash bench/trainer/gpu.sh           PYTHON=python3.12 bash bench/trainer/gpu.sh
#   bash bench/trainer/gpu.sh --cpu     the same on a CPU with tiny networks, to see that the script works
#
# Images are made up. What does not fit in the time is named and left out; what fails is named, and the rest goes on.
set -uo pipefail
cd "$(dirname "$0")"
python=${PYTHON:-python3}
limit=450 slower=1
failed=0

left() { echo $((limit - SECONDS)); }
# Runs a step in what is left of the time, at most $1 seconds. Its status is that of the step, also where a shell of its own
# runs it and `failed` is lost.
step() {
  local most=$(($1 * slower)) now errors="$folder/$BASHPID"
  shift
  now=$(left)
  if [ "$now" -lt 10 ]; then
    echo "not run, for lack of time: $*"
    return
  fi
  timeout --kill-after=5 "$((most < now ? most : now))" "$python" "$@" 2> "$errors"
  local status=$?
  [ "$status" = 0 ] && return
  failed=1
  echo "failed with status $status (124: out of time): $*"
  tail -n 3 "$errors"
  return "$status"
}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

if [ "${1:-}" = --cpu ]; then
  # A machine that others use may need minutes for each.
  limit=3600 slower=10
  device=(--device cpu)
  seconds=0.2 compiled=()
  networks=('small_cnn 16 8' 'small_resnet 16 8')
  photographs=(--train 8 --val 4 --width 160 --size 32 --batch 4 --epochs 2)
  language=(tiny 32 4)
else
  device=()
  seconds=5 compiled=(resnet50 small_resnet)
  networks=('resnet18 224 256' 'resnet50 224 256' 'vit_b_16 224 128' 'small_resnet 32 1024')
  language=(1b 1024 8)
  photographs=(--gpu --train 1024 --val 64 --width 1200 --size 224 --batch 128 --epochs 3 --model resnet18)
  command -v nvidia-smi > /dev/null && nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader
fi
"$python" -c 'import torch, torchvision, numpy, PIL; print("torch", torch.__version__, "torchvision", torchvision.__version__)' || exit 1

echo
echo 'Steps, with the data in memory (aim: ours 1.5 times plain):'
echo
echo '| network | px | batch | GFLOP an image, forward | loop | how | images/s | MFU | peak memory |'
echo '| --- | --- | --- | --- | --- | --- | --- | --- | --- |'
for network in "${networks[@]}"; do
  read -r -a what <<< "$network"
  for loop in ours plain; do
    step 60 gpu.py "${what[@]}" "$seconds" --loop "$loop" ${device[@]+"${device[@]}"}
  done
  for name in ${compiled[@]+"${compiled[@]}"}; do
    [ "$name" = "${what[0]}" ] && step 90 gpu.py "${what[@]}" "$seconds" --compile ${device[@]+"${device[@]}"}
  done
done
read -r -a what <<< "${networks[0]}"
step 60 gpu.py "${what[@]}" "$seconds" --nccl ${device[@]+"${device[@]}"}

echo
echo 'Two trials at once on one device, a row each:'
step 60 gpu.py "${what[@]}" "$seconds" ${device[@]+"${device[@]}"} &
first=$!
step 60 gpu.py "${what[@]}" "$seconds" ${device[@]+"${device[@]}"}
wait "$first" || failed=1

echo
echo 'LoRA of a language model by tune.py, by 1, 2 and 4 trials at once on one device; tokens/s of all:'
echo
if "$python" -c 'import transformers, peft' 2> /dev/null; then
  echo '| network | weights | tokens | batch | trials at once | tokens/s | MFU | peak memory |'
  echo '| --- | --- | --- | --- | --- | --- | --- | --- |'
  for lanes in 1 2 4; do
    step 90 lora.py "${language[@]}" "$seconds" --lanes "$lanes" ${device[@]+"${device[@]}"}
  done
else
  echo 'not run: tune.py needs the packages transformers and peft, which this Python lacks'
fi

echo
echo 'JPEG files of 1200x900 pixels (aim: 8 times plain.py where decoding limits), the whole command by the clock:'
echo
if "$python" -c 'import safetensors' 2> /dev/null; then
  step 240 epochs.py "${photographs[@]}"
else
  echo 'not run: train.py needs the package safetensors, which this Python lacks'
fi
echo
echo "$SECONDS s"
exit "$failed"
