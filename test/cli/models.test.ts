import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Place, type Summary, trialsOf } from '../support/sweep-command.ts';

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

const read = (...path: string[]) => readFileSync(join(...path), 'utf8');
const store = (...path: string[]) => join(place.project, '.sweepstack/store', ...path);

describe('the models of a sweep of two rounds', () => {
  const spec = ({ rounds = 2, goal = 'maximize' } = {}) => `name: kept
sweepId: kept-1
search: { space: { x: [1, 2, 3, 4] }, rounds: ${rounds} }
objective: { metric: score, goal: ${goal} }
training: { command: [sh, train.sh], source: . }
keep: { models: 1 }
compute: { maxParallel: 1 }
`;
  const PROGRAM = `if [ "$X" = "$HOLD" ]; then touch "$OUT/held"; while [ ! -e "$OUT/go" ]; do sleep 0.05; done; fi
echo "{\\"score\\": $X}" >> "$METRICS_FILE"
echo "$X" > "$MODEL_DIR/x"
`;
  const under = (change: Parameters<typeof spec>[0] = {}) =>
    place.write({ 'sweep.yaml': spec(change), 'train.sh': PROGRAM }).run();

  /** The x whose model a person finds in best/, in the place that the output names, and as the champion. */
  function found({ best }: Pick<Summary, 'best'>) {
    const champion = JSON.parse(read(store('models/kept/champion.json'))) as { model: string };
    return {
      best: best?.model === null || best === null ? null : read(best.model, 'x').trim(),
      champion: read(store(champion.model), 'x').trim(),
    };
  }

  test('are there after each of three runs, and the same', async () => {
    const first = await under();
    for (const summary of [first, await place.run(), await place.run()]) {
      expect(found(summary)).toEqual({ best: '4', champion: '4' });
      expect(summary.best).toEqual(first.best);
      expect(read(summary.leaderboard)).toBe(read(first.leaderboard));
    }
  });

  test('are there when a run goes on that was stopped in the second round', async () => {
    place.write({ 'sweep.yaml': spec(), 'train.sh': PROGRAM });
    const running = place.start(['run', 'sweep.yaml', '--json'], { environment: { HOLD: '4' } });
    await place.appears('held', running);
    running.child.kill('SIGINT');
    expect((await running.ended).status).toBe(130);
    expect(found(await place.run())).toEqual({ best: '4', champion: '4' });
  });

  test('survive other rounds, another objective and back, and the champion outlives the sweep', async () => {
    const first = await under();
    expect(found(await under({ rounds: 3 }))).toEqual({ best: '4', champion: '4' });
    const down = await under({ goal: 'minimize' });
    expect(down.best).toMatchObject({ parameters: { x: 1 }, model: null });
    expect(existsSync(join(place.project, '.sweepstack/kept-1/best'))).toBe(false);
    expect(found(down)).toEqual({ best: null, champion: '4' });
    const again = await under();
    expect(again.best).toEqual(first.best);
    expect(found(again)).toEqual({ best: '4', champion: '4' });
    expect((await place.sweep(['remove', 'kept-1', '--yes'])).status).toBe(0);
    expect(existsSync(store('sweeps/kept-1'))).toBe(false);
    expect(found({ best: null })).toEqual({ best: null, champion: '4' });
  });

  test('of a search that is grown are those of the best of all its trials', async () => {
    const grown = (trials: number) =>
      spec().replace(
        /^search:.*$/m,
        `search: { strategy: sobol, trials: ${trials}, rounds: 2, space: { x: { min: 1, max: 99, type: integer } } }`,
      );
    const under = (trials: number) => place.write({ 'sweep.yaml': grown(trials), 'train.sh': PROGRAM }).run();
    for (const trials of [3, 3, 7, 7]) {
      const summary = await under(trials);
      const best = String(Math.max(...trialsOf(summary).map(({ value }) => value ?? 0)));
      expect(found(summary)).toEqual({ best, champion: best });
      expect(trialsOf(summary)).toHaveLength(trials);
    }
  });
});

