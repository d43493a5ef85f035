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
  expect(summary.trials).toMatchObject({ planned: 1000, trained: place.lines('started').length, failed: 1000 });
  expect(summary.error).toMatch(/^\d of 1000 trials failed \(\d exit-status\), and 99\d were not run;.*broken/);
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

const HALF = (tail: string) => `
name: half
sweepId: half-1
search: { space: { batch_size: [1024, 64], rate: [1, 2, 3, 4, 5, 6, 7, 8] } }
objective: { metric: score }
training: { command: [sh, train.sh], source: ., epochs: 1 }
compute: { maxParallel: 1 }
${tail}
`;
const TOO_LARGE = `echo "$BATCH_SIZE" >> "$OUT/started"
if [ $BATCH_SIZE = 1024 ]; then echo "torch.OutOfMemoryError: CUDA out of memory." >&2; exit 1; fi
echo "{\\"score\\": $RATE}" >> "$METRICS_FILE"
`;

test('a batch size that does not fit dooms its own trials only', async () => {
  place = new Place().write({ 'sweep.yaml': HALF('tolerance: { failedTrials: 60% }'), 'train.sh': TOO_LARGE });
  const summary = await place.run();
  expect(summary.best).toMatchObject({ parameters: { batch_size: 64, rate: 8 } });
  expect(place.lines('started').filter((line) => line === '1024')).toHaveLength(5);
  expect(place.lines('started').filter((line) => line === '64')).toHaveLength(8);
});

test('what was not run comes first when the sweep is run again', async () => {
  const broken = '[ -e "$OUT/mended" ] || { echo "torch.OutOfMemoryError: CUDA out of memory." >&2; exit 1; }\n';
  place = new Place().write({
    'sweep.yaml': HALF(''),
    'train.sh': `${broken}echo "$RATE" >> "$OUT/ran"\n${TOO_LARGE}`,
  });
  await place.run([], {}, 1);
  place.release('mended');
  await place.run([], {}, 1);
  // Of those with the large batch five had failed, and three had not been run.
  expect(place.lines('ran').slice(0, 3)).toEqual(['6', '7', '8']);
});
