import { describe, expect, test } from 'vitest';
import type { Json } from '../../../core/base/json.ts';
import type { ParameterSpec, Range } from '../../../core/space/parameter.ts';
import { jsonOfParameters, programText, textOfValue, typed } from '../../../core/space/program-text.ts';

const texts = (parameter: ParameterSpec, values: readonly Json[] = Array.isArray(parameter) ? parameter : []) =>
  values.map((value) => textOfValue(parameter, value));

describe('a value reaches the program', () => {
  test('as a float where one number of the list has a fraction', () => {
    expect(texts([0.5, 1, 2])).toEqual(['0.5', '1.0', '2.0']);
  });

  test('as a whole number where none has', () => {
    expect(texts([1, 2])).toEqual(['1', '2']);
  });

  test('as a float where the list says so', () => {
    expect(texts({ choices: [1, 2], type: 'float' }, [1, 2])).toEqual(['1.0', '2.0']);
  });

  test('unchanged where it is no number, whatever the type', () => {
    expect(texts([0.5, 1, 'adam', true, null])).toEqual(['0.5', '1.0', 'adam', 'true', 'null']);
  });

  test('of a range by the type of the range', () => {
    const ends = { min: 0, max: 1, scale: 'linear' } as const;
    expect(texts({ ...ends, type: 'float' }, [0, 1e-7, 1])).toEqual(['0.0', '1.0e-07', '1.0']);
    expect(texts({ ...ends, type: 'integer' }, [0, 1])).toEqual(['0', '1']);
  });

  test('inside a list or mapping by what stands at the same place of the other choices', () => {
    const lists = [
      [64, 0.5],
      [128, 1],
    ];
    expect(texts(lists)).toEqual(['[64,0.5]', '[128,1.0]']);
    expect(
      texts([
        { a: 1, b: 0.5 },
        { a: 2, b: 1 },
      ]),
    ).toEqual(['{"a":1,"b":0.5}', '{"a":2,"b":1.0}']);
  });

  test('inside a list as a float where no choice is a number and the type says so', () => {
    expect(texts({ choices: [[1, 2], 'none'], type: 'float' }, [[1, 2], 'none'])).toEqual(['[1.0,2.0]', 'none']);
  });
});

test('all parameters are one JSON object, strings quoted and floats with a point', () => {
  const write = programText({ a: [0.5, 1], 'b-c': ['x'], n: [1] });
  const text = jsonOfParameters(write, { a: 1, 'b-c': 'x', n: 1 });
  expect(text).toBe('{"a":1.0,"b-c":"x","n":1}');
  expect(JSON.parse(text)).toEqual({ a: 1, 'b-c': 'x', n: 1 });
});

test('a list of floats says its type, and one of whole numbers stays as it is', () => {
  expect(typed([0.5, 1])).toEqual({ choices: [0.5, 1], type: 'float' });
  expect(typed({ choices: [0.5], when: { a: 1 } })).toEqual({ choices: [0.5], type: 'float', when: { a: 1 } });
  expect(typed([1, 'a'])).toEqual([1, 'a']);
});

test('a range is of whole numbers where it steps from one to the next, unless it says otherwise', () => {
  const range = { min: 16, max: 64, step: 16, scale: 'linear' } as const;
  const typeOf = (change: Partial<Range>) => (typed({ ...range, ...change }) as Range).type;
  expect(typeOf({})).toBe('integer');
  expect(typeOf({ type: 'float' })).toBe('float');
  for (const change of [{ step: undefined }, { step: 0.5 }, { min: 0.5 }, { max: 64.5 }])
    expect(typeOf(change as Partial<Range>)).toBe('float');
});
