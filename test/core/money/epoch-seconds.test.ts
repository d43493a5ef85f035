import { expect, test } from 'vitest';
import { secondsAnEpoch } from '../../../core/money/epoch-seconds.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';

const spec = (search: object = {}) =>
  resolveSpec({
    name: 'm',
    search: { trials: 9, space: { x: { min: 0, max: 1 } }, ...search },
    training: { command: ['a'], epochs: 9 },
  });
const trial = (seconds: number | null, over: object = {}) => ({
  record: { epochs: 9, status: 'succeeded' as const, ...over },
  facts: { seconds, attemptNumber: 1, ...over },
});

test('the seconds of an epoch are the mean of whole trainings', () => {
  expect(secondsAnEpoch(spec(), [trial(9), trial(27), trial(null)])).toEqual({ seconds: 2, trials: 2 });
});

test('what failed, stopped early or went on after an interruption tells nothing', () => {
  const others = [
    trial(900, { status: 'failed' }),
    trial(900, { stopped: 'median' }),
    trial(900, { attemptNumber: 2 }),
  ];
  expect(secondsAnEpoch(spec(), [trial(9), ...others])).toEqual({ seconds: 1, trials: 1 });
  expect(secondsAnEpoch(spec(), others)).toBeNull();
});

test('a trial that a rung continued tells nothing: its seconds are those of its last epochs', () => {
  const halving = spec({ strategy: 'halving' });
  expect(secondsAnEpoch(halving, [trial(2, { epochs: 1 }), trial(900), trial(900, { epochs: 3 })])).toEqual({
    ...{ seconds: 2, trials: 1 },
  });
});
