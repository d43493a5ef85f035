#!/bin/sh
# Runs the examples that install packages, which the tests leave out:  sh examples/try-all.sh [NAME ...]
set -eu
cd "$(dirname "$0")"
[ $# -gt 0 ] || set -- argparse helper-hugging-face helper-lightning hydra xgboost lightning transformers
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for name in "$@"; do
  cp -R "$name" "$folder/$name"
  rm -rf "$folder/$name/.sweepstack"
  node ../dist/sweep.mjs run "$folder/$name/sweep.yaml"
done
