import { ownedByContract, variableOf } from '../../core/spec/variables.ts';
import { CONSTANTS, wordsInPlace } from './by-hand.ts';
import { CONFIG_FILE } from './config-file.ts';
import { folderOf } from './configuration.ts';
import type { Interface, Option } from './option.ts';
import type { Program, ProgramFolder } from './program.ts';
import { type Role, roleOf, type Values, valuesOf } from './roles.ts';

/** How a program's settings become the parts of a spec. */

export interface Searched {
  readonly option: Option;
  readonly values: Values;
}

/** Something written into the spec, and where in the program its reason stands. */
export interface Fixed {
  readonly option: Option;
  readonly value: string;
}

export interface SpecParts {
  readonly command: readonly string[];
  readonly searched: readonly Searched[];
  readonly fixed: readonly Fixed[];
  /** Variable, value, and why. */
  readonly environment: readonly (readonly [name: string, value: string, place: string])[];
  readonly files: Readonly<Record<string, unknown>>;
  readonly outputs: readonly string[];
  readonly data: { readonly folder: string; readonly place: string } | null;
  /** Null: the program says nothing of how many it trains. */
  readonly epochs: { readonly count: number; readonly place: string; readonly isObeyed: boolean } | null;
  /** What is left at its default. */
  readonly others: readonly Option[];
  /** What the person should know, and what is left to do; a sentence each. */
  readonly notes: readonly string[];
  readonly toDo: readonly string[];
}

export function partsOf(program: Program, folder: ProgramFolder): SpecParts {
  const face = program.interface ?? NONE;
  const options = deliverable(face, distinct(face.options));
  const byRole = (role: Role) => options.filter((option) => roleOf(option) === role);
  const data = dataOf(byRole('data'), program, folder);
  const [epochs] = byRole('epochs');
  const [seed] = byRole('seed');
  const fixed: Fixed[] = [
    ...(epochs === undefined ? [] : [{ option: epochs, value: '{EPOCHS}' }]),
    ...data.fixed,
    ...byRole('model').map((option) => ({ option, value: placeFor(option, face) })),
    ...byRole('checkpoint').map((option) => ({ option, value: withFile('{CHECKPOINT_DIR}', option) })),
    ...(seed === undefined ? [] : [{ option: seed, value: '{SEED}' }]),
  ].filter(({ option }) => canBeFixed(face, option));
  const searched = byRole('parameter').map((option) => ({ option, values: valuesOf(option)! }));
  const taken = new Set([...fixed, ...searched].map(({ option }) => option));
  const others = options.filter((option) => !taken.has(option));
  const sageMaker = sageMakerParts(program, data.root, folder);
  return {
    command: commandOf(program, face, fixed, searched),
    searched,
    fixed,
    environment: [
      ...Object.entries(face.environment ?? {}).map(([name, value]) => [name, value, face.kind] as const),
      ...(face.kind === VARIABLES
        ? fixed
            .filter(
              ({ option: { prefix, variable } }) => prefix === 'variable' && ownedByContract(variable ?? '') === null,
            )
            .map(({ option, value }) => [option.variable ?? '', value, option.place] as const)
        : []),
      ...sageMaker.environment,
    ],
    files:
      face.files?.(
        Object.fromEntries([...searched.map(placeholder), ...fixed.map(({ option, value }) => [option.name, value])]),
      ) ?? {},
    outputs: sageMaker.outputs,
    data: data.root,
    epochs: epochsOf(epochs, fixed, program),
    others: others.filter(({ isRequired, variable }) => !isRequired && !variable?.startsWith('SM_')),
    notes: face.notes,
    toDo: [...(face.toDo ?? []), ...data.notes, ...sageMaker.notes, ...others.flatMap((option) => neededNote(option))],
  };
}

const NONE: Interface = { kind: '', form: 'args', words: [], options: [], notes: [] };
const VARIABLES = 'environment variables';

const placeholder = ({ option }: Searched): [string, string] => [option.name, `{${option.name}}`];

/** Two of one variable cannot both be parameters. */
const distinct = (options: readonly Option[]): Option[] =>
  options.filter(
    ({ name }, index) => options.findIndex((other) => variableOf(other.name) === variableOf(name)) === index,
  );

/** Flags take no value and other truths need one, so of the two kinds one is searched. */
function deliverable(face: Interface, options: readonly Option[]): Option[] {
  if (face.form !== 'args') return [...options];
  const isExplicit = hasShort(options);
  const flags = options.filter((option) => option.type === 'flag' && roleOf(option) === 'parameter');
  const hasFlags = flags.length > 0;
  return options.map((option) => {
    if (option.flaw !== undefined) return option;
    if (option.type === 'flag' && isExplicit)
      return { ...option, flaw: 'cannot be left out, because the command lists every option' };
    if (option.hasOff && option.fallback === true && !allHaveOff(flags))
      return { ...option, flaw: 'is on unless the command has its --no- form, which the other flags lack' };
    return option.type === 'boolean' && hasFlags
      ? { ...option, flaw: 'needs a value, but the flags take none' }
      : option;
  });
}

