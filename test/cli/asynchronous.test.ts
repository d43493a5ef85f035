import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Place, trialsOf } from '../support/sweep-command.ts';

let place: Place;
let other: Place;
beforeEach(() => {
  place = new Place();
  other = new Place();
});
afterEach(() => {
  place.remove();
  other.remove();
});

/** Counts to EPOCHS from its checkpoint, worth what x says; with HOLD the sixth that begins hangs until it is stopped. */
const COUNTING = `n=$(cat "$CHECKPOINT_DIR/epoch" 2>/dev/null || echo 0)
echo "$TRIAL_ID from $n to $EPOCHS" >> "$OUT/runs"
while [ $n -lt $EPOCHS ]; do
  n=$((n + 1))
  echo "{\\"epoch\\": $n, \\"score\\": $((X * 100 + n))}" >> "$METRICS_FILE"
  echo $n > "$CHECKPOINT_DIR/epoch"
done
if [ -n "$HOLD" ] && [ "$(wc -l < "$OUT/runs")" -eq 6 ]; then
  touch "$OUT/held"
  while true; do sleep 0.05; done
fi
echo "$X" > "$MODEL_DIR/x.txt"
`;

const SPEC = `name: free
sweepId: free
search: { strategy: halving, asynchronous: true, trials: 9, space: { x: { min: 1, max: 1000, type: integer } } }
objective: { metric: score, goal: maximize }
training: { command: [sh, train.sh], source: ., epochs: 9 }
compute: { maxParallel: 1 }
`;

const files = { 'sweep.yaml': SPEC, 'train.sh': COUNTING };

test('an asynchronous search is stopped, gone on with, and ends as one that nobody stopped, byte for byte', async () => {
  const calm = await other.write(files).run();
  const running = place.write(files).start(['run', 'sweep.yaml', '--json'], { environment: { HOLD: '1' } });
  await place.appears('held', running);
  running.child.kill('SIGINT');
  expect((await running.ended).status).toBe(130);

  const stopped = await place.sweep(['status', '--json']);
  expect(JSON.parse(stopped.stdout)).toMatchObject({ status: 'stopped', trials: { planned: 9 } });

  const summary = await place.run();
  expect(summary).toMatchObject({ status: 'succeeded', trials: { planned: 9, failed: 0 } });
  expect(readFileSync(summary.leaderboard, 'utf8')).toBe(readFileSync(calm.leaderboard, 'utf8'));
  // No trial begins anew what it has a checkpoint of.
  const starts = place.lines('runs').map((line) => line.replace(/ to .*/, ''));
  const fromNothing = starts.filter((line) => line.endsWith(' from 0'));
  expect(new Set(fromNothing).size).toBe(9);
  expect(fromNothing.length).toBeLessThanOrEqual(10);
  expect(new Set(trialsOf(summary).map(({ epochs }) => epochs))).toEqual(new Set([9, 3, 1]));

  const verified = await place.sweep(['verify', '--json']);
  expect(verified.status, verified.stderr).toBe(0);
  expect(JSON.parse(verified.stdout)).toMatchObject({ proposals: 9, byOtherRules: 0, disagreements: [] });
  // A result that is another one now would have led to other promotions.
  const folder = join(place.project, '.sweepstack/store/sweeps/free/results');
  const [winner] = trialsOf(summary);
  const file = join(folder, `${winner!.id}.1.json`);
  const before = readFileSync(file, 'utf8');
  writeFileSync(file, before.replace(/"value":[0-9]+/, '"value":0'));
  const changed = await place.sweep(['verify']);
  expect(changed.status).toBe(1);
  expect(changed.stdout).toContain(`trial ${winner!.trial} to 3 epochs: recorded`);
  writeFileSync(file, before);

  const again = await place.run();
  expect(again.trials).toEqual({ planned: 9, trained: 0, reused: 9, failed: 0 });
  const status = await place.sweep(['status', '--json']);
  expect(JSON.parse(status.stdout)).toMatchObject({ status: 'succeeded', trials: { planned: 9, finished: 9 } });
});

/** The first two starts hang in their first epoch, until they are stopped; of the next two, one is killed beside the other. */
const IN_LANES = `start=1
until mkdir "$OUT/start-$start" 2>/dev/null; do start=$((start + 1)); done
case $start in
1 | 2)
  echo 0 > "$CHECKPOINT_DIR/epoch"
  touch "$OUT/hangs-$start"
  while true; do sleep 0.05; done ;;
3) until [ -e "$OUT/start-4" ]; do sleep 0.05; done ;;
4) until [ -e "$OUT/start-3" ]; do sleep 0.05; done; kill -9 $$ ;;
esac
${COUNTING}`;

test('lanes of an asynchronous search are paused at once, gone on with, and kill no trial of each other', async () => {
  const spec = SPEC.replace('maxParallel: 1', 'maxParallel: 2, trialsPerGpu: 2');
  const running = place.write({ 'sweep.yaml': spec, 'train.sh': IN_LANES }).start(['run', 'sweep.yaml']);
  for (const name of ['hangs-1', 'hangs-2']) await place.appears(name, running);
  expect((await place.sweep(['pause', 'free', '--now'])).status).toBe(0);
  expect((await running.ended).stderr).toContain('sweep resume free');

  const resumed = await place.sweep(['resume', 'free', '--json']);
  expect(resumed.stderr).toMatch(/failed beside other trials \(out-of-memory: .*\) and runs again alone/);
  expect(JSON.parse(resumed.stdout)).toMatchObject({ status: 'succeeded', trials: { planned: 9, failed: 0 } });
  const verified = await place.sweep(['verify', '--json']);
  expect(verified.status, verified.stderr).toBe(0);
  expect(JSON.parse(verified.stdout)).toMatchObject({ proposals: 9, byOtherRules: 0, disagreements: [], missing: [] });

  // Another way to search is another sweep.
  place.write({ 'sweep.yaml': SPEC.replace('asynchronous: true, ', '') });
  const refused = await place.sweep(['run', 'sweep.yaml']);
  expect(refused.status).toBe(2);
  expect(refused.stderr).toContain('search.asynchronous: received nothing, but the sweep free was started with true');
});
