import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Place, type Summary } from '../support/sweep-command.ts';

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

/** Its score depends on x, the seed, the data and the sweep's epochs, as a schedule does; and on nothing, where the file `loose` is. */
const PROGRAM = `e=0
while [ $e -lt $EPOCHS ]; do
  e=$((e + 1))
  score=$((X * 100 + SEED + e + $(cat "$DATA_DIR/offset") + MAX_EPOCHS - 3))
  [ -e "$OUT/loose" ] && score=$((score + 7))
  echo "{\\"epoch\\": $e, \\"score\\": $score}" >> "$METRICS_FILE"
done
`;

const SPEC = `name: again
search: { strategy: bayesian, trials: 4, rounds: 2, space: { x: [1, 2, 3, 4] }, confirm: { top: 1, seeds: 1 } }
objective: { metric: score }
training: { command: [sh, train.sh], source: src, data: data, epochs: 3, seed: 5 }
`;

async function swept(): Promise<Summary> {
  return place.write({ 'sweep.yaml': SPEC, 'src/train.sh': PROGRAM, 'data/offset': '1000\n' }).run();
}

async function reproduce(sweepId: string, ...args: string[]) {
  const { status, stdout, stderr } = await place.sweep(['reproduce', sweepId, ...args, '--json']);
  return { status, stderr, document: JSON.parse(stdout) };
}

describe('a trial that is trained again', () => {
  test('agrees when the program is deterministic, from the source of then', async () => {
    const { sweepId } = await swept();
    place.write({ 'src/train.sh': 'exit 1\n' });
    const { status, document } = await reproduce(sweepId, 'best');
    expect(status).toBe(0);
    expect(document).toMatchObject({ parameters: { x: 4 }, recorded: 1408, reproduced: 1408, agrees: true, notes: [] });
  });

  test('to fewer epochs is compared with what it had reached by then', async () => {
    const { sweepId } = await swept();
    const { document } = await reproduce(sweepId, '#2', '--epochs', '1');
    expect(document).toMatchObject({ parameters: { x: 3 }, epochs: 1, recorded: 1306, reproduced: 1306, agrees: true });
  });

  test('differs when the program is not, and says what is left to suspect', async () => {
    const { sweepId } = await swept();
    writeFileSync(join(place.out, 'loose'), '');
    const { status, document } = await reproduce(sweepId, 'best');
    expect(status).toBe(1);
    expect(document).toMatchObject({ recorded: 1408, reproduced: 1415, agrees: false });
    expect(document.notes[0]).toContain('not deterministic');
  });

  test('differs on other data, and says so', async () => {
    const { sweepId } = await swept();
    place.write({ 'data/offset': '2000\n' });
    const { document } = await reproduce(sweepId, 'best');
    expect(document).toMatchObject({ reproduced: 2408, agrees: false });
    expect(document.notes).toEqual(['the data has changed since the sweep was trained']);
  });
});
