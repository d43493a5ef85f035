import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SpecInput } from '../../core/spec/spec.ts';
import { readSpecFile } from '../../inputs/spec-file.ts';

// Training programs and specs that every engine runs: the shell is on each machine, and starts at once.

export const SCORE = 'echo "{\\"score\\": $X}" >> "$METRICS_FILE"; echo "$X" > "$MODEL_DIR/x"';

/** Counts to EPOCHS, an epoch a line; `then` is done where $n is the epoch reached and $from the one it began at. */
const COUNTING = (then: string) => `
from=$(cat "$CHECKPOINT_DIR/epoch" 2>/dev/null || echo 0); n=$from
while [ $n -lt $EPOCHS ]; do
  n=$((n + 1))
  echo "{\\"epoch\\": $n, \\"score\\": $((X * 10 + n)), \\"from\\": $from}" >> "$METRICS_FILE"
  echo $n > "$CHECKPOINT_DIR/epoch"
  ${then}
done
echo "$X" > "$MODEL_DIR/x"`;

type Sweep = SpecInput & { readonly sweepId: string };
type More = Partial<Omit<SpecInput, 'name' | 'sweepId'>>;

function sweep(name: string, program: string, more: More = {}): Sweep {
  const { training, search, ...rest } = more;
  return {
    name,
    sweepId: `${name}-1`,
    search: search ?? { space: { x: [1, 2, 3, 4, 5, 6] } },
    objective: { metric: 'score' },
    compute: { profile: 'cpu' },
    ...rest,
    training: { command: ['sh', '-c', program], epochs: 1, ...training },
  };
}

export const grid = sweep('grid', SCORE);

/** Two trials of a child train at once. */
export const rounds = sweep('rounds', SCORE, {
  search: { strategy: 'random', trials: 7, rounds: 3, space: { x: { min: 0, max: 1 }, kind: ['a', 'b'] } },
  compute: { profile: 'cpu', trialsPerGpu: 2 },
});

/** Goes on from its checkpoint, rung by rung; the best is trained again with two new seeds. */
export const halving = sweep('halving', COUNTING(':'), {
  search: {
    strategy: 'halving',
    trials: 6,
    space: { x: [1, 2, 3, 4, 5, 6] },
    halving: { reduction: 2 },
    confirm: { top: 1, seeds: 2 },
  },
  training: { epochs: 4 },
});

export const learning = sweep('learning', SCORE, {
  search: { strategy: 'bayesian', trials: 12, rounds: 3, space: { x: { min: 0, max: 1 }, kind: ['a', 'b'] } },
  compute: { profile: 'cpu', trialsPerJob: 3 },
});

export const single = sweep('single', SCORE, { search: { space: { x: [5] } } });

const FAILING = `case $X in
2) echo 'no such file: images' >&2; exit 3 ;;
5) echo 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB' >&2; exit 1 ;;
esac
${SCORE}`;
export const tolerated = sweep('tolerated', FAILING, { tolerance: { failedTrials: '34%' } });
export const intolerable = sweep('intolerable', FAILING, { tolerance: { failedTrials: 1 } });

/** Says once that it was interrupted, after two epochs and a checkpoint; one child trains it after another trial. */
export const interrupted = sweep(
  'interrupted',
  COUNTING('if [ $n = 2 ] && [ $from = 0 ] && [ $X = 2 ]; then exit 75; fi'),
  { search: { space: { x: [1, 2, 3] } }, training: { epochs: 3 }, compute: { profile: 'cpu', trialsPerJob: 2 } },
);

/** Started again and again, grown, and judged otherwise: see its test. */
export const lasting = sweep('lasting', SCORE, {
  search: { strategy: 'sobol', trials: 4, rounds: 2, space: { x: { min: 1, max: 99, type: 'integer' } } },
  keep: { models: 1 },
});

/** The same where a second costs hundreds of dollars: any training ends a small budget. */
export const lastingUnder = (dollars: number): Sweep => ({
  ...lasting,
  compute: { ...lasting.compute, dollarsPerHour: 1_000_000 },
  budget: { dollars },
});

/** The second epoch is the best; it is interrupted after the third, and remembers its best value. */
export const overfitted = sweep(
  'overfitted',
  `
read n best < "$CHECKPOINT_DIR/state" 2>/dev/null || { n=0; best=0; }
from=$n
while [ $n -lt $EPOCHS ]; do
  n=$((n + 1))
  case $n in 2) score=9 ;; *) score=$n ;; esac
  echo "{\\"epoch\\": $n, \\"score\\": $score}" >> "$METRICS_FILE"
  if [ $score -gt $best ]; then best=$score; echo "epoch $n" > "$MODEL_DIR/x"; fi
  echo "$n $best" > "$CHECKPOINT_DIR/state"
  if [ $n = 3 ] && [ $from = 0 ]; then exit 75; fi
done`,
  { search: { space: { x: [1] } }, training: { epochs: 5 } },
);

