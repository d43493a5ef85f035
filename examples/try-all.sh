#!/bin/sh
# Runs the examples that install packages, which the tests leave out:  sh examples/try-all.sh [NAME ...]
set -eu
cd "$(dirname "$0")"
[ $# -gt 0 ] || set -- argparse helper-hugging-face helper-lightning hydra xgboost lightning transformers lora fine-tune
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# As in the clone: an example may take its program from there.
mkdir "$folder/examples"
tar -C .. --exclude .venv -cf - docker | tar -C "$folder" -xf -
for name in "$@"; do
  place="$folder/examples/$name"
  cp -R "$name" "$place"
  rm -rf "$place/.sweepstack"
  case $name in
    lora) "${UV:-uv}" run --frozen --project ../docker/finetune python "$place/prepare.py" ;;
    fine-tune) "${UV:-uv}" run --frozen --project ../docker/trainer python "$place/prepare.py" ;;
  esac
  node ../dist/sweep.mjs run "$place/sweep.yaml"
done
