import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Place, processesWith, type Running, trialsOf } from '../support/sweep-command.ts';

/** In the command line of every trial here, so that one left behind is found among all processes of the machine. */
const MARKER = `resume-test-${process.pid}`;

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

const spec = (more = '', epochs = 2, trials = '') => `name: resume
sweepId: resume-1
search: { strategy: sobol, ${trials === '' ? 'trials: 6' : trials}, space: { x: { min: 1, max: 100000, type: integer } } }
objective: { metric: score, goal: maximize }
training: { command: [sh, train.sh, ${MARKER}], source: ., epochs: ${epochs} }
compute: { maxParallel: 2 }
${more}`;

/**
 * Leaves its id and its parameter outside the source; with HOLD exported, every trial after the first two hangs. Two run
 * at a time: when both slots hang, the results of the first two are stored.
 */
const PROGRAM = `echo "$TRIAL_ID" >> "$OUT/begun"
if [ -n "$HOLD" ] && [ "$(wc -l < "$OUT/begun")" -gt 2 ]; then
  touch "$OUT/hung-$TRIAL_ID"
  [ "$(ls "$OUT" | grep -c hung-)" -lt 2 ] || touch "$OUT/held"
  while [ ! -e "$OUT/go" ]; do sleep 0.05; done
fi
echo "$TRIAL_ID" >> "$OUT/ended"
for epoch in $(seq "$EPOCHS"); do echo "{\\"score\\": $((X * epoch))}" >> "$METRICS_FILE"; done
echo "$X" > "$MODEL_DIR/x.txt"
`;

function write(place: Place, text = spec(), program = PROGRAM): Place {
  return place.write({ 'sweep.yaml': text, 'train.sh': program });
}

/** A sweep of which two trials have their results, and two hang. */
async function held(detached = false): Promise<Running> {
  const running = place.start(['run', 'sweep.yaml', '--json'], { environment: { HOLD: '1' }, detached });
  await place.appears('held', running);
  return running;
}

/** The watcher that ends a killed sweep's programs needs a moment of its own. */
const noneLeft = () => expect.poll(() => processesWith(MARKER), { timeout: 20_000 }).toEqual([]);

/** The trials that have no result yet, by what the programs said, are what the next run has to train, and no other. */
async function goesOn(): Promise<void> {
  const done = place.lines('ended');
  place.clearLines('begun');
  place.clearLines('ended');
  const summary = await place.run();
  const trained = place.lines('ended');
  expect(summary.trials).toEqual({ planned: 6, trained: 6 - done.length, reused: done.length, failed: 0 });
  expect(new Set([...done, ...trained]).size).toBe(6);
  expect(trained).toHaveLength(6 - done.length);
  write(other);
  const whole = await other.run();
  expect(readFileSync(summary.leaderboard, 'utf8')).toBe(readFileSync(whole.leaderboard, 'utf8'));
}

describe('after Ctrl-C in the middle', () => {
  test('no process of the sweep is left', async () => {
    write(place);
    const running = await held();
    running.child.kill('SIGINT');
    expect((await running.ended).status).toBe(130);
    await noneLeft();
  });

  test('it says how to go on', async () => {
    write(place);
    const running = await held();
    running.child.kill('SIGINT');
    expect((await running.ended).stderr).toMatch(/Run the same command again/);
  });

  test('run trains exactly the missing trials, and the leaderboard is that of a sweep never stopped', async () => {
    write(place);
    const running = await held();
    running.child.kill('SIGINT');
    await running.ended;
    await goesOn();
  });
});

describe('after kill -9 of the whole process group in the middle', () => {
  async function killed(): Promise<void> {
    const running = await held(true);
    process.kill(-running.child.pid!, 'SIGKILL');
    await running.ended;
    await noneLeft();
  }

  test('no process of the sweep is left', async () => {
    write(place);
    await killed();
  });

  test('status tells that it stopped', async () => {
    write(place);
    await killed();
    const { stdout } = await place.sweep(['status', 'resume-1', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ sweepId: 'resume-1', status: 'stopped' });
  });

  test('run trains exactly the missing trials, and the leaderboard is that of a sweep never stopped', async () => {
    write(place);
    await killed();
    await goesOn();
  });
});

