import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Place, trialsOf } from '../support/sweep-command.ts';

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

/** Accuracy is best at the second epoch and for x=3; loss falls with each epoch and is least for x=1. */
const PROGRAM = `echo run >> "$OUT/runs"
for epoch in 1 2 3; do
  echo "{\\"epoch\\": $epoch, \\"accuracy\\": $((X * 10 - (epoch - 2) * (epoch - 2))), \\"loss\\": $((X * 10 - epoch))}" >> "$METRICS_FILE"
done
echo "$X" > "$MODEL_DIR/x"
`;

const spec = (objective: string, keep = '') => `name: changed
sweepId: changed-1
search: { space: { x: [1, 2, 3] } }
objective: ${objective}
training: { command: [sh, train.sh], source: ., epochs: 3 }
${keep}`;

const under = (objective: string, keep?: string) =>
  place.write({ 'sweep.yaml': spec(objective, keep), 'train.sh': PROGRAM }).run();

describe('another objective under the same id', () => {
  test('ranks the same trials anew and trains none', async () => {
    await under('{ metric: accuracy }');
    const { trials, best } = await under('{ metric: loss, goal: minimize }');
    expect(trials).toEqual({ planned: 3, trained: 0, reused: 3, failed: 0 });
    expect(best).toMatchObject({ parameters: { x: 1 }, metric: 'loss', value: 7, epoch: 3 });
    // A limit too: of the trials within it the best, by the values of that epoch.
    const limited = await under('[{ metric: accuracy }, { metric: loss, goal: minimize, limit: 20 }]');
    expect(limited.trials).toEqual({ planned: 3, trained: 0, reused: 3, failed: 0 });
    expect(limited.best).toMatchObject({ parameters: { x: 2 }, value: 20, epoch: 2 });
    expect(trialsOf(limited)).toMatchObject([
      { rank: 1, others: { loss: 18 } },
      { rank: 2, others: { loss: 8 } },
      { rank: null, parameters: { x: 3 }, others: { loss: 28 }, beyond: ['loss'] },
    ]);
    expect(place.lines('runs')).toHaveLength(3);
  });

  test('is what the learning curves are of', async () => {
    await under('{ metric: accuracy }');
    await under('{ metric: loss, goal: minimize }');
    const file = join(place.project, '.sweepstack/store/sweeps/changed-1/rounds/0/curves-0.json');
    const { curves } = JSON.parse(readFileSync(file, 'utf8')) as { curves: { trial: number; curve: unknown }[] };
    expect(curves.find(({ trial }) => trial === 0)?.curve).toEqual([
      [1, 9],
      [2, 8],
      [3, 7],
    ]);
  });

  test('is what the live view and the status judge by', async () => {
    await under('{ metric: accuracy }');
    place.write({ 'sweep.yaml': spec('{ metric: loss, goal: minimize }') });
    const { stderr } = await place.sweep(['run', 'sweep.yaml', '--json']);
    expect(stderr).toMatch(/best loss 7 by trial 0: x=1/);
    expect(stderr).not.toMatch(/best \w+ [^7]/);
    expect((await place.sweep(['status'])).stdout).toMatch(/best +loss 7 {2}trial 0 {2}epoch 3/);
  });

  test('says when the model is of another epoch than the best one', async () => {
    await under('{ metric: accuracy }');
    const { best } = await under('{ metric: loss, goal: minimize }');
    expect(best).toMatchObject({
      modelNote:
        'the model is from epoch 2, the best by the objective it was trained with; by loss, epoch 3 is the best',
    });
    expect(best?.model).not.toBeNull();
  });

  test('says when the model of the new best trial was dropped', async () => {
    await under('{ metric: accuracy }', 'keep: { models: 1 }');
    const { best } = await under('{ metric: loss, goal: minimize }', 'keep: { models: 1 }');
    expect(best).toMatchObject({ model: null, modelNote: expect.stringMatching(/was dropped by keep\.models/) });
  });

  test('put back gives the ranking and the words of before', async () => {
    const before = await under('{ metric: accuracy }');
    await under('{ metric: loss, goal: minimize }');
    const after = await under('{ metric: accuracy }');
    expect(after.best).toEqual(before.best);
  });

  test('mends one that no trial reported', async () => {
    place.write({ 'sweep.yaml': spec('{ metric: acuracy, goal: maximize }'), 'train.sh': PROGRAM });
    expect((await place.run([], {}, 1)).error).toMatch(/did you mean accuracy/);
    const { trials, best } = await under('{ metric: accuracy }');
    expect(trials).toEqual({ planned: 3, trained: 0, reused: 3, failed: 0 });
    expect(best).toMatchObject({ parameters: { x: 3 }, value: 30 });
  });

  test('fails trials that did not report its metric, and does not rank them', async () => {
    await under('{ metric: accuracy }');
    place.write({ 'sweep.yaml': spec('{ metric: speed, goal: maximize }') });
    const summary = await place.run([], {}, 1);
    expect(trialsOf(summary).map(({ failureClass }) => failureClass)).toEqual(['no-metric', 'no-metric', 'no-metric']);
    expect(place.lines('runs')).toHaveLength(3);
  });

  test('is refused with a pattern, which kept nothing but what it matched', async () => {
    place.write({
      'sweep.yaml': spec("{ metric: a, goal: maximize, pattern: 'a=([0-9]+)' }"),
      'train.sh': 'echo a=$X; echo b=$X\n',
    });
    await place.run();
    place.write({ 'sweep.yaml': spec("{ metric: b, goal: maximize, pattern: 'b=([0-9]+)' }") });
    const { status, stderr } = await place.sweep(['run', 'sweep.yaml']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/objective/);
  });
});
