import { expect, test } from 'vitest';
import type { ComparisonColumn } from '../../../core/sweep/compare.ts';
import { noTargetText, targetText } from '../../../core/sweep/target-text.ts';

const BEST = { trial: 0, id: 'a', parameters: {}, value: 1 };
const columns = (bests: readonly boolean[]) =>
  bests.map((has) => ({ best: has ? BEST : null })) as unknown as ComparisonColumn[];

test.each([
  ['all', [true, true], '1 is the worst of their best values, which all of them reached.'],
  ['some', [true, true, false], '1 is the worst of their best values, which all that have a best trial reached.'],
  ['one', [true, false], '1 is the best value of the only one that has a best trial.'],
])('what is to be reached is told where %s of the sweeps have a best trial', (_, bests, text) => {
  expect(targetText({ sweeps: columns(bests) }, '1')).toBe(text);
});

test.each([
  ['their objectives', [true, false], 'Their objectives differ, so their values cannot be compared.'],
  ['that none has a best trial', [false, false], 'None of them has a best trial.'],
])('where nothing is to be reached, the reason is %s', (_, bests, text) => {
  expect(noTargetText(columns(bests))).toBe(text);
});
