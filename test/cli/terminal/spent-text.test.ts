import { expect, test } from 'vitest';
import { costOriginNote } from '../../../cli/terminal/spent-text.ts';
import type { Price } from '../../../core/money/prices.ts';

const listed: Price = { kind: 'list', dollars: 1, asOf: '2026-07-20', region: 'us-east-1' };
const older: Price = { ...listed, asOf: '2026-01-02' };
const own: Price = { kind: 'own', dollars: 2, asOf: null, region: null };

test('the costs of several sweeps name their oldest price, and its age', () => {
  const note = (...prices: Price[]) =>
    costOriginNote([null, ...prices.map((price) => ({ dollars: 1, prices: [price] }))], '2026-07-21');
  expect(note(listed, older)).toEqual([
    'cost: by list price, us-east-1, 2026-01-02, 200 days old; sweep costs SWEEP uses the newest that are known',
  ]);
  expect(note(own)).toEqual([]);
  expect(costOriginNote([{ dollars: null, prices: [listed] }], '2026-07-21')).toEqual([]);
});
