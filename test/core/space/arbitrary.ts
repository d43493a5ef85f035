import * as fc from 'fast-check';
import type { Json } from '../../../core/base/json.ts';
import { valuesOf } from '../../../core/space/dimension.ts';
import type { ParameterSpec, Range } from '../../../core/space/parameter.ts';
import type { Spec } from '../../../core/spec/spec.ts';

export type SpaceSpec = Spec['search']['space'];

const choice: fc.Arbitrary<Json> = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom('adam', 'sgd', '1'),
  fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 2 }),
  fc.record({ b: fc.integer({ min: 0, max: 1 }), a: fc.boolean() }),
);

const choices = fc.uniqueArray(choice, {
  minLength: 1,
  maxLength: 4,
  selector: (value) => JSON.stringify(value, Object.keys(Object(value)).sort()),
});

const integers = fc
  .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 6 }), fc.constantFrom('linear', 'log'))
  .map(([min, span, scale]): Range => ({ min, max: min + span, type: 'integer', scale }) as Range);

const steppedIntegers = fc
  .tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 3 }))
  .map(([min, span, step]): Range => ({ min, max: min + span, step, type: 'integer', scale: 'linear' }));

const stepped = fc
  .tuple(fc.constantFrom(-1, 0, 0.05, 1e6), fc.constantFrom(0.1, 0.025, 1 / 3), fc.integer({ min: 1, max: 6 }))
  .map(([min, step, steps]): Range => ({ min, max: min + steps * step, step, type: 'float', scale: 'linear' }));

const continuous = fc
  .tuple(fc.double({ min: 1e-8, max: 1, noNaN: true }), fc.double({ min: 1.001, max: 1e4, noNaN: true }), fc.boolean())
  .map(([min, factor, log]): Range => ({ min, max: min * factor, type: 'float', scale: log ? 'log' : 'linear' }));

const finite: fc.Arbitrary<ParameterSpec> = fc.oneof(choices, integers, steppedIntegers, stepped);

/** A checked search space of up to 5 parameters, some of which depend on others. */
export function spaceSpecs(kind: 'finite' | 'any' = 'any'): fc.Arbitrary<SpaceSpec> {
  const parameter = kind === 'finite' ? finite : fc.oneof({ weight: 3, arbitrary: finite }, continuous);
  const names = fc.uniqueArray(fc.constantFrom('a', 'B', 'c', 'd.e', 'd_e', 'z', 'Z9'), { minLength: 1, maxLength: 5 });
  const picks = fc.array(fc.nat({ max: 1000 }), { minLength: 40, maxLength: 40 });
  return fc
    .tuple(names, fc.array(parameter, { minLength: 5, maxLength: 5 }), picks)
    .map(([order, parameters, pick]) => withConditions(order, parameters, pick));
}

/** About half of the parameters wait for one or two that come before them, each for one or two values. */
function withConditions(names: string[], parameters: readonly ParameterSpec[], picks: readonly number[]): SpaceSpec {
  const space: SpaceSpec = {};
  const pick = picks.values();
  const next = (n: number) => (pick.next().value ?? 0) % n;
  names.forEach((name, index) => {
    const parameter = parameters[index]!;
    const when: Record<string, Json | Json[]> = {};
    for (let i = index === 0 ? 0 : next(3); i > 0; i--) {
      const parent = names[next(index)]!;
      const values = valuesOf(space[parent]!);
      if (values.count > 100) continue;
      const wanted = [values.at(next(values.count)), values.at(next(values.count))].slice(next(2));
      when[parent] = wanted.length === 1 && !Array.isArray(wanted[0]) ? wanted[0]! : wanted;
    }
    space[name] = Object.keys(when).length === 0 ? parameter : conditional(parameter, when);
  });
  return space;
}

function conditional(parameter: ParameterSpec, when: Record<string, Json | Json[]>): ParameterSpec {
  return Array.isArray(parameter) ? { choices: parameter, when } : { ...parameter, when };
}

/** Coordinates in [0, 1) for the most dimensions that `spaceSpecs` makes. */
export const units = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), {
  minLength: 5,
  maxLength: 5,
});
