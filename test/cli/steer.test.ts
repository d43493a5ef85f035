import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ended, Place, type Running, type Summary } from '../support/sweep-command.ts';

/** Trials that hang until the file `go` is there, except the first two. Two run at a time. */
const PROGRAM = `echo "$TRIAL_ID" >> "$OUT/begun"
if [ -n "$HOLD" ] && [ "$(wc -l < "$OUT/begun")" -gt 2 ]; then
  touch "$OUT/hung-$TRIAL_ID"
  [ "$(ls "$OUT" | grep -c hung-)" -lt 2 ] || touch "$OUT/held"
  while [ ! -e "$OUT/go" ]; do sleep 0.05; done
fi
for epoch in $(seq "$EPOCHS"); do echo "{\\"score\\": $((X * epoch))}" >> "$METRICS_FILE"; done
`;

const spec = (trials: number) => `name: steer
sweepId: steer-1
search: { strategy: sobol, trials: ${trials}, space: { x: { min: 1, max: 100000, type: integer } } }
objective: { metric: score, goal: maximize }
training: { command: [sh, train.sh], source: ., epochs: 2 }
compute: { maxParallel: 2 }
`;

const written = (trials: number) => new Place().write({ 'sweep.yaml': spec(trials), 'train.sh': PROGRAM });

describe('a sweep on this machine', () => {
  const place = written(6);
  const undisturbed = written(7);
  let running: Running;
  let hung: number[];
  let ended: Ended;
  beforeAll(async () => {
    running = place.start(['run', 'sweep.yaml', '--json'], { environment: { HOLD: '1' } });
    await place.appears('held', running);
  }, 60_000);
  afterAll(() => {
    place.remove();
    undisturbed.remove();
  });

  test('is paused once the running trials have ended, and until then says so and is not resumed', async () => {
    // The status follows a moment later.
    const state = async () => JSON.parse((await place.sweep(['status', 'steer-1', '--json'])).stdout);
    const seen = async () => {
      const { trials, running: shown } = await state();
      hung = shown.map(({ trial }: { trial: number }) => trial);
      return [trials.finished, hung.length];
    };
    await expect.poll(seen, { timeout: 30_000 }).toEqual([2, 2]);
    const asked = await place.sweep(['pause', 'steer-1']);
    expect(asked).toMatchObject({ status: 0, stdout: expect.stringContaining('no more trials start') });
    expect((await place.sweep(['status', 'steer-1'])).stdout).toContain('asked for: paused once the running trials');
    const refused = await place.sweep(['resume', 'steer-1']);
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('still pausing') });
  });

  test('ends a trial that is skipped, and only that', async () => {
    expect(await place.sweep(['skip', 'steer-1', String(hung[0])])).toMatchObject({ status: 0 });
    // It is the one of the two that ends although nobody lets it.
    const state = async () => JSON.parse((await place.sweep(['status', 'steer-1', '--json'])).stdout);
    await expect.poll(async () => (await state()).trials.finished, { timeout: 30_000 }).toBe(3);
    expect((await state()).running.map(({ trial }: { trial: number }) => trial)).toEqual([hung[1]]);
    place.release('go');
    ended = await running.ended;
  });

  test('then ends as paused, and lists what was trained', async () => {
    expect(ended).toMatchObject({ status: 130, stderr: expect.stringContaining('sweep resume steer-1') });
    expect(JSON.parse(ended.stdout)).toMatchObject({
      status: 'paused',
      trials: { planned: 4, failed: 0, skipped: 1 },
      best: { metric: 'score' },
    });
    const shown = (await place.sweep(['status', 'steer-1'])).stdout;
    expect(shown).toContain('sweep resume steer-1 continues it.');
    expect((await place.sweep(['list'])).stdout).toMatch(/steer-1 +paused .* 4\/6/);
    expect((await place.sweep(['report', 'steer-1'])).stdout).toMatch(/skipped/);
  });

  test('goes on with more trials and the one that was skipped, to the leaderboard of one that nobody touched', async () => {
    expect((await place.sweep(['set', 'steer-1', '--trials', '7'])).stdout).toContain(
      '7 trials, instead of 6 in the spec',
    );
    expect(await place.sweep(['skip', 'steer-1', String(hung[0]), '--undo'])).toMatchObject({ status: 0 });
    const resumed = await place.sweep(['resume', 'steer-1', '--json']);
    const summary = JSON.parse(resumed.stdout) as Summary;
    expect([resumed.status, summary.trials]).toEqual([0, { planned: 7, trained: 4, reused: 3, failed: 0 }]);
    const whole = await undisturbed.run();
    expect(readFileSync(summary.leaderboard, 'utf8')).toBe(readFileSync(whole.leaderboard, 'utf8'));
  });

  test.each([
    ['pause', ['steer-1'], /is not running \(succeeded\), so there is nothing to pause/],
    ['skip', ['steer-1', '0'], /trial 0 has ended \(score \d+\)/],
  ])('refuses to %s %j where that means nothing', async (command, rest, words) => {
    const { status, stderr } = await place.sweep([command, ...rest]);
    expect([status, stderr]).toEqual([2, expect.stringMatching(words)]);
  });
});
