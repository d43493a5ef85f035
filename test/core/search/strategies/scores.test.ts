import { describe, expect, test } from 'vitest';
import { normalScore, scoresOf } from '../../../../core/search/strategies/scores.ts';

test('normal scores are those of SciPy 1.17.1', () => {
  // scipy.stats.norm.ppf([0.001, 0.1, 0.5, 0.8, 0.999])
  const known = [-3.090232306167813, -1.2815515655446004, 0, 0.8416212335729143, 3.090232306167813];
  [0.001, 0.1, 0.5, 0.8, 0.999].forEach((p, index) => {
    expect(normalScore(p)).toBeCloseTo(known[index]!, 8);
  });
});

describe('scores', () => {
  test('rise with what is wanted', () => {
    const up = [...scoresOf([1, 2, 3, 10], 'maximize')!];
    expect(up.toSorted((a, b) => a - b)).toEqual(up);
    expect([...scoresOf([1, 2, 3, 10], 'minimize')!]).toEqual([...scoresOf([-1, -2, -3, -10], 'maximize')!]);
  });

  test('of equal values are equal', () => {
    const [a, b] = scoresOf([1, 1, 2], 'maximize')!;
    expect(a).toBe(b);
  });

  test('of failed trials lie below all others', () => {
    const [failed, ...others] = scoresOf([null, 1, 2, 3], 'maximize')!;
    expect(Math.min(...others)).toBeGreaterThan(failed!);
  });

  test('stay finite beside a value that is enormous', () => {
    expect([...scoresOf([1, 2, 3, 1e308, -1e308], 'maximize')!].every(Number.isFinite)).toBe(true);
  });

  test('are none where nothing tells the values apart', () => {
    expect(scoresOf([1, 1, 1], 'maximize')).toBeNull();
    expect(scoresOf([null, null], 'maximize')).toBeNull();
  });
});
