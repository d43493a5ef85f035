import { badInput } from '../base/errors.ts';
import { specName } from './common.ts';
import { Draft } from './draft.ts';
import type { Entry, Fields, Written } from './foreign.ts';
import { type ForeignParameter, namesFor } from './names.ts';
import { floats, integers, logFloats, logIntegers } from './ranges.ts';
import { sageMakerTraining } from './sagemaker-training.ts';
import { settleHalving, settleMedian, settleTarget, settleTrials } from './search.ts';

/**
 * A SageMaker tuning job: the request of CreateHyperParameterTuningJob, what DescribeHyperParameterTuningJob answers, or the
 * configuration alone. Shapes: botocore, sagemaker/2017-07-24/service-2.json; ranges and scaling:
 * https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-define-ranges.html
 */
export function fromSageMaker(root: Entry): Draft {
  const draft = new Draft();
  const fields = root.map();
  const wrapped = fields.take('HyperParameterTuningJobConfig');
  const config = wrapped?.map() ?? fields;
  const name = fields.take('HyperParameterTuningJobName');
  if (name !== undefined) draft.set(['name'], specName(name.string()), name);
  const definition = definitionOf(draft, fields);
  const strategy = config.need('Strategy');
  strategyOf(draft, strategy);
  const parameters = ranges(draft, config.take('ParameterRanges') ?? definition?.take('HyperParameterRanges'));
  if (parameters.length === 0) throw badInput('ParameterRanges', 'has no parameters; name at least one range');
  parameters.push(...constants(draft, definition?.take('StaticHyperParameters'), parameters));
  const limits = config.take('ResourceLimits')?.map();
  settleTrials(
    draft,
    parameters.flatMap(({ placeholder, values }) => (values === null ? [] : [placeholder])),
    { trials: limits?.take('MaxNumberOfTrainingJobs'), otherwise: 'the file gives no number' },
  );
  const parallel = limits?.take('MaxParallelTrainingJobs');
  if (parallel !== undefined) draft.set(['compute', 'maxParallel'], BigInt(parallel.whole()), parallel);
  hyperband(draft, strategy, config.take('StrategyConfig'));
  const objective = config.take('HyperParameterTuningJobObjective') ?? definition?.take('TuningObjective');
  objectiveOf(draft, objective);
  endings(draft, config);
  const seed = config.take('RandomSeed');
  if (seed !== undefined) draft.set(['search', 'seed'], BigInt(seed.whole()), seed);
  sageMakerTraining(draft, definition, parameters);
  withoutCounterpart(draft, fields, limits);
  return draft;
}

/** The one definition of a training job, or the first of several. */
function definitionOf(draft: Draft, fields: Fields): Fields | undefined {
  const one = fields.take('TrainingJobDefinition');
  const [first, ...others] = fields.take('TrainingJobDefinitions')?.list() ?? [];
  draft.drop(
    [],
    one === undefined ? others : [first, ...others].filter((entry) => entry !== undefined),
    'has no counterpart: a sweep has one program, so write a spec for each',
  );
  return (one ?? first)?.map();
}

const STRATEGIES: Readonly<Record<string, string>> = {
  Bayesian: 'bayesian',
  Random: 'random',
  Grid: 'grid',
  Hyperband: 'random',
};

function strategyOf(draft: Draft, entry: Entry): void {
  const strategy = STRATEGIES[entry.string()];
  if (strategy === undefined) throw entry.refusal(Object.keys(STRATEGIES).join(', '));
  draft.set(['search', 'strategy'], strategy, entry);
}

function hyperband(draft: Draft, strategy: Entry, entry: Entry | undefined): void {
  const fields = entry?.map();
  const config = fields?.take('HyperbandStrategyConfig')?.map();
  const [least, most] = ['MinResource', 'MaxResource'].map((key) => config?.take(key));
  if (strategy.string() === 'Hyperband')
    settleHalving(draft, {
      from: strategy,
      reduction: 3,
      minEpochs: least?.whole() ?? 1,
      epochs: most?.whole() ?? null,
    });
  else
    draft.drop(
      ['search'],
      [least, most].filter((entry) => entry !== undefined),
      'belongs to Hyperband',
    );
  draft.drop(['search'], [...(config?.rest() ?? []), ...(fields?.rest() ?? [])]);
}

function ranges(draft: Draft, entry: Entry | undefined): ForeignParameter[] {
  const fields = entry?.map();
  const kinds = ['IntegerParameterRanges', 'ContinuousParameterRanges', 'CategoricalParameterRanges'] as const;
  const items = kinds.flatMap((kind) =>
    (fields?.take(kind)?.list() ?? []).map((item) => {
      const own = item.map();
      return { kind, item, own, name: own.need('Name').string() };
    }),
  );
  const names = namesFor(items.map(({ name }) => name));
  const auto = fields?.take('AutoParameters')?.list() ?? [];
  draft.drop(['search', 'space'], auto, 'has no counterpart; give the parameter a range');
  draft.drop(['search', 'space'], fields?.rest() ?? []);
  return items.map(({ kind, item, own, name }) => {
    const placeholder = names.get(name)!;
    const values =
      kind === 'CategoricalParameterRanges'
        ? categories(own)
        : range(draft, placeholder, own, kind === 'IntegerParameterRanges');
    draft.set(['search', 'space', placeholder], values, item);
    draft.drop(['search', 'space', placeholder], own.rest());
    return { keys: [name], placeholder, values };
  });
}

