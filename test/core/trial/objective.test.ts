import { describe, expect, test } from 'vitest';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { judgedBy, judgeMetrics } from '../../../core/trial/objective.ts';
import { metricsOf } from './support.ts';

const objective = (given: object = {}) =>
  resolveSpec({ search: { space: { x: [1] } }, objective: { metric: 'm', goal: 'maximize', ...given } }).objective;

describe('metrics', () => {
  test('are worth their best finite value, or the last', () => {
    expect(judgeMetrics(objective(), metricsOf(1, 3, 2))).toMatchObject({ status: 'succeeded', value: 3, epoch: 2 });
    expect(judgeMetrics(objective({ at: 'last' }), metricsOf(1, 3, 2))).toMatchObject({ value: 2, epoch: 3 });
  });

  test('without a finite value are a failure of their own class', () => {
    expect(judgeMetrics(objective(), metricsOf(null, null))).toMatchObject({ failure: { class: 'non-finite' } });
  });

  test('without the metric list those that were seen, and the one that was meant', () => {
    const metrics = [{ epoch: 1, values: { val_acuracy: 1, loss: 2 } }];
    const verdict = judgeMetrics(objective({ metric: 'val_accuracy' }), metrics);
    expect(verdict).toMatchObject({ status: 'failed', failure: { class: 'no-metric' } });
    const { reason } = (verdict as Extract<typeof verdict, { status: 'failed' }>).failure;
    expect(reason).toMatch(/loss, val_acuracy.*val_acuracy\?/);
  });

  test('without any key, and without a match of the pattern, say so', () => {
    const reasonOf = (given: object) => {
      const verdict = judgeMetrics(objective(given), []);
      return verdict.status === 'failed' ? verdict.failure.reason : '';
    };
    expect(reasonOf({})).toContain('no metric');
    expect(reasonOf({ pattern: 'm: (.*)' })).toContain('m: (.*)');
  });
});

describe('a result', () => {
  test('is judged by the objective when metric, goal and epoch are the same', () => {
    const { metric, goal, at } = objective();
    expect(judgedBy({ metric, goal, at }, objective())).toBe(true);
    expect(judgedBy({ metric, goal: 'minimize', at }, objective())).toBe(false);
    expect(judgedBy({ metric, goal, at: 'last' }, objective())).toBe(false);
    expect(judgedBy({ metric: 'f1', goal, at }, objective())).toBe(false);
  });

  test('of an earlier release is told by its metric alone', () => {
    expect(judgedBy({ metric: 'm' }, objective({ goal: 'minimize', at: 'last' }))).toBe(true);
  });
});
