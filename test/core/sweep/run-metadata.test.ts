import { describe, expect, test } from 'vitest';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { missedText } from '../../../core/sweep/counts-text.ts';
import { groupFailures, groupText } from '../../../core/sweep/run-metadata.ts';
import { runMetadataOf, standingOf } from '../../../core/sweep/standing.ts';
import { collect } from '../../../core/trial/collected.ts';
import type { FailureClass } from '../../../core/trial/failure.ts';

const failed = (number: number, name: FailureClass, parameters = {}) => {
  const id = String(number).padStart(16, '0');
  return collect({ trial: number, id, epochs: 1, parameters }, 1, null, { class: name, reason: `reason ${number}` });
};

test('a trial that was not run is neither trained nor failed itself', () => {
  const spec = resolveSpec({ search: { space: { x: [1, 2, 3] } } });
  const trials = [failed(0, 'exit-status'), failed(1, 'not-run'), failed(2, 'not-run')];
  const context = { sweepId: 's', execution: 'e', status: 'failed', reused: 0, rounds: [], records: [] } as const;
  const { trials: counts } = runMetadataOf(spec, standingOf(spec, trials), { ...context, warmStart: null });
  expect(counts).toEqual({ planned: 3, trained: 1, reused: 0, failed: 3, notRun: 2 });
  expect(missedText(counts)).toBe('1 failed, 2 not run');
});

describe('a trial that was skipped', () => {
  const spec = resolveSpec({ search: { space: { x: [1, 2, 3] } } });
  const context = { sweepId: 's', execution: 'e', status: 'succeeded', reused: 0, rounds: [], records: [] } as const;
  const skipped = (attempt: string, epochs = 1) => {
    const { record, facts } = failed(0, 'skipped');
    return { record: { ...record, epochs }, facts: { ...facts, attempt } };
  };
  const countsOf = (...trials: ReturnType<typeof failed>[]) =>
    runMetadataOf(spec, standingOf(spec, trials), { ...context, warmStart: null }).trials;

  test('before it began was not trained', () => {
    expect(countsOf(skipped('none'))).toEqual({ planned: 1, trained: 0, reused: 0, failed: 0, skipped: 1 });
  });

  test('while it was trained was trained', () => {
    expect(countsOf(skipped('1-a'))).toEqual({ planned: 1, trained: 1, reused: 0, failed: 0, skipped: 1 });
  });

  test('before it went on to a higher rung was trained in the lower one', () => {
    expect(countsOf(failed(0, 'timeout'), skipped('none', 3))).toMatchObject({ planned: 1, trained: 1, skipped: 1 });
  });
});

describe('failures', () => {
  test('are grouped by class, the most frequent first, each with its first trial', () => {
    const groups = groupFailures([failed(4, 'signal'), failed(2, 'timeout'), failed(1, 'timeout')]);
    expect(groups.map(({ class: name, count, example }) => [name, count, example.trial, example.reason])).toEqual([
      ['timeout', 2, 1, 'reason 1'],
      ['signal', 1, 4, 'reason 4'],
    ]);
  });

  test('put what was not run last: the cause comes first', () => {
    const groups = groupFailures([failed(1, 'not-run'), failed(2, 'not-run'), failed(3, 'exit-status')]);
    expect(groups.map(({ class: name }) => name)).toEqual(['exit-status', 'not-run']);
  });

  test('say what their parameters share, without those that were not run', () => {
    const groups = groupFailures([
      ...[0, 1, 2].map((number) => failed(number, 'out-of-memory', { size: 256 })),
      failed(3, 'timeout', { size: 64 }),
      failed(4, 'not-run', { size: 256 }),
    ]);
    expect(groups.find(({ class: name }) => name === 'out-of-memory')?.shared).toEqual(['size 256']);
    expect(groups.find(({ class: name }) => name === 'not-run')?.shared).toEqual([]);
  });
});

test('a group is told with its class and what its trials share', () => {
  const [group] = groupFailures([failed(0, 'timeout')]);
  expect(groupText({ ...group!, count: 17 })).toBe('17 timeout');
  expect(groupText({ ...group!, count: 17, shared: ['a 1', 'b 2'] })).toBe('17 timeout, all with a 1 and b 2');
});