const allHaveOff = (flags: readonly Option[]): boolean => flags.every(({ hasOff }) => hasOff);

/** Options such as `-lr`, which `{args}` would write with two hyphens. */
const hasShort = (options: readonly Option[]): boolean =>
  options.some((option) => option.prefix === '-' && roleOf(option) === 'parameter');

/** What Optuna proposes and W&B's file holds is no argument. */
const canBeFixed = ({ kind }: Interface, option: Option): boolean =>
  option.prefix !== 'variable' ||
  (kind === VARIABLES && option.variable !== null) ||
  ([CONFIG_FILE, CONSTANTS, 'wandb.config'].includes(kind) && /^(epochs|seed)$/.test(roleOf(option)));

function commandOf(
  program: Program,
  face: Interface,
  fixed: readonly Fixed[],
  searched: readonly Searched[],
): string[] {
  const asArguments = fixed.filter(({ option }) => option.prefix !== 'variable' && option.position === undefined);
  const flags = searched.flatMap(({ option }) => (option.type === 'flag' ? [option] : []));
  const flagged = allHaveOff(flags) ? 'args_flags' : 'args_no_boolean_flags';
  const form = face.form === 'args' && flags.length > 0 ? flagged : face.form;
  const isExplicit = searched.some(({ option }) => option.prefix === '-' || option.written !== undefined);
  const wordsOf = (option: Option, value: string) =>
    form === 'args_spaced' ? [option.written ?? `${option.prefix}${option.name}`, value] : [word(option, value)];
  const words = isExplicit
    ? searched.flatMap(({ option }) => wordsOf(option, `{${option.name}}`))
    : form === null
      ? []
      : [`{${form}}`];
  const positional = asArguments.filter(({ option }) => option.prefix === 'positional').map(({ value }) => value);
  const named = asArguments
    .filter(({ option }) => option.prefix !== 'positional')
    .flatMap(({ option, value }) => wordsOf(option, value));
  const placed = wordsInPlace(face.options, (option) => {
    const set = fixed.find((each) => each.option.name === option.name)?.value;
    return set ?? (searched.some((each) => each.option.name === option.name) ? `{${option.name}}` : null);
  });
  return [
    launcherOf(program.script) ?? 'python3',
    ...scriptWords(program),
    ...face.words,
    ...placed,
    ...positional,
    ...named,
    ...words,
  ];
}

const word = ({ name, prefix }: Option, value: string): string => `${prefix}${name}=${value}`;

const LAUNCHERS: Readonly<Record<string, string>> = {
  py: 'python3',
  sh: 'bash',
  bash: 'bash',
  R: 'Rscript',
  r: 'Rscript',
  jl: 'julia',
  pl: 'perl',
  rb: 'ruby',
  lua: 'lua',
  js: 'node',
  mjs: 'node',
};

/** What runs a script, by the ending of its name; null: init does not know. */
export function launcherOf(script: string): string | null {
  const ending = script.slice(script.lastIndexOf('.') + 1);
  return Object.hasOwn(LAUNCHERS, ending) ? LAUNCHERS[ending]! : null;
}

/** A module of a package, which imports from beside itself, starts by its name. */
function scriptWords({ script, modules }: Program): string[] {
  const isInPackage =
    script.endsWith('.py') &&
    script.includes('/') &&
    (modules[0]?.imports.some((name) => name.startsWith('.')) ?? false);
  return isInPackage ? ['-m', script.replace(/(\/__main__)?\.py$/, '').replaceAll('/', '.')] : [script];
}

const EXTENSION = /\.(pt|pth|ckpt|bin|pkl|pickle|joblib|h5|hdf5|keras|onnx|json|safetensors|npz|txt|csv|model|ubj)$/i;

/** A folder of the contract, with the name of the file where the default is one. */
const withFile = (folder: string, { fallback }: Option): string =>
  typeof fallback === 'string' && EXTENSION.test(fallback) ? `${folder}/${fallback.split('/').at(-1)}` : folder;

/** transformers' Trainer keeps its checkpoints in its output folder. */
const placeFor = (option: Option, { kind }: Interface): string =>
  withFile(kind === 'HfArgumentParser' ? '{CHECKPOINT_DIR}' : '{MODEL_DIR}', option);

const USUAL = ['data', 'dataset', 'datasets', 'input'];

