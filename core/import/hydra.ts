import { badInput } from '../base/errors.ts';
import { specName } from './common.ts';
import { Draft } from './draft.ts';
import { type Entry, type Fields, isMap, type Written } from './foreign.ts';
import { parseSweep } from './hydra-override.ts';
import { type ForeignParameter, keepsName, namesFor } from './names.ts';
import { floats, integers, logFloats, logIntegers } from './ranges.ts';
import { settleTrials } from './search.ts';

/**
 * Hydra's Optuna sweeper, and its basic one: `hydra.sweeper` of an application's configuration, or a file of its own for that
 * place. Keys and defaults: https://hydra.cc/docs/plugins/optuna_sweeper/, and hydra_optuna_sweeper/config.py, _impl.py in
 * https://github.com/facebookresearch/hydra; `search_space` and `optuna_config` are those of earlier releases.
 */
export function fromHydra(root: Entry): Draft {
  const draft = new Draft();
  const fields = root.map();
  const hydra = fields.take('hydra')?.map();
  const sweeper = hydra?.need('sweeper').map() ?? fields;
  const defaults = defaultsOf(fields.take('defaults'));
  const target = sweeper.take('_target_');
  const older = sweeper.take('optuna_config')?.map();
  const take = (key: string) => sweeper.take(key) ?? older?.take(key);
  const study = take('study_name');
  if (study !== undefined) draft.set(['name'], specName(study.string()), study);
  const keys = ['direction', 'n_trials', 'sampler', 'n_jobs'] as const;
  const [direction, trials, sampler, jobs] = keys.map(take);
  checkSweeper(target, defaults);
  const isBasic =
    !String(target?.value ?? defaults.sweeper?.value ?? '').includes('optuna') &&
    [direction, trials, sampler].every((entry) => entry === undefined) &&
    older === undefined;
  const strategy = isBasic ? 'grid' : strategyOf(draft, sampler, defaults.sampler);
  draft.set(
    ['search', 'strategy'],
    strategy,
    sampler ?? null,
    isBasic ? "Hydra's basic sweeper runs all combinations" : null,
  );
  const space = sweeper.take('params') ?? take('search_space');
  if (space === undefined)
    throw badInput('hydra.sweeper.params', 'is missing; add the parameters that you sweep on the command line');
  const parameters = parametersOf(draft, space.map(), strategy === 'grid');
  const searched = parameters.map(({ placeholder }) => placeholder);
  settleTrials(draft, searched, { trials, otherwise: isBasic ? '' : "Optuna's sweeper runs 20" });
  if (trials === undefined && draft.get('search', 'trials') !== undefined)
    draft.set(['search', 'trials'], 20n, null, "the sweeper's default");
  objective(draft, direction);
  command(draft, parameters);
  if (jobs !== undefined) draft.set(['compute', 'maxParallel'], BigInt(jobs.whole()), jobs);
  const failures = take('max_failure_rate');
  if (failures !== undefined)
    draft.set(
      ['tolerance', 'failedTrials'],
      `${failures.number() * 100}%`,
      failures,
      'of all trials, not of those that run at once',
    );
  const custom = take('custom_search_space');
  if (custom !== undefined)
    draft.drop(
      ['search', 'space'],
      [custom],
      'is a function; write the parameters that it adds into the space, with when: for conditions',
    );
  // An application's own configuration stays where it is: the program reads it.
  if (hydra !== undefined) fields.rest();
  return draft;
}

interface Defaults {
  readonly sweeper: Entry | null;
  readonly sampler: { readonly name: string; readonly entry: Entry } | null;
}

