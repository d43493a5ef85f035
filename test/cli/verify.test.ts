import { expect, test } from 'vitest';
import { verifiedText } from '../../cli/commands/verify.ts';

const verified = { proposals: 0, promotions: 0, byOtherRules: 3, lost: [], disagreements: [], missing: [] };

test('a sweep that another version searched is not called wrong', () => {
  expect(verifiedText('digits-1', verified)).toBe(
    "3 decisions of digits-1 were made by another version of Sweepstack, whose search has other rules than this one's. Only that version can recompute them.",
  );
});

test('of a sweep that two versions searched, both parts are told', () => {
  const text = verifiedText('digits-1', { ...verified, proposals: 2, promotions: 1 });
  expect(text).toMatch(/^2 proposals and 1 promotion .* match the record\.\n3 decisions of digits-1/);
});

test('a trial whose first claim was lost is told as that', () => {
  const text = verifiedText('digits-1', { ...verified, proposals: 2, byOtherRules: 0, lost: ['trial 1 to 9 epochs'] });
  expect(text).toMatch(/match the record\.\nThe first claim of trial 1 to 9 epochs was lost and recreated/);
});

test('of very many decisions that come out otherwise a few are named', () => {
  const disagreements = Array.from({ length: 500 }, (_, trial) => ({
    ...{ what: `trial ${trial}`, recorded: '1', recomputed: '2' },
  }));
  const lines = verifiedText('digits-1', { ...verified, byOtherRules: 0, disagreements }).split('\n');
  expect(lines.length).toBeLessThan(25);
  expect(lines).toContain('  and 480 more (--json has them all)');
});
