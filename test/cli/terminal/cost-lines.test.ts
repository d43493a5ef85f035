import { expect, test } from 'vitest';
import { costLines, type Quoted } from '../../../cli/terminal/cost-lines.ts';
import { ownFleet } from '../../../core/money/fleet.ts';
import { quote } from '../../../core/money/quote.ts';

const fleet = ownFleet(2, { region: '', asked: null, own: 3.6 })!;
const lines = (over: Partial<Quoted>) =>
  costLines({
    quote: quote({ rounds: [{ trials: 4, epochs: 1 }], secondsAnEpoch: 10, fleet, attempts: 1, isLocal: true }),
    ...{ secondsBy: 'said', lanes: 1, fit: null, region: null, today: '2026-11-29', cut: null },
    ...over,
  }).join('\n');

test('a quote says what it assumes of trials that share a GPU', () => {
  expect(lines({})).not.toContain('assuming');
  expect(lines({ lanes: 4 })).toContain('assuming that 4 trials at once in each job are as fast as measured');
  expect(lines({ lanes: 'auto' })).toContain(
    'assuming that trialsPerGpu: auto trains 1 at once: no trial has shown yet how many fit',
  );
  expect(lines({ lanes: 'auto', fit: 3 })).toContain('auto trains 3 at once: so many fitted in an earlier trial');
  expect(lines({ lanes: 'auto', fit: 99 })).toContain('auto trains 16 at once');
});

test('a sweep of which nothing is left to train costs nothing, and no machines are named', () => {
  const nothing = quote({ rounds: [], secondsAnEpoch: 10, fleet, attempts: 1, isLocal: true });
  expect(lines({ quote: nothing })).toBe('nothing: every trial has its result');
});