/** What the defaults list says about the sweeper: `override hydra/sweeper: optuna`. */
function defaultsOf(entry: Entry | undefined): Defaults {
  const chosen = new Map<string, Entry>();
  for (const item of entry?.list() ?? []) {
    if (!isMap(item.value)) continue;
    for (const choice of item.map().rest()) chosen.set(choice.key.replace(/^override\s+\/?/, ''), choice);
  }
  const sampler = chosen.get('hydra/sweeper/sampler') ?? chosen.get('sampler');
  const sweeper = chosen.get('hydra/sweeper');
  return {
    sweeper: sweeper ?? null,
    sampler: sampler === undefined ? null : { name: sampler.string(), entry: sampler },
  };
}

/** Ax, Nevergrad and others search by keys of their own; read as the basic one, their sweep would be another. */
function checkSweeper(target: Entry | undefined, { sweeper }: Defaults): void {
  const named = target ?? sweeper;
  if (named !== null && !/optuna|basic/i.test(String(named.value)))
    throw named.refusal("Hydra's basic sweeper, or Optuna's; for others, write a spec yourself (sweep init)");
}

/** By the class of a sampler, or the name of its configuration, in lower case and without `sampler`. */
const SAMPLERS: Readonly<Record<string, string>> = {
  tpe: 'bayesian',
  gp: 'bayesian',
  cmaes: 'bayesian',
  random: 'random',
  grid: 'grid',
  qmc: 'sobol',
};

function strategyOf(draft: Draft, sampler: Entry | undefined, chosen: Defaults['sampler']): string {
  const fields = sampler === undefined || !isMap(sampler.value) ? undefined : sampler.map();
  const at = fields?.take('_target_') ?? (fields === undefined ? sampler : undefined) ?? chosen?.entry;
  const name = (at?.string() ?? 'tpe').split('.').at(-1)!;
  const short = name.toLowerCase().replace(/sampler$/, '');
  const strategy = SAMPLERS[short];
  if (strategy === undefined) throw at!.refusal('a sampler for one objective: TPE, GP, CMA-ES, random, grid, QMC');
  const place = ['search', 'strategy'];
  if (short === 'tpe' || short === 'cmaes')
    draft.remark(place, at ?? null, 'sampler', `${name} has no counterpart; bayesian uses a Gaussian process instead`);
  const seed = fields?.take('seed');
  if (seed !== undefined) draft.set(['search', 'seed'], BigInt(seed.whole()), seed);
  draft.drop(place, fields?.rest() ?? []);
  return strategy;
}

function parametersOf(draft: Draft, fields: Fields, isGrid: boolean): ForeignParameter[] {
  const entries = fields.rest();
  const names = namesFor(entries.map(({ key }) => key.replace(/^\++/, '')));
  return entries.map((entry) => {
    const placeholder = names.get(entry.key.replace(/^\++/, ''))!;
    const { values, comment } = isMap(entry.value) ? ofSearchSpace(entry) : ofOverride(entry, isGrid);
    draft.set(['search', 'space', placeholder], values, entry, comment);
    return { keys: [entry.key], placeholder, values };
  });
}

interface Made {
  readonly values: Written;
  readonly comment: string | null;
}

function ofOverride(entry: Entry, isGrid: boolean): Made {
  if (Array.isArray(entry.value)) return { values: entry.items().map(({ value }) => value), comment: null };
  if (typeof entry.value !== 'string') return { values: [entry.value], comment: null };
  const text = entry.value;
  const sweep = parseSweep(text);
  if (typeof sweep === 'string')
    throw badInput(entry.text, `line ${entry.line}: received ${JSON.stringify(text)}, which ${sweep}`);
  if (sweep.kind === 'choice') return { values: sweep.values, comment: null };
  if (sweep.kind === 'range') {
    const { start, stop, step, isWhole } = sweep;
    // A distribution of Optuna holds the stop, if a step ends there; its grid, and Hydra's basic sweeper, end before it.
    const steps = Math.floor((stop - start) / step + 1e-9);
    const isExact = Math.abs(start + steps * step - stop) < 1e-9 * Math.max(1, Math.abs(stop));
    const last = Number((start + (isGrid && isExact ? steps - 1 : steps) * step).toPrecision(12));
    if (last < start)
      throw badInput(entry.text, `line ${entry.line}: received ${JSON.stringify(text)}, which holds no value`);
    const values = isWhole ? integers(start, last, step) : floats(start, last, last === start ? undefined : step);
    return { values, comment: `${text}${isGrid ? ' without its stop, as a grid' : ''}` };
  }
  const { start, end, isWhole, isLog } = sweep;
  if (start > end || (isLog && start <= 0))
    throw badInput(
      entry.text,
      `line ${entry.line}: received ${JSON.stringify(text)}; allowed: a start of at most the end${isLog ? ', above 0' : ''}`,
    );
  const make = isWhole ? (isLog ? logIntegers : integers) : isLog ? logFloats : floats;
  return { values: make(start, end), comment: text };
}

