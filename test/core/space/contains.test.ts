import { describe, expect, test } from 'vitest';
import { buildSpace, contains, type Parameters } from '../../../core/space/space.ts';

const space = buildSpace({
  learning_rate: { min: 0.0001, max: 0.3, scale: 'log', type: 'float' },
  dropout: { min: 0, max: 0.5, step: 0.1, scale: 'linear', type: 'float' },
  layers: { min: 1, max: 9, step: 2, scale: 'linear', type: 'integer' },
  optimizer: ['adam', 'sgd', 'lamb'],
  momentum: { min: 0.8, max: 0.99, scale: 'linear', type: 'float', when: { optimizer: ['sgd', 'lamb'] } },
  nesterov: { choices: [true, null], when: { optimizer: 'sgd' } },
  fused: { choices: [true], when: { optimizer: 'adam' } },
  warm: { choices: [1], when: { nesterov: true } },
});

const reason = (point: Parameters) => {
  const legal = contains(space, point);
  return legal.ok ? null : legal.reason;
};

describe('a point lies in the space', () => {
  test('when it gives a part of it', () => {
    expect(reason({})).toBe(null);
    expect(reason({ learning_rate: 0.00123456789, layers: 3 })).toBe(null);
  });

  test('when a stepped value has float noise', () => {
    expect(reason({ dropout: 0.1 + 0.2 })).toBe(null);
  });

  test('when what it leaves out can make its values active', () => {
    expect(reason({ momentum: 0.9, nesterov: null })).toBe(null);
    expect(reason({ warm: 1 })).toBe(null);
  });
});

describe('a point does not lie in the space, and the reason names parameter, value and what is allowed', () => {
  test('for a value outside a range', () => {
    expect(reason({ learning_rate: 0.5 })).toBe('learning_rate: received 0.5; allowed: 0.0001 to 0.3');
  });

  test('for a value that is no number', () => {
    expect(reason({ learning_rate: '0.1' })).toBe('learning_rate: received "0.1"; allowed: 0.0001 to 0.3');
  });

  test('for a value between steps', () => {
    expect(reason({ dropout: 0.15 })).toBe('dropout: received 0.15; allowed: 0 to 0.5 in steps of 0.1');
    expect(reason({ layers: 4 })).toBe('layers: received 4; allowed: whole numbers from 1 to 9 in steps of 2');
  });

  test('for a value that is not in the list', () => {
    expect(reason({ optimizer: 'adamw' })).toBe('optimizer: received "adamw"; allowed: "adam", "sgd", "lamb"');
  });

  test('for a name that no parameter has', () => {
    expect(reason({ lr: 0.1 })).toMatch(
      /^lr: received 0.1, but there is no parameter named lr; allowed: dropout, fused, /,
    );
    expect(contains(space, { constructor: 1 }).ok).toBe(false);
  });

  test('for a value that its parent makes inactive', () => {
    expect(reason({ optimizer: 'adam', momentum: 0.9 })).toBe(
      'momentum: received 0.9, but optimizer is "adam"; allowed only when optimizer is "lamb" or "sgd"; leave it out',
    );
  });

  test('for a value whose parent another value makes inactive', () => {
    expect(reason({ optimizer: 'adam', warm: 1 })).toBe(
      'warm: received 1, but optimizer is "adam"; allowed only when optimizer is "sgd"; leave it out',
    );
  });

  test('for two values that no choice of what is left out makes active together', () => {
    expect(reason({ fused: true, nesterov: true })).toBe(
      'fused: received true, but optimizer is "sgd"; allowed only when optimizer is "adam"; leave it out',
    );
  });
});
