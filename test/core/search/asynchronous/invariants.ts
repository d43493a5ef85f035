import { claimsPrefix, parseClaimKey, parsePointKey, pointsPrefix } from '../../../../core/layout/asynchronous.ts';
import { parseResultKey, resultsPrefix } from '../../../../core/layout/keys.ts';
import { bracketOf, budgetsOfTrial } from '../../../../core/search/asynchronous/sweep.ts';
import { verify } from '../../../../core/search/asynchronous/verify.ts';
import { type Course, decidedIn, type Scenario } from './simulation.ts';

type Asked = Pick<Scenario, 'sweep' | 'asked'>;

/** What is not as it must be, whatever went wrong; empty: nothing. */
export function broken(
  { sweep, asked = [] }: Asked,
  { store, waves, trainings }: Pick<Course, 'store' | 'waves' | 'trainings'>,
): string[] {
  const { sweepId } = sweep;
  const problems: string[] = [];
  const decided = decidedIn(store, sweepId);
  const claims = store.keys(claimsPrefix(sweepId)).map((key) => parseClaimKey(sweepId, key)!);
  const numbers = [...decided.placed.values()].map(({ number }) => number);
  if (new Set(numbers).size !== numbers.length) problems.push('a number has two points');
  for (const key of store.keys(resultsPrefix(sweepId))) {
    const { trialId, epochs } = parseResultKey(sweepId, key)!;
    const number = decided.placed.get(trialId)?.number;
    if (!claims.some((claim) => claim.number === number && claim.epochs === epochs))
      problems.push(`${key} has no claim`);
  }
  for (const [unit, times] of trainings) {
    const releases = claims.filter((claim) => claim.released && `${claim.number}.${claim.epochs}` === unit).length;
    const { attempts } = sweep.spec.compute;
    if (times > attempts + releases)
      problems.push(`${unit} was trained ${times} times, and given up ${releases} times`);
  }
  for (const [index, wave] of waves.entries()) {
    const before = waves[index - 1];
    // A pause that was lifted again leaves a wave that did nothing.
    if (before?.execution !== wave.execution || asked.some(({ control }) => control.paused)) continue;
    if (wave.before.results + wave.before.starts <= before.before.results + before.before.starts)
      problems.push(`wave ${before.wave} added nothing`);
  }
  const { disagreements, lost } = verify(sweep, decided);
  problems.push(...lost.map((unit) => `${unit} counts as begun before, though nothing was lost`));
  problems.push(...disagreements.map((disagreement) => JSON.stringify(disagreement)));
  return problems;
}

/** Trials of the search that have no result at their first budget, and promotions that were not made. */
export function unfinished({ sweep, asked = [] }: Asked, { store }: Pick<Course, 'store'>): string[] {
  const { points, outcomes, ended } = decidedIn(store, sweep.sweepId);
  if (ended !== null) return [];
  const skipped = new Set(asked.flatMap(({ control }) => control.skipped));
  const voids = store.keys(pointsPrefix(sweep.sweepId)).filter((key) => 'none' in parsePointKey(sweep.sweepId, key)!);
  if (voids.length > 0) return [];
  return Array.from({ length: Math.min(sweep.spec.search.trials, sweep.space.size) }, (_, number) => number)
    .filter((number) => !skipped.has(number))
    .filter((number) => !points.has(number) || !outcomes.has(`${number}.${budgetsOfTrial(sweep.spec, number)[0]}`))
    .map((number) => `trial ${number} of bracket ${bracketOf(sweep.spec, number)} is not through`);
}
