import type { Json } from '../base/json.ts';
import { number, toText } from '../base/text.ts';
import { buildSpace, type Dimension } from '../space/space.ts';
import type { Spec } from '../spec/spec.ts';
import type { RankedTrial } from '../sweep/leaderboard.ts';
import type { FailureClass } from '../trial/failure.ts';

/** Values of one parameter with which most trials failed, and without which few did. */
export interface HiddenRegion {
  readonly name: string;
  /** `learning_rate of 0.08 and more`, `batch_size 256` */
  readonly where: string;
  readonly failed: number;
  readonly trials: number;
}

/** So many failures are no chance. */
const MIN_FAILED = 3;
/** Of so many parts looked at one may seem as bad by chance with this probability at most. */
const CHANCE = 0.2;
const MOST_FAIL = 0.5;
const FEW_FAIL = 0.25;
/** Parts that a range is looked at in, from either end. */
const PARTS = 8;
/** These say nothing of the parameters. */
const NOT_THE_PARAMETERS: ReadonlySet<FailureClass> = new Set<FailureClass>([
  'not-run',
  'interrupted',
  'lost',
  'malformed-result',
  'image-pull',
  'skipped',
]);

/** The part of the space that failures hide most clearly; null where they hide none. */
export function hiddenRegion(spec: Spec, trials: readonly RankedTrial[]): HiddenRegion | null {
  const told = trials.filter(({ failureClass }) => failureClass === undefined || !NOT_THE_PARAMETERS.has(failureClass));
  const failures = told.filter(({ status }) => status === 'failed').length;
  if (failures < MIN_FAILED || failures === told.length) return null;
  const parts = buildSpace(spec.search.space).dimensions.flatMap((dimension) =>
    partsOf(dimension, told).flatMap(({ where, inside }) => {
      const failed = inside.filter(({ status }) => status === 'failed').length;
      return inside.length === told.length ? [] : [{ name: dimension.name, where, failed, trials: inside.length }];
    }),
  );
  const regions = parts.filter(
    ({ failed, trials: inside }) =>
      failed >= MIN_FAILED &&
      failed >= MOST_FAIL * inside &&
      failures - failed <= FEW_FAIL * (told.length - inside) &&
      parts.length * chanceOf(failed, { inside, failures, of: told.length }) <= CHANCE,
  );
  // The one that has most of the failures, and of those the purest.
  return regions.sort((a, b) => b.failed - a.failed || a.trials - b.trials)[0] ?? null;
}

interface Part {
  readonly where: string;
  readonly inside: readonly RankedTrial[];
}

const shown = (value: Json): string => (typeof value === 'number' ? number(value) : toText(value));

/** Each value of a list; of a range what lies above or below each eighth of its trials. */
function partsOf({ name, accept, unitOf, ordered, count }: Dimension, trials: readonly RankedTrial[]): Part[] {
  const known = trials.flatMap((trial) => {
    const value = Object.hasOwn(trial.parameters, name) ? accept(trial.parameters[name]) : undefined;
    return value === undefined ? [] : [{ trial, value, unit: unitOf(value) }];
  });
  const inside = (some: typeof known) => some.map(({ trial }) => trial);
  if (!ordered || count <= PARTS)
    return [...new Set(known.map(({ unit }) => unit))].map((unit) => {
      const some = known.filter((one) => one.unit === unit);
      return { where: `${name} ${shown(some[0]!.value)}`, inside: inside(some) };
    });
  const sorted = known.sort((a, b) => a.unit - b.unit);
  return Array.from({ length: PARTS - 1 }, (_, k) => Math.floor(((k + 1) * sorted.length) / PARTS)).flatMap((cut) =>
    cut === 0
      ? []
      : [
          { where: `${name} of ${shown(sorted[cut]!.value)} and more`, inside: inside(sorted.slice(cut)) },
          { where: `${name} of ${shown(sorted[cut - 1]!.value)} and less`, inside: inside(sorted.slice(0, cut)) },
        ],
  );
}

/** That so many of the failures or more lie inside by chance alone: the upper tail of the hypergeometric distribution. */
function chanceOf(
  failed: number,
  { inside, failures, of }: { readonly inside: number; readonly failures: number; readonly of: number },
): number {
  // Weights by the ratios of neighbours, as logarithms, so that 10,000 trials overflow nothing.
  const [least, most] = [Math.max(0, inside + failures - of), Math.min(inside, failures)];
  const logs = [0];
  for (let k = least; k < most; k++)
    logs.push(logs.at(-1)! + Math.log(((inside - k) * (failures - k)) / ((k + 1) * (of - inside - failures + k + 1))));
  const highest = logs.reduce((a, b) => Math.max(a, b));
  const weights = logs.map((log) => Math.exp(log - highest));
  const sum = (some: readonly number[]) => some.reduce((a, b) => a + b, 0);
  return sum(weights.slice(Math.max(0, failed - least))) / sum(weights);
}
