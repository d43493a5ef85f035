// Rounds and asynchronous search on 16 slots under a virtual clock: how busy the slots are, how long a search takes and
// what it finds.
//
//   node tools/node24.mjs --install bench/async/run.ts [seeds for times] [seeds for what is found]
//   node tools/node24.mjs --install bench/async/run.ts --tables [seeds]   tables of bench/search/times.py, which has to run before
import type { Unit } from '../../core/layout/asynchronous.ts';
import { knownFrom, type Outcome, seenOf, unitName } from '../../core/search/asynchronous/known.ts';
import { promotion } from '../../core/search/asynchronous/promotion.ts';
import { proposals } from '../../core/search/asynchronous/proposal.ts';
import { type AsynchronousSweep, budgetsOfTrial } from '../../core/search/asynchronous/sweep.ts';
import { proposeNext } from '../../core/search/next-round.ts';
import { Fits } from '../../core/search/strategies/bayesian-numbered.ts';
import type { Observation } from '../../core/search/strategies/strategy.ts';
import { type Parameters, pointKey } from '../../core/space/space.ts';
import { budgetsOf } from '../../core/spec/rungs.ts';
import { chance } from '../../test/core/search/asynchronous/clock.ts';
import { type Duration, durations, pull, Rounds, type Usage } from './schedule.ts';
import { keptTables } from './tables.ts';
import { rarity, sweepFor, TASKS, type Task } from './tasks.ts';

const isOfTables = process.argv[2] === '--tables';
const [SEEDS = 20, FOUND_SEEDS = SEEDS] = process.argv.slice(isOfTables ? 3 : 2).map(Number);
/** What is found hangs little on when trials end, and takes longest. */
const FOUND = { minutes: 10, spread: 1 };

interface Run extends Usage {
  /** The best value, without its noise, of the trials that the search would call the best. */
  readonly best: number;
  /** The same as it came to be, from the first full training on, with the seconds at which it did. */
  readonly bests: readonly (readonly [seconds: number, best: number])[];
}

/** What a training tells: shorter ones are a rougher guide, which is what halving has to live with. */
type Measure = (parameters: Parameters, number: number, epochs: number) => number;

const measureOf = (task: Task, seed: number): Measure => {
  const drawn = new Map<string, number>();
  const random = chance(seed + 17);
  return (parameters, number, epochs) => {
    const key = `${number}.${epochs}`;
    if (!drawn.has(key)) drawn.set(key, random() - 0.5);
    return task.value(parameters) + drawn.get(key)! * task.noise * (1 + 3 * (1 - epochs / 27) ** 3);
  };
};

function inRounds(sweep: AsynchronousSweep, task: Task, seed: number, size: number, seconds: Duration): Run {
  const { spec } = sweep;
  const measure = measureOf(task, seed);
  const history: (Observation & { readonly value: number })[] = [];
  const numbers = new Map<string, number>();
  const rounds = new Rounds();
  const isHalving = spec.search.strategy === 'halving';
  for (;;) {
    const wanted = isHalving ? 10_000 : Math.min(size, spec.search.trials - history.length);
    const next = wanted === 0 ? [] : proposeNext(spec, history, wanted);
    if (next.length === 0) break;
    const trainings = next.map(({ parameters, epochs }) => {
      const key = pointKey(parameters);
      const number = numbers.get(key) ?? numbers.size;
      numbers.set(key, number);
      history.push({ parameters, epochs, value: measure(parameters, number, epochs) });
      return (seconds(number, parameters) * addedEpochs(sweep, epochs)) / 27;
    });
    rounds.round(trainings);
  }
  const [usage, best] = [rounds.usage(), bestOf(task, history)];
  // What a search in rounds has found is known when it is through.
  return { ...usage, best, bests: [[usage.wall, best]] };
}

function asynchronous(sweep: AsynchronousSweep, task: Task, seed: number, seconds: Duration): Run {
  const { spec, space } = sweep;
  const measure = measureOf(task, seed);
  const points = new Map<number, Parameters>();
  const taken = new Set<string>();
  const units: Unit[] = [];
  const outcomes = new Map<string, Outcome>();
  const fits = new Fits();
  const history: (Observation & { readonly value: number })[] = [];
  const bests: [number, number][] = [];
  const usage = pull(() => {
    const numbers = Math.min(spec.search.trials, space.size);
    const seen = seenOf({ numbers, points: points.keys(), units, ended: outcomes, skipped: [] });
    const known = knownFrom(seen, { points, outcomes });
    const promoted = promotion(spec, known);
    if (promoted === null && points.size === numbers) return null;
    const number = promoted?.number ?? points.size;
    const unit = promoted ?? { number, epochs: budgetsOfTrial(spec, number)[0]! };
    if (promoted === null) {
      for (const point of proposals(sweep, number, known, fits)) {
        if (taken.has(pointKey(point))) continue;
        points.set(number, point);
        taken.add(pointKey(point));
        break;
      }
    }
    units.push(unit);
    const parameters = points.get(number)!;
    return {
      seconds: (seconds(number, parameters) * addedEpochs(sweep, unit.epochs)) / 27,
      end: (now) => {
        const value = measure(parameters, number, unit.epochs);
        outcomes.set(unitName(unit), { value, failureClass: null, curve: [] });
        history.push({ parameters, epochs: unit.epochs, value });
        if (history.some(({ epochs }) => epochs === spec.training.epochs)) bests.push([now, bestOf(task, history)]);
      },
    };
  });
  return { ...usage, best: bestOf(task, history), bests };
}

