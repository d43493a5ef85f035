import { describe, expect, test } from 'vitest';
import { parseWrittenJson } from '../../../core/base/numbers.ts';
import { plainSpec } from '../../../core/spec/written.ts';

/** JSON tells as much of its numbers as YAML does. */
const plain = (text: string) => plainSpec(parseWrittenJson(text)) as Record<string, Record<string, unknown>>;
const parameter = (text: string) =>
  (plain(`{"search": {"space": {"x": ${text}}}}`)['search']!['space'] as { x: unknown }).x;

describe('a list in which a float is written', () => {
  test('says its type where its values do not show it', () => {
    expect(parameter('[1.0, 2]')).toEqual({ choices: [1, 2], type: 'float' });
    expect(parameter('[1e2]')).toEqual({ choices: [100], type: 'float' });
    expect(parameter('{"choices": [1.0], "when": {"y": 1}}')).toEqual({ choices: [1], when: { y: 1 }, type: 'float' });
  });

  test('stays as it is where a fraction shows it, or no float is written', () => {
    expect(parameter('[0.5, 1.0]')).toEqual([0.5, 1]);
    expect(parameter('[1, 2, "1.0"]')).toEqual([1, 2, '1.0']);
  });

  test('keeps a type that is said', () => {
    expect(parameter('{"choices": [1.0, 2], "type": "integer"}')).toEqual({ choices: [1, 2], type: 'integer' });
  });

  test('inside its choices says its type where all numbers there are floats', () => {
    expect(parameter('[[1.0, 2.0], [3, 4]]')).toEqual({
      choices: [
        [1, 2],
        [3, 4],
      ],
      type: 'float',
    });
  });

  test('inside its choices beside whole numbers is refused: nothing could say it', () => {
    expect(() => parameter('[[64, 1.0], [128, 2.0]]')).toThrow(/search\.space\.x.*among whole numbers/);
  });
});

test('a whole number beyond 2^53 is refused wherever it stands, with its digits', () => {
  expect(() =>
    plain('{"search": {"initial": [{"x": 9007199254740993}]}, "training": {"seed": 12345678901234567890}}'),
  ).toThrow(/search\.initial\[0\]\.x: received 9007199254740993;.*\n.*training\.seed: received 12345678901234567890;/);
});

test('what a writer keeps under x- is no part of it', () => {
  expect(plain('{"x-note": 9007199254740993, "name": "a"}')).toEqual({ name: 'a' });
});

test('a float of the command or the environment keeps its point', () => {
  expect(plain('{"training": {"command": ["train", 1.0, 2], "environment": {"A": 1.0, "B": 2, "C": 0.5}}}')).toEqual({
    training: { command: ['train', '1.0', 2], environment: { A: '1.0', B: 2, C: 0.5 } },
  });
});
