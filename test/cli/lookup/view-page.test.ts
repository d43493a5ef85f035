import { expect, test } from 'vitest';
import { type ViewedSweep, viewPage } from '../../../cli/lookup/view-page.ts';

const sweep = (more: Partial<ViewedSweep>): ViewedSweep => ({
  ...{ sweepId: 'a-1', status: 'succeeded', failures: [], best: null, problem: null },
  trials: { planned: 16, finished: 16, failed: 0 },
  ...more,
});
const group = (name: string, count: number) => ({
  ...{ class: name, count, remedy: '', shared: [] },
  example: { trial: 0, id: '0', reason: '', logTail: '' },
});

test('a sweep without a best trial says why, and what was not run apart from what failed', () => {
  const failures = [group('exit-status', 6), group('not-run', 10)];
  const page = viewPage([sweep({ status: 'failed', trials: { planned: 16, finished: 16, failed: 16 }, failures })]);
  expect(page).toContain('>16 of 16, 6 failed, 10 not run<');
  expect(page).toContain('<td data-head="Why" class="why">6 exit-status</td>');
});

test('the page loads itself again only while a sweep runs', () => {
  expect(viewPage([sweep({}), sweep({ status: 'running' })])).toContain('location.reload()');
  expect(viewPage([sweep({})])).not.toContain('<script');
});

test('what a sweep says becomes no markup', () => {
  const problem = '<script>alert(1)</script>';
  expect(viewPage([sweep({ status: 'damaged', problem, sweepId: '<b>-1' })])).not.toMatch(/<script|<b>-/);
});
