#!/bin/sh
# Runs the examples that install packages, which the tests leave out:  sh examples/try-all.sh [NAME ...]
set -eu
cd "$(dirname "$0")"
[ $# -gt 0 ] || set -- argparse helper-hugging-face helper-lightning hydra xgboost lightning transformers lora
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# As in the clone: an example may take its program from there.
mkdir "$folder/examples"
tar -C .. --exclude .venv -cf - docker | tar -C "$folder" -xf -
for name in "$@"; do
  place="$folder/examples/$name"
  cp -R "$name" "$place"
  rm -rf "$place/.sweepstack"
  if [ "$name" = lora ]; then "${UV:-uv}" run --frozen --project ../docker/finetune python "$place/prepare.py"; fi
  node ../dist/sweep.mjs run "$place/sweep.yaml"
done
