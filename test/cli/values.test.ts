import { afterAll, beforeAll, expect, test } from 'vitest';
import { Place, type Summary, trialsOf } from '../support/sweep-command.ts';

/** Answers a line a trial with all the ways in which a value reached it. */
const PROGRAM = `echo "$BATCH_SIZE $FRACTION $THRESHOLD $SWEEP_PARAMETERS $*" >> "$OUT/seen"
echo '{"score": 1}' >> "$METRICS_FILE"
`;
const SPEC = `name: values
search:
  strategy: grid
  space:
    batch-size: [32]
    fraction: [1.0, 2.0]
    threshold: { min: -0.3, max: 0.3, step: 0.3, when: { batch-size: 32 } }
objective: { metric: score, goal: maximize }
training: { command: [sh, train.sh, "{args}", "{fraction}"], source: ., epochs: 1 }
`;

let place: Place;
let summary: Summary;
beforeAll(async () => {
  place = new Place().write({ 'sweep.yaml': SPEC, 'train.sh': PROGRAM });
  summary = await place.run();
});
afterAll(() => place.remove());

test('floats reach the program as floats, whole numbers as whole ones, and a step around zero as zero', () => {
  expect(place.lines('seen').sort()).toMatchInlineSnapshot(`
    [
      "32 1.0 -0.3 {"batch-size":32,"fraction":1.0,"threshold":-0.3} --batch-size=32 --fraction=1.0 --threshold=-0.3 1.0",
      "32 1.0 0.0 {"batch-size":32,"fraction":1.0,"threshold":0.0} --batch-size=32 --fraction=1.0 --threshold=0.0 1.0",
      "32 1.0 0.3 {"batch-size":32,"fraction":1.0,"threshold":0.3} --batch-size=32 --fraction=1.0 --threshold=0.3 1.0",
      "32 2.0 -0.3 {"batch-size":32,"fraction":2.0,"threshold":-0.3} --batch-size=32 --fraction=2.0 --threshold=-0.3 2.0",
      "32 2.0 0.0 {"batch-size":32,"fraction":2.0,"threshold":0.0} --batch-size=32 --fraction=2.0 --threshold=0.0 2.0",
      "32 2.0 0.3 {"batch-size":32,"fraction":2.0,"threshold":0.3} --batch-size=32 --fraction=2.0 --threshold=0.3 2.0",
    ]
  `);
});

test('a name with a hyphen is the parameter of results', () => {
  expect(trialsOf(summary)[0]!.parameters).toMatchObject({ 'batch-size': 32 });
});