const categories = (own: Fields): Written =>
  own
    .need('Values')
    .items()
    .map((value) => decoded(value.string()));

/** A text that the SageMaker SDK for Python put into quotes, as its containers take them off again. */
export function decoded(text: string): string {
  if (!/^".*"$/s.test(text)) return text;
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}

/** Two powers of ten and more: searched evenly, nearly all of it would be the last one. */
const WIDE = 100;

function range(draft: Draft, name: string, own: Fields, isInteger: boolean): Written {
  const [from, to] = [own.need('MinValue'), own.need('MaxValue')];
  const [min, max] = isInteger ? [from.whole(), to.whole()] : [from.number(), to.number()];
  if (min > max) throw from.refusal(`at most MaxValue (${max})`);
  const scaling = own.take('ScalingType');
  const type = scaling?.string() ?? 'Auto';
  const place = ['search', 'space', name];
  const isLog = type === 'Logarithmic' || (type === 'Auto' && min > 0 && max / min >= WIDE);
  if (!['Auto', 'Linear', 'Logarithmic', 'ReverseLogarithmic'].includes(type))
    throw scaling!.refusal('Auto, Linear, Logarithmic or ReverseLogarithmic');
  if (type === 'Auto')
    draft.remark(
      place,
      scaling ?? own.at,
      `${own.at.text}.ScalingType`,
      `Auto lets SageMaker choose the scale; this spec uses ${isLog ? 'log' : 'linear'}, check it`,
    );
  if (type === 'ReverseLogarithmic')
    draft.remark(
      place,
      scaling!,
      scaling!.text,
      'ReverseLogarithmic has no counterpart, so the scale is linear. To keep it, search 1 - x on a log scale',
    );
  if (isLog && min <= 0) throw from.refusal('a number above 0, as a log scale needs');
  if (isLog) return isInteger ? logIntegers(min, max) : logFloats(min, max);
  return isInteger ? integers(min, max) : floats(min, max);
}

/** Hyperparameters that the job holds constant; those that SageMaker's containers read stand in the training. */
function constants(draft: Draft, entry: Entry | undefined, tuned: readonly ForeignParameter[]): ForeignParameter[] {
  const all = entry?.map().rest() ?? [];
  const [program] = all.filter(({ key }) => key === 'sagemaker_program');
  if (program !== undefined) draft.set(['training', 'command'], ['python', decoded(program.string())], program);
  const internal = all.filter(({ key }) => /^_?(sagemaker|tuning)_/.test(key) && key !== 'sagemaker_program');
  draft.drop(['training'], internal, 'is read only by SageMaker');
  const own = all.filter((one) => one !== program && !internal.includes(one));
  const taken = new Set(tuned.map(({ placeholder }) => placeholder));
  const names = namesFor([...taken, ...own.map(({ key }) => key)]);
  return own.map((one) => {
    const known = { epochs: 'EPOCHS', seed: 'SEED' }[one.key.toLowerCase()];
    if (known !== undefined && one.isWhole) {
      draft.set(['training', one.key.toLowerCase()], BigInt(one.whole()), one);
      return { keys: [one.key], placeholder: known, values: null };
    }
    const placeholder = names.get(one.key)!;
    const values = [decoded(one.string())];
    draft.set(['search', 'space', placeholder], values, one, 'constant');
    return { keys: [one.key], placeholder, values };
  });
}

function objectiveOf(draft: Draft, entry: Entry | undefined): void {
  const fields = entry?.map();
  const name = fields?.need('MetricName');
  const type = fields?.need('Type');
  if (name === undefined || type === undefined) {
    draft.remark(
      ['objective'],
      null,
      'HyperParameterTuningJobObjective',
      'the file names none; set the metric that ranks trials',
    );
    draft.set(['objective', 'metric'], 'val_accuracy', null, 'a guess; set it');
    return;
  }
  if (!['Maximize', 'Minimize'].includes(type.string())) throw type.refusal('Maximize or Minimize');
  draft.set(['objective', 'metric'], name.string(), name);
  draft.set(['objective', 'goal'], type.string().toLowerCase(), type);
}

/** What ends a training job, or the tuning job, before its time. */
function endings(draft: Draft, config: Fields): void {
  const early = config.take('TrainingJobEarlyStoppingType');
  if (early !== undefined && !['Auto', 'Off'].includes(early.string())) throw early.refusal('Auto or Off');
  if (early?.string() === 'Auto') settleMedian(draft, early, 1);
  const completion = config.take('TuningJobCompletionCriteria')?.map();
  const target = completion?.take('TargetObjectiveMetricValue');
  if (target !== undefined) settleTarget(draft, target);
  draft.drop(['search'], completion?.rest() ?? [], 'has no counterpart; search.stop has minImprovement and rounds');
}

function withoutCounterpart(draft: Draft, fields: Fields, limits: Fields | undefined): void {
  const warm = fields.take('WarmStartConfig');
  if (warm !== undefined)
    draft.drop(
      ['search'],
      [warm],
      'has no counterpart: warmStart takes earlier sweeps in this store; sweep propose takes any results',
    );
  const autotune = fields.take('Autotune');
  if (autotune !== undefined)
    draft.drop(['search'], [autotune], 'has no counterpart; set ranges, strategy and limits yourself');
  draft.drop(['search'], limits?.rest() ?? [], 'has no counterpart; compute.timeoutMinutes limits one trial');
}
