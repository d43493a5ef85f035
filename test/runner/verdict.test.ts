import { expect, test } from 'vitest';
import { resolveSpec } from '../../core/spec/resolve.ts';
import { judgeEnd } from '../../runner/verdict.ts';

const spec = resolveSpec({
  sweepId: 's',
  search: { space: { x: [1, 2] } },
  objective: { metric: 'score' },
  training: { command: ['sh', 'train.sh'], epochs: 1 },
});
const END = { interrupted: false, timedOut: false, epochs: 1, skipped: null, stop: null, spoiled: null };

test('a program whose end nobody could hear is to run again, whatever it has reported', () => {
  const end = { exitCode: null, signal: null, logTail: '' };
  expect(judgeEnd(spec, end, [{ epoch: 1, values: { score: 1 } }], END)).toEqual({ status: 'interrupted' });
});
