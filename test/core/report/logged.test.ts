import { expect, test } from 'vitest';
import { LOGGED_METRICS, LOGGED_TRIALS, reportLogged, trialLog, trialsWithLogs } from '../../../core/report/logged.ts';
import type { RankedTrial } from '../../../core/sweep/leaderboard.ts';
import type { EpochMetrics } from '../../../core/trial/numbering.ts';

const trial = (id: string, status: RankedTrial['status'] = 'succeeded'): RankedTrial => ({
  ...{ rank: 1, trial: 0, id, parameters: {}, value: 0.5, epoch: 1, epochs: 2, status },
});
const epochs = (...all: readonly EpochMetrics['values'][]): EpochMetrics[] =>
  all.map((values, index) => ({ epoch: index + 1, values }));

test('the objective comes first, then what most trials logged, and a trial without one has none', () => {
  const both = trialLog('b', epochs({ accuracy: 0.1, loss: 2, lr: 1 }, { accuracy: 0.2, loss: 1, lr: 0.5 }));
  const one = trialLog(
    'a',
    epochs({ loss: 4, accuracy: 0.1 }, { loss: null, accuracy: 0.3 }, { loss: 3, accuracy: 0.2 }),
  );
  expect(reportLogged([trial('a'), trial('b')], [both, one], 'accuracy')).toEqual({
    names: ['accuracy', 'loss', 'lr'],
    left: 0,
    trials: [
      { of: 0, points: [{ epochs: null, values: [0.1, 0.3, 0.2] }, { epochs: null, values: [4, null, 3] }, null] },
      {
        of: 1,
        points: [
          { epochs: null, values: [0.1, 0.2] },
          { epochs: null, values: [2, 1] },
          { epochs: null, values: [1, 0.5] },
        ],
      },
    ],
  });
});

test('a metric that is logged now and then keeps its epochs', () => {
  const sparse = epochs(...Array.from({ length: 200 }, (_, k) => ({ loss: k, ...(k % 20 === 0 ? { val: k } : {}) })));
  expect(trialLog('a', sparse).metrics['val']!.epochs).toEqual([1, 21, 41, 61, 81, 101, 121, 141, 161, 181]);
});

test('the objective alone, and what was logged once, are no chart', () => {
  expect(reportLogged([trial('a')], [trialLog('a', epochs({ accuracy: 1 }, { accuracy: 2 }))], 'accuracy')).toBeNull();
  expect(reportLogged([trial('a')], [trialLog('a', epochs({ accuracy: 1, loss: 2 }))], 'accuracy')).toBeNull();
});

test('metrics named as what every object has are those of trials that logged them', () => {
  const odd = trialLog('a', epochs({ constructor: 1 }, { constructor: 2 }));
  const plain = trialLog('b', epochs({ loss: 1 }, { loss: 2 }));
  const { names, trials } = reportLogged([trial('a'), trial('b')], [odd, plain], 'accuracy')!;
  expect(trials[1]!.points[names.indexOf('constructor')]).toBeNull();
});

test('of very many metrics some are left, and are counted', () => {
  const many = Object.fromEntries(Array.from({ length: LOGGED_METRICS + 5 }, (_, k) => [`m${k}`, k]));
  const found = reportLogged([trial('a')], [trialLog('a', epochs(many, many))], 'accuracy')!;
  expect([found.names.length, found.left]).toEqual([LOGGED_METRICS, 5]);
});

test('the best trials that succeeded are read', () => {
  const all = Array.from({ length: 100 }, (_, k) => trial(String(k), k === 1 ? 'failed' : 'succeeded'));
  const wanted = trialsWithLogs(all).map(({ id }) => id);
  expect(wanted).toHaveLength(LOGGED_TRIALS);
  expect(wanted.slice(0, 2)).toEqual(['0', '2']);
});