/** Trials above 2 wait in the middle of their first attempt, long enough to be interrupted there. */
export const held = sweep('held', COUNTING('if [ $n = 1 ] && [ $from = 0 ] && [ $X -gt 2 ]; then sleep 60; fi'), {
  search: { space: { x: [1, 2, 3, 4] } },
  training: { epochs: 2 },
});

/**
 * Four trials in the lanes of one child, two in those of another. On AWS all but the last wait at their second epoch until the
 * gate is open, and say then where they are. A second attempt does not wait.
 */
export const storm = (gate: string): Sweep =>
  sweep(
    'storm',
    COUNTING(
      `if [ -n "$S3_OUTPUT_PATH" ] && [ $n = 2 ] && [ $from = 0 ] && [ $X -lt 6 ]; then
until [ -e ${gate} ]; do sleep 0.1; done; echo in the middle; sleep 60; fi`,
    ),
    {
      search: { space: { x: [1, 2, 3, 4, 5, 6] } },
      training: { epochs: 3 },
      compute: { profile: 'cpu', trialsPerGpu: 4 },
    },
  );

/**
 * Without rounds, by one child. On AWS the best trial waits at its second epoch until it is stopped, and another says there
 * that it is in the middle, for its host to go. With one child there is one order, so it ends alike everywhere.
 */
export const free = sweep(
  'free',
  COUNTING(
    `if [ -n "$S3_OUTPUT_PATH" ] && [ $n = 2 ] && [ $from = 1 ]; then case $X in
6) sleep 60 ;;
5) sleep 5; echo in the middle; sleep 20 ;;
esac; fi`,
  ),
  {
    search: {
      strategy: 'halving',
      asynchronous: true,
      trials: 6,
      space: { x: [1, 2, 3, 4, 5, 6] },
      halving: { reduction: 2, proposals: 'bayesian' },
    },
    training: { epochs: 4 },
    compute: { profile: 'cpu', maxParallel: 1 },
  },
);

export const NOTE = 'a=b\nä 😀 "quoted" $HOME `id`\\n';
export const environment = sweep(
  'environment',
  'echo "{\\"score\\": $(printf %s "$NOTE" | wc -c)}" >> "$METRICS_FILE"',
  { search: { space: { x: [1] } }, training: { environment: { NOTE } } },
);

/**
 * Reads its data from S3 and uploads its model and metrics itself, with the credentials of its container. The first trial
 * fails after that; the second joins names without a slash.
 */
const UPLOADING = `
import json, os, sys
from urllib.parse import urlparse
import boto3
s3, x = boto3.client("s3"), int(os.environ["X"])
data, output = os.environ["S3_DATA_PATH"], os.environ["S3_OUTPUT_PATH"]
bonus = s3.get_object(Bucket=urlparse(data).netloc, Key=urlparse(data).path.strip("/") + "/bonus.txt")["Body"].read()
files = {"x": str(x), "metrics.json": json.dumps({"score": x + int(bonus), "job": os.environ["AWS_BATCH_JOB_ID"]}, indent=2)}
for name, text in files.items():
    address = urlparse(output + ("" if x == 2 else "/") + name)
    s3.put_object(Bucket=address.netloc, Key=address.path.lstrip("/"), Body=text.encode())
sys.exit(3 if x == 1 else 0)
`;
export const uploading = (data: string) =>
  sweep('uploading', ':', {
    search: { space: { x: [1, 2, 3] } },
    training: { command: ['python3', '-c', UPLOADING], data, epochs: 4 },
    tolerance: { failedTrials: 1 },
  });

/** A program of test/conformance, as an argument instead of a source: neither engine has one to fetch here. */
function foreign(name: string, args: readonly string[]): Sweep {
  const folder = join(import.meta.dirname, '../conformance/programs', name);
  const { training, ...spec } = readSpecFile(join(folder, 'sweep.yaml')) as SpecInput;
  const { source: _, ...rest } = training!;
  const program = readFileSync(join(folder, 'train.py'), 'utf8').replaceAll(/\{(\w+)\}/g, '{{$1}}');
  const command = ['python3', '-c', program, ...args];
  return { ...spec, sweepId: `${name}-1`, compute: { profile: 'cpu' }, training: { ...rest, command } };
}

export const hydra = foreign('hydra', ['trainer.max_epochs={EPOCHS}', '{args_no_hyphens}']);
export const nanogpt = foreign('nanogpt', ['--max_iters={EPOCHS}', '{args_python}']);
export const xgboost = foreign('xgboost', ['--config', '{args_json_file}']);

export const mistaken = sweep('mistaken', SCORE, { search: { space: { x: { min: 3, max: 1 } } } });
