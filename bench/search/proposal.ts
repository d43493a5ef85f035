// How long a round's proposal takes: 256 trials after 1,000 results in 8 parameters, on one core, beside what drawing the
// same number of Sobol points takes.
//
//   node tools/node24.mjs --install bench/search/proposal.ts
import { propose } from '../../core/search/propose.ts';
import { buildSpace } from '../../core/space/space.ts';
import { resolveSpec } from '../../core/spec/resolve.ts';

const { search } = resolveSpec({
  search: {
    space: {
      learning_rate: { min: 0.00001, max: 1, scale: 'log' },
      weight_decay: { min: 0.000001, max: 0.1, scale: 'log' },
      dropout: { min: 0, max: 0.5, step: 0.1 },
      layers: { min: 1, max: 6, type: 'integer' },
      width: { min: 16, max: 1024, type: 'integer', scale: 'log' },
      optimizer: ['adam', 'sgd', 'lamb'],
      batch_size: [16, 32, 64, 128, 256],
      'optimizer.momentum': { min: 0.8, max: 0.99, when: { optimizer: 'sgd' } },
    },
  },
});
const space = buildSpace(search.space);
const base = { space, seed: 0, goal: 'maximize', initial: [], skip: 0 } as const;
const history = propose({ ...base, strategy: 'random', history: [], count: 1000 }).map((parameters, index) => ({
  parameters,
  value: -Math.abs(Math.log10(Number(parameters['learning_rate'])) + 2) + Math.sin(index) / 10,
  epochs: 1,
}));
for (const strategy of ['bayesian', 'sobol'] as const) {
  const seconds: number[] = [];
  for (let run = 0; run < 5; run++) {
    // The processor's time: other work on the machine does not count.
    const start = process.cpuUsage();
    propose({ ...base, strategy, seed: run, history: strategy === 'sobol' ? [] : history, count: 256 });
    const { user, system } = process.cpuUsage(start);
    seconds.push((user + system) / 1e6);
  }
  seconds.sort((a, b) => a - b);
  console.log(`${strategy}: 256 proposals after 1,000 results, median of 5: ${seconds[2]!.toFixed(3)} s`);
}
const { heapUsed, rss } = process.memoryUsage();
console.log(`heap ${Math.round(heapUsed / 1e6)} MB, resident ${Math.round(rss / 1e6)} MB`);
