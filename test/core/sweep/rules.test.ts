import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { importanceOf } from '../../../core/search/importance.ts';
import { toleratedFailures } from '../../../core/search/tolerance.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { type Champion, judgeCandidate } from '../../../core/sweep/champion.ts';
import type { TrialRecord } from '../../../core/trial/record.ts';

const spec = (more: object = {}) => resolveSpec({ search: { space: { x: [1, 2] } }, ...more });

describe('a tolerance that is a share', () => {
  test.each([
    ['25%', 10, 2],
    ['25%', 3, 0],
    ['25%', 4, 1],
    ['50%', 3, 1],
    ['100%', 7, 7],
  ])('of %s lets of %i trials %i fail', (failedTrials, planned, tolerated) =>
    expect(toleratedFailures(spec({ tolerance: { failedTrials } }), planned)).toBe(tolerated),
  );
  test('never lets more fail than the share', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 1, max: 10_000 }), (share, planned) => {
        const tolerated = toleratedFailures(spec({ tolerance: { failedTrials: `${share}%` } }), planned);
        expect(tolerated * 100).toBeLessThanOrEqual(share * planned);
        expect((tolerated + 1) * 100).toBeGreaterThan(share * planned);
      }),
    );
  });
});

describe.each(['maximize' as const, 'minimize' as const])('a champion by an objective to %s', (goal) => {
  const championOf = (sweepId: string, value: number): Champion => ({
    ...{ name: 'n', sweepId, trialId: 't', value, epochs: 1, parameters: {}, data: 'd', model: 'm/' },
    objective: { metric: 'score', goal, at: 'best' },
  });
  const better = goal === 'maximize' ? 1.1 : 0.9;
  test('is not replaced by an equal value', () =>
    expect(judgeCandidate(championOf('a', 1), championOf('b', 1)).promote).toBe(false));
  test('is replaced by a better one', () =>
    expect(judgeCandidate(championOf('a', 1), championOf('b', better)).promote).toBe(true));
  test('is not replaced by a worse one', () =>
    expect(judgeCandidate(championOf('a', better), championOf('b', 1)).promote).toBe(false));
});

describe('importance', () => {
  const two = resolveSpec({
    search: { strategy: 'random', trials: 40, space: { strong: { min: 0, max: 1 }, idle: { min: 0, max: 1 } } },
  });
  const records = (value: (strong: number, idle: number) => number | null, count = 40): TrialRecord[] =>
    Array.from({ length: count }, (_, number) => {
      const [strong, idle] = [((number * 7) % 40) / 40, ((number * 11) % 40) / 40];
      const objective = value(strong, idle);
      return {
        ...{ trial: number, id: String(number), parameters: { strong, idle }, value: objective, epoch: 1, epochs: 1 },
        status: objective === null ? 'failed' : 'succeeded',
        ...{ diverged: false, failureClass: objective === null ? ('exit-status' as const) : null },
      };
    });
  test('is of the parameter that decides, and adds up to 1', () => {
    const { shares } = importanceOf(
      two,
      records((strong) => 3 * strong),
    )!;
    expect(shares['strong']).toBeGreaterThan(0.9);
    expect(shares['strong']! + shares['idle']!).toBeCloseTo(1, 2);
    expect(Object.keys(shares)).toEqual(['strong', 'idle']);
  });
  test('is unknown while there are too few results', () =>
    expect(
      importanceOf(
        two,
        records((strong) => strong, 9),
      ),
    ).toBeNull());
  test('does not count failed trials as results', () =>
    expect(importanceOf(two, records((strong, idle) => (idle < 0.25 ? strong : null)).slice(0, 36))).toBeNull());
});
