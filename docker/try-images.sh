#!/usr/bin/env bash
# Builds both images without a Docker engine, by buildah, and runs one trial of the digits example in each as its own
# user, with the cache volume; twice in the first, to see the cache used, and there one of examples/fine-tune and one of
# examples/lora as well. Needs root, buildah, uv (UV names it), and either BASE_IMAGE (a Debian or Ubuntu that buildah can
# find) or debootstrap. Takes about 25 GB of disk and a quarter of an hour. The base keeps this machine's package sources: the
# day of Debian's snapshot archive, to which the Dockerfiles pin, is not tried here.
# COMPILER=yes and EXTRAS are handed on to the trainer image.
set -euo pipefail
cd "$(dirname "$0")/.."
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot
work=$(mktemp -d)
trap 'chmod -R u+w "$work" && rm -rf "$work"' EXIT
say() { printf '\n== %s (%s s)\n' "$1" "$SECONDS"; }

if [ -z "${BASE_IMAGE:-}" ]; then
  say 'base image by debootstrap'
  BASE_IMAGE=localhost/sweepstack-base
  mirror=$(sed -n 's/^\(deb\|URIs:\) *\(https\?:[^ ]*debian\/\?\) .*/\2/p;s/^URIs: *//p' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -1 || true)
  debootstrap --variant=minbase bookworm "$work/base" ${mirror:-} > "$work/debootstrap.log" || { tail "$work/debootstrap.log"; exit 1; }
  # What this machine trusts, so that package managers reach what it reaches.
  mkdir -p "$work/base/etc/ssl/certs" "$work/base/etc/apt"
  cp /etc/ssl/certs/ca-certificates.crt "$work/base/etc/ssl/certs/host.crt"
  cp -r /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/apt.conf.d "$work/base/etc/apt/" 2>/dev/null || true
  base=$(buildah from scratch)
  buildah add --quiet "$base" "$work/base" /
  for name in SSL_CERT_FILE PIP_CERT NODE_EXTRA_CA_CERTS; do
    buildah config --env "$name=/etc/ssl/certs/host.crt" "$base"
  done
  for name in $(compgen -e | grep -E '^(UV_|PIP_|npm_config_)' || true); do
    case $name in *CERT*) ;; *) buildah config --env "$name=${!name}" "$base" ;; esac
  done
  buildah commit --quiet "$base" "$BASE_IMAGE" > /dev/null
  buildah rm "$base" > /dev/null
  rm -rf "$work/base"
fi

say 'runner bundle and data'
node tools/node24.mjs --install-missing tools/build.ts
[ -d examples/digits/data ] || { echo 'examples/digits/data is not there: npm run demo makes it'; exit 1; }
node tools/node24.mjs tools/plan-one-trial.ts file:///store "$work/store" examples/digits/sweep.yaml > "$work/variables"
mkdir "$work/cache"
chown -R 1000:1000 "$work/store" "$work/cache"

