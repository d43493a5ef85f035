import { describe, expect, test } from 'vitest';
import { checkObjective, checkTraining } from '../../../core/spec/check-training.ts';
import { specSchema } from '../../../core/spec/spec.ts';

const problems = (training: object, space: object = { a: [1, 2], name: ['x', 'y'] }) => {
  const found: { field: string; message: string }[] = [];
  const spec = specSchema.parse({ search: { space }, training });
  checkTraining(spec, (field, message) => found.push({ field, message }));
  return found;
};
const fields = (training: object) => problems(training).map(({ field }) => field);

describe('objective', () => {
  const objectiveFields = (objective: object) => {
    const found: string[] = [];
    checkObjective(specSchema.shape.objective.parse(objective), (field) => found.push(field));
    return found;
  };

  test('epoch numbers the lines and cannot be the metric', () => {
    expect(objectiveFields({ metric: 'epoch' })).toEqual(['objective.metric']);
  });

  test('a pattern has one group, whatever else is in parentheses', () => {
    expect(objectiveFields({ pattern: 'a: (\\d+)' })).toEqual([]);
    expect(objectiveFields({ pattern: '(?:a|b): (\\d+)\\(' })).toEqual([]);
    expect(objectiveFields({ pattern: '\\d+' })).toEqual(['objective.pattern']);
    expect(objectiveFields({ pattern: '(a): (\\d+)' })).toEqual(['objective.pattern']);
    expect(objectiveFields({ pattern: '(' })).toEqual(['objective.pattern']);
  });
});

describe('training', () => {
  test('a source needs a command, and requirements a source', () => {
    expect(fields({ source: '.' })).toEqual(['training.source']);
    expect(fields({ command: ['a'], requirements: 'r.txt' })).toEqual(['training.requirements']);
    expect(fields({ requirements: 'r.txt' })).toEqual(['training.requirements']);
    expect(fields({ command: ['a'], source: '.', requirements: 'r.txt' })).toEqual([]);
  });
});

describe('training.environment', () => {
  test('leaves what the contract and the parameters own', () => {
    expect(fields({ environment: { SEED: '1', A: '1', B: '1', PYTHONPATH: '.' } })).toEqual([
      'training.environment.SEED',
      'training.environment.A',
    ]);
  });

  test('has placeholders as a command has', () => {
    expect(fields({ environment: { B: '{a} {EPOCHS} {{x}}', C: '{x}' } })).toEqual(['training.environment.C']);
  });

  test('holds no NUL', () => {
    expect(fields({ environment: { B: 'a\0b' } })).toEqual(['training.environment.B']);
  });

  test('refuses a secret in the clear without repeating it', () => {
    const [problem] = problems({ environment: { MY_PASSWORD: 'hunter2hunter2' } });
    expect(problem?.field).toBe('training.environment.MY_PASSWORD');
    expect(problem?.message).not.toContain('hunter2');
    expect(fields({ environment: { MY_PASSWORD: { secret: 'mine' } } })).toEqual([]);
  });
});
