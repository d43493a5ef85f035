// What a search finds with right, useless and wrong beliefs (`prior`), beside one without any: made-up tasks whose optimum
// is known, 4 rounds of 16.
//
//   node tools/node24.mjs --install bench/search/priors.ts [seeds]
import { uniforms } from '../../core/base/random.ts';
import { propose } from '../../core/search/propose.ts';
import type { Observation } from '../../core/search/strategies/strategy.ts';
import { buildSpace } from '../../core/space/space.ts';

const SEEDS = Number(process.argv[2] ?? 6);
const [ROUNDS, WIDTH, POPULATION] = [4, 16, 100_000];
const KINDS = ['none', 'right', 'useless', 'wrong'] as const;
type Kind = (typeof KINDS)[number];

interface Task {
  /** Where the loss is about least. */
  readonly best: readonly number[];
  readonly loss: (place: readonly number[]) => number;
}

/** As losses go: a bowl, steep in the first parameter, which moves the best of the others, and a cliff above it. */
function training(dimensions: number, seed: number): Task {
  const part = (name: string) => [...uniforms(seed, name, 0, dimensions)];
  const best = part('best').map((u) => 0.2 + 0.5 * u);
  const weights = part('weight').map((u, d) => (d === 0 ? 8 : Math.exp(2.6 * u - 1.8)));
  const mixed = part('mixed').map((u, d) => (d === 0 ? 0 : 1.2 * u - 0.6));
  return {
    best,
    loss(place) {
      const off = place[0]! - best[0]!;
      if (place[0]! + 0.25 * place.at(-1)! > best[0]! + 0.3) return 2.4;
      const bowl = place.map((x, d) => weights[d]! * Math.abs(x - best[d]! + mixed[d]! * off) ** 1.7);
      return 2.4 - 2.3 * Math.exp(-bowl.reduce((sum, term) => sum + term, 0));
    },
  };
}

/** What is believed of a parameter. @param units two in [0, 1) */
function believed(kind: Exclude<Kind, 'none'>, best: number, [a, b]: readonly [number, number]): number {
  if (kind === 'useless') return a;
  if (kind === 'wrong') return best < 0.5 ? 0.95 : 0.05;
  return Math.min(1, Math.max(0, best + 0.1 * (a + b - 1)));
}

/** After each round the logarithm of how many random trials one needs to come to as good a loss. */
function search({ best, loss }: Task, kind: Kind, seed: number, rarity: (loss: number) => number): number[] {
  const names = best.map((_, d) => `x${d}`);
  const units = uniforms(seed, 'belief', 0, 2 * best.length);
  const side = { min: 0, max: 1, scale: 'linear', type: 'float' } as const;
  const parameters = names.map((name, d) => {
    if (kind === 'none') return [name, side] as const;
    const at = believed(kind, best[d]!, [units[2 * d]!, units[2 * d + 1]!]);
    return [name, { ...side, prior: { at, confidence: 'medium' as const } }] as const;
  });
  const wanted = { strategy: 'bayesian', goal: 'minimize', initial: [], skip: 0, seed, count: WIDTH } as const;
  const space = buildSpace(Object.fromEntries(parameters));
  const history: (Observation & { readonly value: number })[] = [];
  return Array.from({ length: ROUNDS }, () => {
    for (const point of propose({ ...wanted, space, history: [...history] }))
      history.push({ parameters: point, value: loss(names.map((name) => Number(point[name]))), epochs: 1 });
    return rarity(Math.min(...history.map(({ value }) => value)));
  });
}

const found = new Map<Kind, number[][]>(KINDS.map((kind) => [kind, []]));
for (const [dimensions, task] of [3, 4, 6, 8].map((count) => [count, training(count, 10 + count)] as const)) {
  const population = Float64Array.from({ length: POPULATION }, (_, index) =>
    task.loss([...uniforms(1, 'population', index, dimensions)]),
  );
  const rarity = (loss: number) =>
    Math.log(
      POPULATION /
        Math.max(
          1,
          population.reduce((count, other) => count + (other <= loss ? 1 : 0), 0),
        ),
    );
  for (let seed = 0; seed < SEEDS; seed++)
    for (const kind of KINDS) found.get(kind)!.push(search(task, kind, seed, rarity));
}

console.log('times as much as without, after each round');
for (const [kind, traces] of found) {
  const gains = traces.map((trace, index) => trace.map((rare, round) => rare - found.get('none')![index]![round]!));
  const means = Array.from({ length: ROUNDS }, (_, round) =>
    Math.exp(gains.reduce((sum, gain) => sum + gain[round]!, 0) / gains.length),
  );
  console.log(`| ${kind} | ${means.map((mean) => mean.toFixed(2)).join(' | ')} |`);
}