describe('a trial that is interrupted after its best epoch', () => {
  const SPEC = `name: over
search: { space: { x: [1] } }
objective: { metric: accuracy }
training: { command: [sh, train.sh], source: ., epochs: 5 }
`;
  /** Epoch 2 is the best; after epoch 3 it is interrupted, once. What it does not remember it takes for 0. */
  const program = (remembers: boolean, curve = '1) a=1;; 2) a=9;; 3) a=3;; 4) a=2;; *) a=4;;') => `
read done best < "$CHECKPOINT_DIR/state" 2> /dev/null || { done=0; best=0; }
${remembers ? '' : 'best=0'}
first=$done
while [ $done -lt $EPOCHS ]; do
  done=$((done + 1))
  case $done in ${curve} esac
  echo "{\\"epoch\\": $done, \\"accuracy\\": 0.$a}" >> "$METRICS_FILE"
  if [ $a -gt $best ]; then best=$a; echo "epoch $done" > "$MODEL_DIR/model.txt"; fi
  echo "$done $best" > "$CHECKPOINT_DIR/state"
  if [ $done = 3 ] && [ $first = 0 ]; then exit 75; fi
done
`;

  test('ends with the value and the model of that epoch', async () => {
    const { best } = await place.write({ 'sweep.yaml': SPEC, 'train.sh': program(true) }).run();
    expect(best).toMatchObject({ value: 0.9, epoch: 2 });
    expect(best).not.toHaveProperty('modelNote');
    expect(read(best!.model!, 'model.txt')).toBe('epoch 2\n');
  });

  test('says so everywhere where the model was written again by a program that forgot its best value', async () => {
    place.write({ 'sweep.yaml': SPEC, 'train.sh': program(false) });
    const { stdout } = await place.sweep(['run', 'sweep.yaml']);
    const note =
      'the value is from epoch 2, but the model is not: it was rewritten after training resumed from epoch 3';
    expect(stdout).toContain(note);
    const [sweepId] = readdirSync(store('sweeps'));
    expect(JSON.parse(read(store('sweeps', sweepId!, 'best.json'))).modelNote).toContain(note);
    expect(read(store('sweeps', sweepId!, 'report.html'))).toContain(note);
    expect((await place.sweep(['status'])).stdout).toContain(note);
    expect(read(store('sweeps', sweepId!, 'leaderboard.json'))).not.toContain('rewrite');
  });

  test.each([
    ['keeps its best value', program(true), 'kept', /best model {3}kept/],
    ['forgets its best value', program(false), 'rewritten', /best model {3}REWRITTEN: the value is from epoch 2/],
    ['is better with each epoch', program(false, '*) a=$done;;'), 'unknown', /best model {3}unknown/],
  ])('is what try tells of a program that %s', async (_, text, bestModel, words) => {
    place.write({ 'sweep.yaml': SPEC, 'train.sh': text.replace('exit 75', ':') });
    const { status, stdout, stderr } = await place.sweep(['try', 'sweep.yaml', '--json']);
    expect(status, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ resumed: true, checkpoint: { files: 1 }, bestModel });
    expect((await place.sweep(['try', 'sweep.yaml'])).stdout).toMatch(words);
  });
});

test('rungs of halving find the model of the rung below', async () => {
  place.write({
    'sweep.yaml': `name: rungs
search: { strategy: halving, trials: 4, halving: { reduction: 2 }, space: { x: { min: 1, max: 99, type: integer } } }
objective: { metric: score }
training: { command: [sh, train.sh], source: ., epochs: 4 }
`,
    // The first rung's first epoch is the best of each trial.
    'train.sh': `done=$(cat "$CHECKPOINT_DIR/done" 2> /dev/null || echo 0)
[ $done != 0 ] || echo "$X" > "$MODEL_DIR/x"
while [ $done -lt $EPOCHS ]; do
  done=$((done + 1)); echo "{\\"epoch\\": $done, \\"score\\": $((X * 10 - done))}" >> "$METRICS_FILE"
done
echo $done > "$CHECKPOINT_DIR/done"
`,
  });
  const { best } = await place.run();
  expect(best).toMatchObject({ epoch: 1 });
  expect(read(best!.model!, 'x')).toBe(`${best!.parameters['x']}\n`);
});
