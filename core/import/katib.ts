import { badInput } from '../base/errors.ts';
import { floatText } from '../base/numbers.ts';
import { specName } from './common.ts';
import { Draft } from './draft.ts';
import type { Entry, Fields, Written } from './foreign.ts';
import { katibMetrics } from './katib-metrics.ts';
import { katibTemplate } from './katib-template.ts';
import { namesFor } from './names.ts';
import { floats, integers, logFloats, logIntegers } from './ranges.ts';
import { settleHalving, settleMedian, settleTarget, settleTrials } from './search.ts';

/**
 * A Katib Experiment, v1beta1: https://www.kubeflow.org/docs/components/katib/user-guides/, and its types in
 * https://github.com/kubeflow/katib, pkg/apis/controller/{experiments,common}/v1beta1.
 */
export function fromKatib(root: Entry): Draft {
  const draft = new Draft();
  const fields = root.map();
  fields.take('apiVersion');
  fields.take('kind');
  const metadata = fields.take('metadata')?.map();
  const name = metadata?.take('name') ?? metadata?.take('generateName');
  if (name !== undefined) draft.set(['name'], specName(name.string()), name);
  const spec = fields.need('spec').map();
  const nas = spec.take('nasConfig');
  if (nas !== undefined)
    throw badInput(
      'spec.nasConfig',
      `line ${nas.line}: is an architecture search (NAS), which has no counterpart here; write the choices as parameters`,
    );
  const budget = algorithm(draft, spec.need('algorithm'));
  const names = parameters(draft, spec.need('parameters'), budget);
  const [trials, parallel, failed] = ['maxTrialCount', 'parallelTrialCount', 'maxFailedTrialCount'].map((key) =>
    spec.take(key),
  );
  settleTrials(
    draft,
    [...names.values()].filter((placeholder) => placeholder !== 'EPOCHS'),
    { trials, otherwise: 'Katib would run until the goal is reached' },
  );
  budget?.settle();
  const objective = spec.need('objective').map();
  const additional = objectiveOf(draft, objective);
  const path = katibMetrics(draft, spec.take('metricsCollectorSpec'), additional);
  katibTemplate(draft, spec.take('trialTemplate'), names, path);
  if (parallel !== undefined) draft.set(['compute', 'maxParallel'], BigInt(parallel.whole()), parallel);
  if (failed !== undefined) draft.set(['tolerance', 'failedTrials'], BigInt(failed.whole()), failed);
  const stopping = spec.take('earlyStopping');
  if (stopping !== undefined) earlyStopping(draft, stopping);
  const resume = spec.take('resumePolicy');
  if (resume !== undefined) draft.drop([], [resume], 'has no counterpart: a sweep can always be resumed');
  return draft;
}

/** https://www.kubeflow.org/docs/components/katib/user-guides/hp-tuning/configure-algorithm/ */
const STRATEGIES: Readonly<Record<string, string>> = {
  random: 'random',
  grid: 'grid',
  sobol: 'sobol',
  bayesianoptimization: 'bayesian',
  tpe: 'bayesian',
  'multivariate-tpe': 'bayesian',
  cmaes: 'bayesian',
  hyperband: 'random',
};

/** The parameter that Katib's hyperband uses as the budget, and what is to be settled once the trials are. */
interface Budget {
  readonly parameter: string | null;
  readonly settle: () => void;
}

function algorithm(draft: Draft, entry: Entry): Budget | null {
  const fields = entry.map();
  const named = fields.need('algorithmName');
  const algorithmName = named.string();
  const strategy = STRATEGIES[algorithmName];
  if (['enas', 'darts'].includes(algorithmName))
    throw named.refusal(
      `an algorithm for hyperparameters; ${algorithmName} searches architectures (NAS), which has no counterpart here`,
    );
  if (strategy === undefined)
    throw named.refusal(`${Object.keys(STRATEGIES).join(', ')}; population-based training has no counterpart here`);
  draft.set(['search', 'strategy'], strategy, named);
  if (strategy === 'bayesian' && algorithmName !== 'bayesianoptimization')
    draft.remark(
      ['search', 'strategy'],
      named,
      named.text,
      `${algorithmName} has no counterpart; bayesian uses a Gaussian process instead`,
    );
  const settings = settingsOf(fields.take('algorithmSettings'));
  const state = settings.get('random_state');
  if (state !== undefined) draft.set(['search', 'seed'], BigInt(state.whole()), state);
  settings.delete('random_state');
  const budget = algorithmName === 'hyperband' ? hyperband(draft, named, settings) : null;
  dropSettings(draft, ['search', 'strategy'], settings);
  draft.drop(['search', 'strategy'], fields.rest());
  return budget;
}

/** `r_l` is the most of a resource that a trial gets, and `resource_name` the parameter that carries it. */
function hyperband(draft: Draft, from: Entry, settings: Map<string, Entry>): Budget {
  const [name, most, eta] = ['resource_name', 'r_l', 'eta'].map((key) => settings.get(key));
  for (const key of ['resource_name', 'r_l', 'eta']) settings.delete(key);
  return {
    parameter: name?.string() ?? null,
    settle: () =>
      settleHalving(draft, {
        from,
        reduction: eta?.number() ?? 3,
        minEpochs: 1,
        epochs: most === undefined ? null : Math.round(most.number()),
      }),
  };
}

/** Settings as Katib lists them, name and value, by name. */
function settingsOf(entry: Entry | undefined): Map<string, Entry> {
  return new Map(
    (entry?.list() ?? []).map((setting) => {
      const fields = setting.map();
      return [fields.need('name').string(), fields.need('value')];
    }),
  );
}

