// Proposals for bench/search: the product's own pure function behind a pipe, a JSON line in, a JSON line out.
//   {"space", "strategy", "seed", "goal", "others", "history": [{"parameters", "value", "others", "epochs"}], "count"}
//   -> {"points", "seconds"}
import { createInterface } from 'node:readline';
import { propose } from '../../core/search/propose.ts';
import { buildSpace } from '../../core/space/space.ts';
import { resolveSpec } from '../../core/spec/resolve.ts';

for await (const line of createInterface({ input: process.stdin })) {
  const { space, strategy, seed, goal, others = [], history, count, costExponent } = JSON.parse(line);
  const spec = resolveSpec({
    search: { strategy, seed, space, trials: 10_000 },
    objective: [{ metric: 'value', goal }, ...others],
  });
  const start = performance.now();
  const points = propose({
    space: buildSpace(spec.search.space),
    strategy,
    seed,
    goal,
    others: spec.objective.others,
    initial: [],
    history,
    costExponent,
    skip: history.length,
    count,
  });
  console.log(JSON.stringify({ points, seconds: (performance.now() - start) / 1000 }));
}
