#!/bin/sh
# Runs the helper's tests under each version of Python that uv can find or fetch:  sh python/try-versions.sh [VERSION ...]
set -u
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- 3.9 3.10 3.11 3.12 3.13 3.14
failed=0
for version in "$@"; do
  echo "== Python $version"
  "${UV:-uv}" run --quiet --no-project --python "$version" python -W error -m unittest discover -s test/helper || failed=1
done
exit $failed
