import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Place, trialsOf } from '../support/sweep-command.ts';

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

/** Counts to EPOCHS from its checkpoint; what it is worth is decided by x alone. */
const COUNTING = `n=$(cat "$CHECKPOINT_DIR/epoch" 2>/dev/null || echo 0)
echo "$TRIAL_ID from $n to $EPOCHS of $MAX_EPOCHS seed $SEED" >> "$OUT/runs"
while [ $n -lt $EPOCHS ]; do
  n=$((n + 1))
  echo "{\\"epoch\\": $n, \\"score\\": $((X * 100 + n))}" >> "$METRICS_FILE"
  echo $n > "$CHECKPOINT_DIR/epoch"
done
`;

const halving = `name: rungs
search: { strategy: halving, trials: 4, space: { x: [1, 2, 3, 4] }, halving: { reduction: 2 }, confirm: { top: 1, seeds: 2 } }
objective: { metric: score }
training: { command: [sh, train.sh], source: ., epochs: 4, seed: 7 }
`;

describe('halving', () => {
  test('continues the best from their checkpoints, and confirms the winner from zero with new seeds', async () => {
    const { trials, best } = await place.write({ 'sweep.yaml': halving, 'train.sh': COUNTING }).run();
    expect(trials).toEqual({ planned: 6, trained: 6, reused: 0, failed: 0 });
    expect(best).toMatchObject({ parameters: { x: 4 }, value: 404, confirmed: { spread: 0, seeds: 2 } });
    const runs = place.lines('runs').map((line) => line.replace(/^\S+ /, ''));
    expect(runs.toSorted()).toEqual([
      ...Array(4).fill('from 0 to 1 of 4 seed 7'),
      'from 0 to 4 of 4 seed 8',
      'from 0 to 4 of 4 seed 9',
      ...Array(2).fill('from 1 to 2 of 4 seed 7'),
      'from 2 to 4 of 4 seed 7',
    ]);
  });

  test('stopped in the middle goes on with what is missing, to the same leaderboard', async () => {
    const calm = await place.write({ 'sweep.yaml': halving, 'train.sh': COUNTING }).run();
    const whole = trialsOf(calm);
    const other = new Place();
    try {
      // The second rung of the first run waits until it is killed: any of it, however late it begins.
      const waits = `if [ "$EPOCHS" = 2 ] && [ -n "$WAITS" ]; then touch "$OUT/waits"; sleep 60; fi\n${COUNTING}`;
      const running = other
        .write({ 'sweep.yaml': halving, 'train.sh': waits })
        .start(['run', 'sweep.yaml', '--json'], { detached: true, environment: { WAITS: '1' } });
      await other.appears('waits', running);
      process.kill(-running.child.pid!, 'SIGKILL');
      await running.ended;
      const resumed = await other.run();
      // Two went on from where they were, and two confirmed; the two that were out had been trained before.
      expect(resumed.trials).toEqual({ planned: 6, trained: 4, reused: 2, failed: 0 });
      const withoutIds = (trials: ReturnType<typeof trialsOf>) => trials.map(({ id: _, ...trial }) => trial);
      expect(withoutIds(trialsOf(resumed))).toEqual(withoutIds(whole));
      // Nothing was trained twice: four first rungs, two second (each begun twice), one last, two that confirm.
      expect(other.lines('runs')).toHaveLength(9);
    } finally {
      other.remove();
    }
  });
});

test('halving interrupted in a rung counts each trial once', async () => {
  const waits = `if [ "$EPOCHS" = 2 ]; then touch "$OUT/waits"; sleep 60; fi\n${COUNTING}`;
  place.write({ 'sweep.yaml': halving, 'train.sh': waits });
  const running = place.start(['run', 'sweep.yaml', '--json']);
  await place.appears('waits', running);
  running.child.kill('SIGINT');
  const { status, stdout } = await running.ended;
  expect(status).toBe(130);
  expect(JSON.parse(stdout).trials).toEqual({ planned: 6, trained: 4, reused: 0, failed: 0 });
});