function dataOf(options: readonly Option[], program: Program, folder: ProgramFolder) {
  const usual = USUAL.find((name) => folder.folders.has(name)) ?? null;
  const places = options.flatMap((option) => {
    const path = typeof option.fallback === 'string' ? option.fallback.replace(/^\.\//, '').replace(/\/$/, '') : '';
    const isThere = folder.folders.has(path) || (folder.files.has(path) && path.includes('/'));
    if (isThere) return [{ option, path }];
    return option.isRequired && usual !== null ? [{ option, path: usual }] : [];
  });
  const paths = places.map(({ path }) => (folder.files.has(path) ? folderOf(path) : path));
  const root = commonFolder(paths) ?? (hasChannel(program) ? usual : null);
  const place = places[0]?.option.place ?? [...program.sageMaker.values()][0] ?? '';
  const notes = options
    .filter((option) => option.isRequired && !places.some((each) => each.option === option))
    .map(
      (option) =>
        `${shown(option)} (${option.place}) needs a folder: set training.data to it, and add ${given(option, '{DATA_DIR}')} to the command.`,
    );
  return {
    root: root === null ? null : { folder: root, place },
    fixed: root === null ? [] : places.map(({ option, path }) => ({ option, value: below('{DATA_DIR}', root, path) })),
    notes,
  };
}

const below = (variable: string, root: string, path: string): string =>
  path === root ? variable : `${variable}/${path.slice(root.length + 1)}`;

/** The folder that holds all of them; null where they have none in common. */
function commonFolder(paths: readonly string[]): string | null {
  if (paths.length === 0) return null;
  const [first, ...rest] = paths.map((path) => path.split('/'));
  const common = first!.filter((part, index) => rest.every((other) => other[index] === part));
  return common.length === 0 ? null : common.join('/');
}

const hasChannel = ({ sageMaker }: Program): boolean =>
  [...sageMaker.keys()].some((name) => name.startsWith('SM_CHANNEL_'));

const SAGEMAKER: Readonly<Record<string, string>> = {
  SM_HPS: '{args_json}',
  SM_MODEL_DIR: '{MODEL_DIR}',
  SM_OUTPUT_DATA_DIR: 'output',
  SM_OUTPUT_DIR: 'output',
  SM_NUM_GPUS: '0',
  SM_NUM_CPUS: '1',
  SM_HOSTS: '["algo-1"]',
  SM_CURRENT_HOST: 'algo-1',
};

function sageMakerParts({ sageMaker }: Program, data: { folder: string } | null, { folders }: ProgramFolder) {
  const environment: [string, string, string][] = [];
  const notes: string[] = [];
  for (const [name, place] of sageMaker) {
    const channel = /^SM_CHANNEL_(.+)$/.exec(name)?.[1]?.toLowerCase();
    if (Object.hasOwn(SAGEMAKER, name)) environment.push([name, SAGEMAKER[name]!, place]);
    else if (channel !== undefined && data !== null)
      environment.push([
        name,
        folders.has(`${data.folder}/${channel}`) ? `{DATA_DIR}/${channel}` : '{DATA_DIR}',
        place,
      ]);
    else if (channel !== undefined)
      notes.push(
        `${name} (${place}) is a folder of data: set training.data to it, and ${name}: "{DATA_DIR}" in training.environment.`,
      );
    else notes.push(`${name} (${place}) is a SageMaker variable: set it in training.environment.`);
  }
  const outputs = environment.some(([, value]) => value === 'output') ? ['output'] : [];
  return { environment, outputs, notes };
}

function epochsOf(
  option: Option | undefined,
  fixed: readonly Fixed[],
  { ownEpochs, epochsVariable }: Program,
): SpecParts['epochs'] {
  const isObeyed = option !== undefined && fixed.some((each) => each.option === option);
  const count = typeof option?.fallback === 'number' && option.fallback >= 1 ? Math.round(option.fallback) : null;
  if (isObeyed) return { count: Math.min(count ?? 10, 1_000_000), place: option.place, isObeyed };
  if (epochsVariable !== null) return { ...epochsVariable, count: epochsVariable.count ?? 10, isObeyed: true };
  return ownEpochs === null ? null : { ...ownEpochs, isObeyed: false };
}

function neededNote(option: Option): string[] {
  if (!option.isRequired || roleOf(option) === 'data' || option.variable?.startsWith('SM_')) return [];
  if (option.position !== undefined)
    return [`${shown(option)} (${option.place}) has no default; put it in the place of ... in the command.`];
  return [`${shown(option)} (${option.place}) has no default; add ${given(option, '...')} to the command.`];
}

/** As a person would name it. */
export const shown = ({ name, prefix, variable }: Option): string =>
  prefix === 'variable' ? (variable ?? name) : prefix === 'positional' ? name.toUpperCase() : `${prefix}${name}`;

const given = (option: Option, value: string): string =>
  option.prefix === 'positional' || option.prefix === 'variable' ? value : word(option, value);
