import { uniforms } from '../../core/base/random.ts';
import { asynchronousSweep } from '../../core/search/asynchronous/sweep.ts';
import { type Parameters, pointFrom } from '../../core/space/space.ts';
import { resolveSpec } from '../../core/spec/resolve.ts';
import type { SpecInput } from '../../core/spec/spec.ts';
import { trialIdentifier } from '../../core/trial/identity.ts';

/** A made-up objective with the shape of a learning problem; larger is better. */
export interface Task {
  readonly name: string;
  readonly space: SpecInput['search']['space'];
  readonly value: (parameters: Parameters) => number;
  /** The width of what one seed and another make of a full training. */
  readonly noise: number;
}

const log = (parameters: Parameters, name: string) => Math.log10(Number(parameters[name]));

/** The best points of the tasks are about 0. */
const NOISE = 0.2;

export const TASKS: readonly Task[] = [
  {
    name: 'ranges',
    noise: NOISE,
    space: {
      rate: { min: 0.00001, max: 1, scale: 'log' },
      decay: { min: 0.000001, max: 0.1, scale: 'log' },
      dropout: { min: 0, max: 0.8 },
      width: { min: 16, max: 1024, scale: 'log' },
    },
    // The best rate falls with the width; decay and dropout do one thing together.
    value: (parameters) => {
      const [rate, decay, width] = [log(parameters, 'rate'), log(parameters, 'decay'), log(parameters, 'width')];
      const regular = Number(parameters['dropout']) + (decay + 6) / 8;
      return (
        -((rate + 1.5 + 0.6 * width) ** 2) / 2 -
        (regular - 0.5) ** 2 * 2 +
        0.4 * width -
        0.1 * Math.cos(6 * rate + decay)
      );
    },
  },
  {
    name: 'lists',
    noise: NOISE,
    space: {
      rate: [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3],
      batch: [16, 64, 256, 1024],
      layers: [2, 4, 6],
      optimizer: ['adam', 'sgd', 'lamb'],
    },
    value: (parameters) => {
      const shift = { adam: 0, sgd: 1.2, lamb: 0.4 }[String(parameters['optimizer'])]!;
      const off = log(parameters, 'rate') + 2.8 - shift - 0.5 * (log(parameters, 'batch') - 1.5);
      const layers = Number(parameters['layers']);
      return -(off ** 2) - ((layers - 4) / 4) ** 2 + (shift === 1.2 ? 0.1 : 0) - 0.05 * Math.abs(off) * layers;
    },
  },
];

export function sweepFor(task: Task, seed: number, search: object) {
  const spec = resolveSpec({
    search: { seed, space: task.space, ...search },
    objective: { metric: 'val_accuracy' },
    training: { epochs: 27 },
  });
  const trialId = trialIdentifier({
    ...{ data: null, source: null, command: null, environment: {}, seed: 0, floats: {}, image: null },
  });
  return asynchronousSweep({ sweepId: 'bench', spec, first: [], warm: [], trialId });
}

const POPULATION = 50_000;

/** How many uniform random trials one needs, on average, to come to as good a value. */
export function rarity(task: Task): (value: number) => number {
  const { space } = sweepFor(task, 0, {});
  const values = Float64Array.from({ length: POPULATION }, (_, index) =>
    task.value(pointFrom(space, uniforms(99, 'population', index, space.dimensions.length))),
  ).sort();
  return rarityAmong(values);
}

/** `values`: in their order. */
export function rarityAmong(values: ArrayLike<number>): (value: number) => number {
  return (value) => {
    let [low, high] = [0, values.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (values[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return values.length / Math.max(1, values.length - low);
  };
}