describe('training.stop', () => {
  const spec = `name: patient
search: { space: { x: [1, 2] } }
objective: { metric: score }
training: { command: [sh, train.sh], source: ., epochs: 1000, stop: { patience: 3 } }
`;
  /** x=1 stays where it is and would go on for ever; x=2 ends by itself. */
  const program = `echo '{"epoch": 1, "score": 5}' >> "$METRICS_FILE"
if [ $X = 2 ]; then echo '{"epoch": 2, "score": 6}' >> "$METRICS_FILE"; exit 0; fi
trap 'echo told >> "$OUT/told"; exit 75' TERM
n=1
while :; do n=$((n + 1)); echo "{\\"epoch\\": $n, \\"score\\": 4}" >> "$METRICS_FILE"; sleep 0.2; done
`;

  test('ends a trial gently, counts it as succeeded and marks it', async () => {
    const summary = await place.write({ 'sweep.yaml': spec, 'train.sh': program }).run();
    expect(summary.trials).toMatchObject({ planned: 2, failed: 0 });
    expect(trialsOf(summary)).toMatchObject([
      { parameters: { x: 2 }, value: 6 },
      { parameters: { x: 1 }, value: 5, epoch: 1, stopped: 'patience' },
    ]);
    expect(place.lines('told')).toEqual(['told']);
  });
});

describe('propose', () => {
  const spec = `name: asked
search: { strategy: bayesian, trials: 8, space: { x: { min: 0, max: 1 } } }
training: { command: ['true'], epochs: 5 }
`;

  const ask = async (history: string, count: number) => {
    place.write({ 'sweep.yaml': spec, 'history.jsonl': history });
    const { status, stdout, stderr } = await place.sweep([
      ...['propose', 'sweep.yaml', '--history', 'history.jsonl', '--count', String(count), '--json'],
    ]);
    return { status, stderr, answer: JSON.parse(stdout) };
  };

  test('answers with the next trials, and learns from what it is told', async () => {
    const observations = Array.from({ length: 12 }, (_, k) => ({
      parameters: { x: k / 12 },
      value: -Math.abs(k / 12 - 0.6),
      epochs: 5,
    }));
    const { status, answer } = await ask(observations.map((line) => JSON.stringify(line)).join('\n'), 4);
    expect(status).toBe(0);
    expect(answer).toHaveLength(4);
    expect(answer.every(({ epochs }: { epochs: number }) => epochs === 5)).toBe(true);
    const near = answer.filter(({ parameters }: { parameters: { x: number } }) => Math.abs(parameters.x - 0.6) < 0.15);
    expect(near.length).toBeGreaterThanOrEqual(3);
  });

  test('refuses a bad line by its number', async () => {
    const { status, stderr } = await ask(
      '{"parameters": {"x": 0.5}, "value": 1}\n{"parameters": {"x": 5}, "value": 1}\n{',
      1,
    );
    expect(status).toBe(2);
    expect(stderr).toMatch(/history line 2: parameters.*received 5; allowed: 0 to 1/s);
    expect(stderr).toContain('history line 3');
  });
});

test('compare shows two sweeps side by side, and what changed', async () => {
  const spec = (name: string, epochs: number) => `name: ${name}
search: { space: { x: [1, 2, 3] } }
objective: { metric: score }
training: { command: [sh, train.sh], source: ., epochs: ${epochs} }
`;
  const first = await place.write({ 'sweep.yaml': spec('short', 1), 'train.sh': COUNTING }).run();
  const second = await place.write({ 'sweep.yaml': spec('long', 2) }).run();
  const ids = [first.sweepId, second.sweepId];
  const { stdout, stderr } = await place.sweep(['compare', ...ids, '--json']);
  const { target, sweeps, changed } = JSON.parse(stdout);
  expect(target, stderr).toBe(301);
  expect(sweeps.map(({ best }: { best: { value: number } }) => best.value)).toEqual([301, 302]);
  expect(changed.map(({ field }: { field: string }) => field)).toEqual(['name', 'training.epochs']);
  const text = await place.sweep(['compare', ...ids]);
  expect(text.stdout).toMatch(/trials to 301 +3 +3/);
  const page = await place.sweep(['compare', ...ids, '--html', 'both.html']);
  expect(page.stdout.trim(), page.stderr).toMatch(/both\.html$/);
  const html = readFileSync(page.stdout.trim(), 'utf8');
  for (const id of ids) expect(html).toContain(`"sweepId":"${id}"`);
});
