import { afterEach, expect, test } from 'vitest';
import { Place, trialsOf } from '../support/sweep-command.ts';

let place: Place;
afterEach(() => place.remove());

/** A sweep of `trials` trials in `slots` slots, each of which leaves a line in out/started and then runs `then`. */
function sweepOf(trials: number, then: string, slots = 2): Place {
  return new Place().write({
    'sweep.yaml': `
name: doomed
sweepId: doomed-1
search: { strategy: random, trials: ${trials}, space: { x: { min: 0, max: 1 } } }
objective: { metric: score }
training: { command: [sh, -c, 'echo "$TRIAL_ID" >> "$OUT/started"; ${then}'], epochs: 1 }
compute: { maxParallel: ${slots} }
`,
  });
}

test('a program that cannot work is started by slots + 5 of 1,000 trials at most', async () => {
  place = sweepOf(1000, 'echo broken; exit 3');
  const summary = await place.run([], {}, 1);
  expect(place.lines('started').length).toBeLessThanOrEqual(2 + 5);
  expect(place.lines('started').length).toBeGreaterThanOrEqual(5);
  expect(summary.trials).toMatchObject({ planned: 1000, failed: 1000 });
  expect(summary.error).toMatch(/1000 of 1000 trials failed \(\d exit-status; 99\d not-run\).*broken/);
  expect(trialsOf(summary).filter(({ failureClass }) => failureClass === 'not-run').length).toBeGreaterThan(990);
});

test('one finite value, even of a trial that failed later, dooms nothing', async () => {
  place = sweepOf(
    12,
    'if [ ! -e "$OUT/first" ]; then : > "$OUT/first"; echo "{\\"score\\": 1}" >> "$METRICS_FILE"; fi; exit 3',
    1,
  );
  await place.run([], {}, 1);
  expect(place.lines('started')).toHaveLength(12);
});

test('what was not run is trained when the sweep is run again', async () => {
  place = sweepOf(12, '[ -e "$OUT/mended" ] || exit 3; echo "{\\"score\\": 1}" >> "$METRICS_FILE"');
  await place.run([], {}, 1);
  place.clearLines('started');
  place.release('mended');
  const summary = await place.run();
  expect(summary.trials).toMatchObject({ planned: 12, trained: 12, failed: 0 });
  expect(place.lines('started')).toHaveLength(12);
});