function dropSettings(draft: Draft, place: readonly string[], settings: ReadonlyMap<string, Entry>): void {
  for (const [name, entry] of settings)
    draft.remark(place, entry, name, 'is a setting of the algorithm and has no counterpart');
}

/** The placeholder of each parameter, by Katib's name for it. */
function parameters(draft: Draft, entry: Entry, budget: Budget | null): Map<string, string> {
  const items = entry.list().map((item) => {
    const fields = item.map();
    return { item, fields, name: fields.need('name').string() };
  });
  const names = namesFor(items.map(({ name }) => name));
  const placeholders = new Map<string, string>();
  for (const { item, fields, name } of items) {
    const type = fields.need('parameterType');
    const space = fields.need('feasibleSpace').map();
    if (name === budget?.parameter) {
      placeholders.set(name, 'EPOCHS');
      draft.drop(
        ['training', 'epochs'],
        [item, ...fields.rest()],
        `${name} is the budget; the command uses {EPOCHS} for it`,
      );
      continue;
    }
    const own = names.get(name)!;
    placeholders.set(name, own);
    draft.set(['search', 'space', own], feasible(draft, own, type, space), item);
    draft.drop(['search', 'space', own], [...space.rest(), ...fields.rest()]);
  }
  return placeholders;
}

function feasible(draft: Draft, name: string, type: Entry, space: Fields): Written {
  const [min, max, step, list, distribution] = ['min', 'max', 'step', 'list', 'distribution'].map((key) =>
    space.take(key),
  );
  const kind = type.string();
  if (kind === 'categorical' || kind === 'discrete') {
    if (list === undefined) throw space.at.refusal('list, the values to choose from');
    return kind === 'discrete' ? numerals(list.items()) : list.items().map((item) => item.string());
  }
  if (kind !== 'double' && kind !== 'int') throw type.refusal('double, int, discrete or categorical');
  if (min === undefined || max === undefined) throw space.at.refusal('min and max');
  const [low, high] = kind === 'int' ? [min.whole(), max.whole()] : [min.number(), max.number()];
  if (low > high) throw min.refusal(`at most max (${high})`);
  const drawn = distribution?.string() ?? 'uniform';
  const unequal = (why: string) =>
    draft.remark(
      ['search', 'space', name],
      distribution ?? step ?? type,
      `${name}.${distribution === undefined ? 'step' : 'distribution'}`,
      why,
    );
  if (drawn === 'normal' || drawn === 'logNormal')
    unequal(`${drawn} has no counterpart; the whole range is sampled uniformly`);
  else if (drawn !== 'uniform' && drawn !== 'logUniform')
    throw distribution!.refusal('uniform, logUniform, normal or logNormal');
  if (drawn.startsWith('log')) {
    if (low <= 0) throw min.refusal('a number above 0, as a log scale needs');
    if (step !== undefined) unequal('values are not rounded to steps, because a log scale here has none');
    return kind === 'int' ? logIntegers(low, high) : logFloats(low, high);
  }
  return kind === 'int' ? integers(low, high, step?.whole() ?? 1) : floats(low, high, step?.number());
}

/** A discrete list, whose numbers Katib writes as texts and hands over as they stand: 0.10 has to stay that text. */
function numerals(items: readonly Entry[]): Written {
  const texts = items.map((item) => {
    item.number();
    return item.string();
  });
  if (texts.every((text) => /^-?(?:0|[1-9][0-9]*)$/.test(text))) return texts.map((text) => BigInt(text));
  return texts.every((text) => floatText(Number(text)) === text) ? texts.map(Number) : texts;
}

/** The names of further metrics. */
function objectiveOf(draft: Draft, objective: Fields): string[] {
  const type = objective.need('type');
  const name = objective.need('objectiveMetricName');
  if (!['minimize', 'maximize'].includes(type.string())) throw type.refusal('minimize or maximize');
  draft.set(['objective', 'metric'], name.string(), name);
  draft.set(['objective', 'goal'], type.string(), type);
  const goal = objective.take('goal');
  if (goal !== undefined) settleTarget(draft, goal);
  strategies(draft, objective.take('metricStrategies'), name.string(), type.string());
  const additional = objective.take('additionalMetricNames');
  draft.drop(['objective'], objective.rest());
  return (additional?.list() ?? []).map((item) => item.string());
}

/** `latest` is our `last`; the best of the goal's own direction is the default of both. */
function strategies(draft: Draft, entry: Entry | undefined, metric: string, goal: string): void {
  for (const item of entry?.list() ?? []) {
    const fields = item.map();
    const value = fields.need('value');
    const isObjective = fields.need('name').string() === metric;
    const best = goal === 'maximize' ? 'max' : 'min';
    if (isObjective && value.string() === 'latest') draft.set(['objective', 'at'], 'last', value);
    else if (isObjective && value.string() !== best)
      draft.drop(
        ['objective'],
        [value],
        `the ${value.string()} of a metric to ${goal} has no counterpart; the best value counts`,
      );
    else if (!isObjective)
      draft.drop(['objective'], [item], 'has no counterpart: other metrics are shown but do not count');
  }
}

/** https://www.kubeflow.org/docs/components/katib/user-guides/early-stopping/ */
function earlyStopping(draft: Draft, entry: Entry): void {
  const fields = entry.map();
  const name = fields.need('algorithmName');
  if (name.string() !== 'medianstop') throw name.refusal('medianstop');
  const settings = settingsOf(fields.take('algorithmSettings'));
  const start = settings.get('start_step');
  settings.delete('start_step');
  settleMedian(draft, name, start?.whole() ?? 4);
  dropSettings(draft, ['training', 'stop'], settings);
  draft.drop(['training', 'stop'], fields.rest());
}