/** `search_space` of Hydra 1.1: type, low, high, step, log, choices. */
function ofSearchSpace(entry: Entry): Made {
  const fields = entry.map();
  const type = fields.need('type');
  const [choices, low, high, step, log] = ['choices', 'low', 'high', 'step', 'log'].map((key) => fields.take(key));
  if (type.string() === 'categorical') {
    if (choices === undefined) throw entry.refusal('choices');
    return { values: choices.items().map(({ value }) => value), comment: null };
  }
  if (!['int', 'float'].includes(type.string())) throw type.refusal('int, float or categorical');
  if (low === undefined || high === undefined) throw entry.refusal('low and high');
  const [min, max] = [low.number(), high.number()];
  const isWhole = type.string() === 'int';
  const left = fields.rest();
  if (left.length > 0) throw left[0]!.refusal('type, low, high, step, log, choices');
  if (log?.value === true) return { values: isWhole ? logIntegers(min, max) : logFloats(min, max), comment: null };
  const values = isWhole ? integers(min, max, step?.whole() ?? 1) : floats(min, max, step?.number());
  return { values, comment: null };
}

function objective(draft: Draft, direction: Entry | undefined): void {
  const directions = direction === undefined ? [] : Array.isArray(direction.value) ? direction.list() : [direction];
  if (directions.length > 1) throw direction!.refusal('one direction: a sweep has one objective');
  const [one] = directions;
  if (one !== undefined && !['minimize', 'maximize'].includes(one.string())) throw one.refusal('minimize or maximize');
  draft.set(['objective', 'metric'], 'objective', null, 'what the function returns');
  draft.set(
    ['objective', 'goal'],
    one?.string() ?? 'minimize',
    one ?? null,
    one === undefined ? "the sweeper's default" : null,
  );
  draft.set(['objective', 'pattern'], 'objective: {number}', null);
  draft.remark(
    ['objective'],
    null,
    'the returned value',
    'programs are not called as functions here; make yours print the value, as in print(f"objective: {value}")',
  );
}

function command(draft: Draft, parameters: readonly ForeignParameter[]): void {
  const isPlain = parameters.every((parameter) => keepsName(parameter) && !needsQuotes(parameter));
  const args = isPlain
    ? ['{args_no_hyphens}']
    : parameters.map((parameter) => `${parameter.keys[0]}=${quoted(parameter, needsQuotes(parameter))}`);
  draft.set(['training', 'command'], ['python', 'main.py', ...args], null, 'a guess; write your own');
  draft.remark(['training', 'command'], null, 'program', 'the file does not name it; replace main.py with yours');
  draft.set(['training', 'source'], '.', null, 'the folder with your code');
}

const quoted = ({ placeholder }: ForeignParameter, isQuoted: boolean): string =>
  isQuoted ? `"{${placeholder}}"` : `{${placeholder}}`;

/** Texts that Hydra's grammar takes apart unless they are quoted; a list or a mapping is meant to be taken apart. */
const needsQuotes = ({ values }: ForeignParameter): boolean =>
  Array.isArray(values) &&
  values.some((value) => typeof value === 'string' && !/^[[{]/.test(value) && /[\s,'":=(){}[\]]/.test(value));
