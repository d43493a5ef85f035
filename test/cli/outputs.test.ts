import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Place } from '../support/sweep-command.ts';

const spec = (outputs: string) => `name: beside
sweepId: beside-1
search: { space: { x: [1, 2] } }
objective: { metric: score, goal: maximize }
training: { command: [sh, train.sh], source: ., epochs: 1${outputs} }
`;
const PROGRAM = `echo "{\\"score\\": $X}" >> "$METRICS_FILE"
mkdir logs; echo "x=$X" > logs/out.txt; echo "$X" > a.csv; echo "$X" > b.csv
`;

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

test('what training.outputs names is fetched by sweep model --outputs, of interrupted attempts too', async () => {
  const interrupted = `if [ ! -e "$CHECKPOINT_DIR/seen" ]; then
touch "$CHECKPOINT_DIR/seen"; mkdir logs; echo 1 > logs/first.txt; echo 1 > logs/out.txt; exit 75; fi\n`;
  place.write({ 'sweep.yaml': spec(', outputs: [logs]'), 'train.sh': interrupted + PROGRAM });
  await place.run();
  const to = join(place.project, 'fetched');
  const { status, stderr } = await place.sweep(['model', 'beside-1', 'best', '--outputs', '--to', to]);
  expect(status, stderr).toBe(0);
  expect(readFileSync(join(to, 'logs/out.txt'), 'utf8')).toBe('x=2\n');
  expect(readFileSync(join(to, 'logs/first.txt'), 'utf8')).toBe('1\n');
});

test('without training.outputs the command says how to keep some', async () => {
  place.write({ 'sweep.yaml': spec(''), 'train.sh': PROGRAM });
  await place.run();
  const { status, stderr } = await place.sweep(['model', 'beside-1', '--outputs', '--to', join(place.project, 'to')]);
  expect(status).toBe(2);
  expect(stderr).toMatch(/no outputs.*training\.outputs/);
});

test('try lists what will be discarded, with sizes, and the line that keeps it', async () => {
  place.write({ 'sweep.yaml': spec(', outputs: [logs]'), 'train.sh': PROGRAM });
  const { stdout, stderr } = await place.sweep(['try', 'sweep.yaml']);
  expect(stdout, stderr).toMatch(/kept +logs\/ \(1 file, 4 B\)/);
  expect(stdout).toMatch(/discarded +a\.csv \(1 file, 2 B\), b\.csv \(1 file, 2 B\)/);
  expect(stdout).toContain('outputs: [logs, "*.csv"]');
});

test('outputs of nowhere are refused before anything is trained', async () => {
  place.write({ 'sweep.yaml': spec(', outputs: [../logs]'), 'train.sh': PROGRAM });
  const { status, stderr } = await place.sweep(['plan', 'sweep.yaml']);
  expect(status).toBe(2);
  expect(stderr).toMatch(/training\.outputs\[0\].*"\.\.\/logs".*leads out of the copy/);
});