describe('run again', () => {
  test('after the end trains nothing and gives the same leaderboard', async () => {
    const first = await write(place).run();
    const before = readFileSync(first.leaderboard, 'utf8');
    const second = await place.run();
    expect(second.trials).toEqual({ planned: 6, trained: 0, reused: 6, failed: 0 });
    expect(second.best).toEqual(first.best);
    expect(readFileSync(second.leaderboard, 'utf8')).toBe(before);
    expect(place.lines('ended')).toHaveLength(6);
  });

  test('with more trials trains only those that are new', async () => {
    await write(place).run();
    const first = place.lines('ended');
    const summary = await write(place, spec().replace('trials: 6', 'trials: 9')).run();
    expect(summary.trials).toEqual({ planned: 9, trained: 3, reused: 6, failed: 0 });
    expect(place.lines('ended').slice(0, 6)).toEqual(first);
    expect(new Set(place.lines('ended')).size).toBe(9);
  });

  test('with a higher tolerance after a failed sweep trains only what failed, and succeeds', async () => {
    const program = `[ "$X" -lt 50000 ] || { echo "$TRIAL_ID" >> "$OUT/failed"; exit 3; }\n${PROGRAM}`;
    const failed = await write(place, spec('tolerance: { failedTrials: 0 }'), program).run([], {}, 1);
    const succeeded = place.lines('ended');
    const { failed: failures } = failed.trials;
    expect(failures).toBeGreaterThan(0);
    place.clearLines('failed');
    const summary = await write(place, spec('tolerance: { failedTrials: 6 }'), program).run();
    expect(summary.trials).toEqual({ planned: 6, trained: failures, reused: 6 - failures, failed: failures });
    expect(place.lines('failed')).toHaveLength(failures);
    expect(place.lines('ended')).toEqual(succeeded);
  });

  test('with a higher tolerance trains nothing where each failure was final, and succeeds', async () => {
    const program = `[ "$X" -lt 50000 ] || { echo '{"score": NaN}' >> "$METRICS_FILE"; exit 0; }\n${PROGRAM}`;
    const failed = await write(place, spec('tolerance: { failedTrials: 0 }'), program).run([], {}, 1);
    const summary = await write(place, spec('tolerance: { failedTrials: 6 }'), program).run();
    expect(summary.trials).toEqual({ planned: 6, trained: 0, reused: 6, failed: failed.trials.failed });
  });

  test('with more epochs trains each trial to them, under its old id', async () => {
    const before = await write(place).run();
    const after = await write(place, spec('', 3)).run();
    expect(after.trials).toMatchObject({ planned: 6, trained: 6, failed: 0 });
    expect(trialsOf(after).map(({ id, epochs }) => `${id} ${epochs}`)).toEqual(
      trialsOf(before).map(({ id }) => `${id} 3`),
    );
  });

  test('with more epochs goes on from the checkpoint of a program that writes one', async () => {
    const program = `epoch=$(cat "$CHECKPOINT_DIR/epoch" 2> /dev/null || echo 0)
while [ "$epoch" -lt "$EPOCHS" ]; do
  epoch=$((epoch + 1))
  echo "$TRIAL_ID $epoch" >> "$OUT/epochs"
  echo "{\\"epoch\\": $epoch, \\"score\\": $((X + epoch))}" >> "$METRICS_FILE"
  echo "$epoch" > "$CHECKPOINT_DIR/epoch"
done
`;
    await write(place, spec('', 2), program).run();
    const summary = await write(place, spec('', 5), program).run();
    const epochs = place.lines('epochs');
    expect(epochs).toHaveLength(6 * 5);
    expect(new Set(epochs).size).toBe(6 * 5);
    expect(summary.best).toMatchObject({ epoch: 5 });
  });

  test('of an experiment that changed under its explicit id is refused by field', async () => {
    await write(place).run();
    write(place, spec().replace('max: 100000', 'max: 200000'));
    const { status, stdout } = await place.sweep(['run', 'sweep.yaml', '--json']);
    expect(status).toBe(2);
    expect(stdout).toMatch(/search\.space/);
  });
});

describe('a second run while the first still runs', () => {
  test('is refused by name, and the first goes on undisturbed', async () => {
    write(place);
    const running = await held();
    const second = await place.sweep(['run', 'sweep.yaml', '--json']);
    expect(second.status, second.stderr).toBe(2);
    expect(JSON.parse(second.stdout)).toMatchObject({ error: { name: 'SweepLocked' } });
    expect(second.stderr).toContain('resume-1');
    place.release('go');
    const first = await running.ended;
    expect(first.status, first.stderr).toBe(0);
    expect(JSON.parse(first.stdout)).toMatchObject({ trials: { planned: 6, trained: 6, reused: 0, failed: 0 } });
    expect(new Set(place.lines('ended')).size).toBe(6);
    expect(place.lines('begun')).toHaveLength(6);
  });

  test('is seen as running by status', async () => {
    write(place);
    const running = await held();
    const { stdout } = await place.sweep(['status', 'resume-1', '--json']);
    place.release('go');
    await running.ended;
    expect(JSON.parse(stdout)).toMatchObject({ status: 'running', trials: { planned: 6 } });
  });
});

describe('a random search in three rounds', () => {
  const rounds = spec().replace('strategy: sobol, trials: 6', 'strategy: random, trials: 6, rounds: 3');

  test('trains every trial once', async () => {
    const summary = await write(place, rounds).run();
    expect(summary).toMatchObject({ status: 'succeeded', trials: { planned: 6, trained: 6, reused: 0, failed: 0 } });
    expect(new Set(place.lines('ended')).size).toBe(6);
  });

  test('gives the same trials and leaderboard as in one round', async () => {
    const three = await write(place, rounds).run();
    const one = await write(other, rounds.replace('rounds: 3', 'rounds: 1')).run();
    expect(readFileSync(three.leaderboard, 'utf8')).toBe(readFileSync(one.leaderboard, 'utf8'));
  });

  test('goes on in the middle of a round', async () => {
    write(place, rounds);
    const running = await held();
    running.child.kill('SIGINT');
    await running.ended;
    const done = place.lines('ended').length;
    const summary = await place.run();
    expect(summary.trials).toEqual({ planned: 6, trained: 6 - done, reused: done, failed: 0 });
    expect(new Set(place.lines('ended')).size).toBe(6);
  });
});