# One trial as Batch runs it: the variables, the cache folder of the host, nothing else. $1 image, $2 entrypoint ...
trial() {
  local image=$1 container variables=()
  shift
  while read -r variable; do variables+=(--env "$variable"); done < "$work/variables"
  container=$(buildah from "$image")
  buildah run --user 1000:1000 --workingdir /work "${variables[@]}" --env SWEEP_GPUS=0 --env AWS_EC2_METADATA_DISABLED=true \
    --env SWEEP_CACHE=/var/cache/sweepstack --volume "$work/store:/store:rw" --volume "$work/cache:/var/cache/sweepstack:rw" \
    "$container" -- "$@"
  buildah rm "$container" > /dev/null
  cat "$work"/store/sweeps/image/results/*.json
  rm -rf "$work"/store/sweeps/image/results
}

say 'trainer image'
arguments=(--build-arg "BASE_IMAGE=$BASE_IMAGE" --build-arg DEBIAN_SNAPSHOT=)
buildah bud --quiet --layers "${arguments[@]}" ${COMPILER:+--build-arg "COMPILER=$COMPILER"} ${EXTRAS+--build-arg "EXTRAS=$EXTRAS"} -f docker/trainer/Dockerfile --ignorefile docker/trainer/Dockerfile.dockerignore -t sweepstack-trainer . > /dev/null
say 'what is in it, in MB'
container=$(buildah from sweepstack-trainer)
mounted=$(buildah mount "$container")
for folder in / /opt/sweepstack/venv; do du -xsm "$mounted$folder" | sed "s#$mounted##"; done
buildah umount "$container" > /dev/null
if [ -z "${EXTRAS+given}" ]; then
  buildah run --user 1000:1000 "$container" -- python -W error::ImportWarning -c '
import accelerate, boto3, datasets, peft, tensorboard, torch, torchvision, transformers, wandb, yaml
from torch.utils.tensorboard import SummaryWriter
print("torch", torch.__version__, "transformers", transformers.__version__, "are imported")'
fi
buildah rm "$container" > /dev/null
say 'a trial in it'
trial sweepstack-trainer node /opt/sweepstack/runner.mjs
say 'another one, data from the cache'
trial sweepstack-trainer node /opt/sweepstack/runner.mjs

# One trial of an example of the clone in the trainer image. $1 its name
example() {
  rm -rf "$work/store"
  node tools/node24.mjs tools/plan-one-trial.ts file:///store "$work/store" "$work/clone/examples/$1/sweep.yaml" > "$work/variables"
  chown -R 1000:1000 "$work/store"
  trial sweepstack-trainer node /opt/sweepstack/runner.mjs
}

if [ -z "${EXTRAS+given}" ]; then
  mkdir "$work/clone"
  git archive HEAD docker examples/lora examples/fine-tune sweep.schema.json | tar -x -C "$work/clone"
  say 'fine-tuning a network for images in it; the digits come from a package that the image lacks'
  "${UV:-uv}" run --frozen --project docker/trainer python "$work/clone/examples/fine-tune/prepare.py"
  example fine-tune
  say 'fine-tuning a language model, of the packages that it has: a lock that were installed would leave a folder in the cache'
  chown -R 1000:1000 "$work/clone"
  container=$(buildah from sweepstack-trainer)
  buildah run --user 1000:1000 --volume "$work/clone:/clone:rw" "$container" -- python /clone/examples/lora/prepare.py
  buildah rm "$container" > /dev/null
  example lora
  [ ! -e "$work/cache/python" ] || { echo 'packages were installed'; exit 1; }
fi

say 'runner image, added to an image without Node'
buildah bud --quiet --layers "${arguments[@]}" -f docker/runner/Dockerfile --ignorefile docker/runner/Dockerfile.dockerignore -t localhost/sweepstack-runner . > /dev/null
cat > "$work/Dockerfile" <<LINES
FROM $BASE_IMAGE
$(sed -n 's/^#   \(\(COPY --from\|RUN\|ENV\|USER\|WORKDIR\|ENTRYPOINT\).*\)/\1/p' docker/runner/Dockerfile | sed 's/--from=sweepstack-runner/--from=localhost\/sweepstack-runner/')
LINES
buildah bud --quiet --layers -f "$work/Dockerfile" -t sweepstack-own "$work" > /dev/null
cat > "$work/own.json" <<'SPEC'
{ "name": "own", "search": { "space": { "x": [3] } }, "objective": { "metric": "score" },
  "training": { "command": ["sh", "-c", "echo \"{\\\"score\\\": $X}\" >> \"$METRICS_FILE\""] } }
SPEC
rm -rf "$work/store"
node tools/node24.mjs tools/plan-one-trial.ts file:///store "$work/store" "$work/own.json" > "$work/variables"
chown -R 1000:1000 "$work/store"
say 'a trial of a shell program in it'
trial sweepstack-own /opt/sweepstack/run
say 'done'
