import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { Place } from '../support/sweep-command.ts';

const places: Place[] = [];
afterEach(() => {
  for (const place of places.splice(0)) place.remove();
});

const spec = (trials: number, budget = '') => `name: capped
sweepId: capped-1
search: { strategy: sobol, trials: ${trials}, space: { x: { min: 1, max: 100000, type: integer } } }
objective: { metric: score, goal: maximize }
training: { command: [sh, -c, 'echo "$TRIAL_ID" >> "$OUT/begun"; echo "{\\"score\\": $X}" >> "$METRICS_FILE"'], epochs: 1 }
${budget}
`;

function written(text: string): Place {
  const place = new Place().write({ 'sweep.yaml': text });
  places.push(place);
  return place;
}

test('a sweep whose deadline has passed has its best so far, says so, and continues without it', async () => {
  const place = written(spec(1));
  await place.run();
  place.write({ 'sweep.yaml': spec(4, 'budget: { deadline: 2026-01-01T08:00+01:00 }') });
  expect(await place.run()).toMatchObject({
    ...{ status: 'succeeded', trials: { planned: 1, trained: 0 }, best: { metric: 'score' } },
    stopped: 'budget.deadline, 2026-01-01T08:00+01:00, has passed',
  });
  const { stdout } = await place.sweep(['status', 'capped-1']);
  expect(stdout).toMatch(/capped-1 +succeeded/);
  expect(stdout).toContain('with a larger budget to continue it');
  const refused = await place.sweep(['resume', 'capped-1']);
  expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('ended it (budget.deadline') });
  place.write({ 'sweep.yaml': spec(4) });
  const whole = await place.run();
  expect(whole).toMatchObject({ trials: { planned: 4, trained: 3, reused: 1 } });
  expect(new Set(place.lines('begun')).size).toBe(4);
  const undisturbed = await written(spec(4)).run();
  expect(readFileSync(whole.leaderboard, 'utf8')).toBe(readFileSync(undisturbed.leaderboard, 'utf8'));
});