/** A trial goes on from its checkpoint. */
function addedEpochs({ spec }: AsynchronousSweep, epochs: number): number {
  if (spec.search.strategy !== 'halving') return epochs;
  const below = budgetsOf(spec).filter((budget) => budget < epochs);
  return epochs - (below.at(-1) ?? 0);
}

function bestOf(task: Task, history: readonly (Observation & { readonly value: number })[]): number {
  const longest = Math.max(...history.map(({ epochs }) => epochs));
  const [best] = history.filter(({ epochs }) => epochs === longest).sort((a, b) => b.value - a.value);
  return task.value(best!.parameters);
}

type Search = (task: Task, seed: number, seconds: Duration) => Run;

const model = (task: Task, seed: number) => sweepFor(task, seed, { strategy: 'bayesian', trials: 64 });
const halved = (task: Task, seed: number) => sweepFor(task, seed, { strategy: 'halving', trials: 81 });
const cheap = (task: Task, seed: number) => sweepFor(task, seed, { strategy: 'sobol', trials: 64 });

const SEARCHES: Readonly<Record<string, Search>> = {
  '4 rounds of 16': (task, seed, seconds) => inRounds(model(task, seed), task, seed, 16, seconds),
  '16 rounds of 4': (task, seed, seconds) => inRounds(model(task, seed), task, seed, 4, seconds),
  asynchronous: (task, seed, seconds) => asynchronous(model(task, seed), task, seed, seconds),
  'halving of 81': (task, seed, seconds) => inRounds(halved(task, seed), task, seed, 0, seconds),
  'ASHA of 81': (task, seed, seconds) => asynchronous(halved(task, seed), task, seed, seconds),
};

/** Times hang on no proposal, so they are taken with the quickest strategy. */
const TIMES: Readonly<Record<string, Search>> = {
  ...SEARCHES,
  '4 rounds of 16': (task, seed, seconds) => inRounds(cheap(task, seed), task, seed, 16, seconds),
  '16 rounds of 4': (task, seed, seconds) => inRounds(cheap(task, seed), task, seed, 4, seconds),
  asynchronous: (task, seed, seconds) => asynchronous(cheap(task, seed), task, seed, seconds),
};

/** Seconds until a search had what halving ends with on the same seed; all of its time where it never had. */
function secondsTo(value: number, { bests, wall }: Run): number {
  return bests.find(([, best]) => best >= value)?.[0] ?? wall;
}

const seeds = Array.from({ length: SEEDS }, (_, seed) => seed);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

if (isOfTables) ofTables();
else ofMadeUpTimes();

/** Trainings that take the time that they took, which hangs on their parameters; a table's mean is FOUND.minutes. */
function ofTables(): void {
  console.log(
    '| table | search | busy | until a slot finds nothing | hours | found |\n| --- | --- | --- | --- | --- | --- |',
  );
  for (const { task, seconds, rare } of keptTables(FOUND.minutes * 60))
    for (const name of ['4 rounds of 16', '16 rounds of 4', 'asynchronous']) {
      const runs = seeds.map((seed) => SEARCHES[name]!(task, seed, seconds));
      const percent = (of: (run: Run) => number) => `${Math.round(100 * mean(runs.map(of)))} %`;
      const hours = (mean(runs.map(({ wall }) => wall)) / 3600).toFixed(2);
      const found = Math.exp(mean(runs.map(({ best }) => Math.log(rare(best))))).toFixed(0);
      console.log(
        `| ${task.name} | ${name} | ${percent(({ busy }) => busy)} | ${percent(({ busyUntilDry }) => busyUntilDry)} | ${hours} | ${found} |`,
      );
    }
}

function ofMadeUpTimes(): void {
  console.log(
    "| minutes | spread | search | busy | until a slot finds nothing | hours | to halving's value |\n| --- | --- | --- | --- | --- | --- | --- |",
  );
  for (const minutes of [3, 10, 30])
    for (const spread of [0.3, 1]) {
      const runsOf = (search: Search) => seeds.map((seed) => search(TASKS[0]!, seed, durations(seed, minutes, spread)));
      const halving = runsOf(TIMES['halving of 81']!);
      for (const [name, search] of Object.entries(TIMES)) {
        const runs = runsOf(search);
        const percent = (of: (run: Run) => number) => `${Math.round(100 * mean(runs.map(of)))} %`;
        const hours = (seconds: readonly number[]) => (mean(seconds) / 3600).toFixed(2);
        const wall = hours(runs.map((run) => run.wall));
        const reached = /halving|ASHA/.test(name)
          ? hours(runs.map((run, index) => secondsTo(halving[index]!.best, run)))
          : '';
        console.log(
          `| ${minutes} | ${spread} | ${name} | ${percent((run) => run.busy)} | ${percent((run) => run.busyUntilDry)} | ${wall} | ${reached} |`,
        );
      }
    }

  console.log('\n| task | search | found |\n| --- | --- | --- |');
  for (const task of TASKS) {
    const rare = rarity(task);
    for (const [name, search] of Object.entries(SEARCHES)) {
      const found = seeds
        .slice(0, FOUND_SEEDS)
        .map((seed) => Math.log(rare(search(task, seed, durations(seed, FOUND.minutes, FOUND.spread)).best)));
      console.log(`| ${task.name} | ${name} | ${Math.exp(mean(found)).toFixed(0)} |`);
    }
  }
}
