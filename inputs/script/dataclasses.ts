import { asFlag } from './functions.ts';
import type { Declared, Module, PythonClass } from './module.ts';
import { declaredOption, findClass, findFunction, type Interface, lastOf, namesAmong, type Option } from './option.ts';
import { type Call, callsIn, keywordOf, nameOf, positionalOf, type Token } from './python.ts';

/** Programs whose settings are the fields of classes: tyro, simple-parsing, pyrallis, HfArgumentParser, LightningCLI. */

/** How a library turns fields into arguments. */
interface Style {
  readonly kind: string;
  readonly hasHyphens: boolean;
  readonly flags: boolean;
  /** Whether the fields of a class inside of the class are named after it. */
  readonly nests: boolean;
}

const STYLES: Readonly<Record<string, Style>> = {
  tyro: { kind: 'tyro', hasHyphens: true, flags: true, nests: true },
  simple: { kind: 'simple-parsing', hasHyphens: false, flags: false, nests: false },
  pyrallis: { kind: 'pyrallis', hasHyphens: false, flags: false, nests: true },
  jsonargparse: { kind: 'jsonargparse', hasHyphens: false, flags: false, nests: true },
};

function styleOf(callee: string): Style | null {
  if (/^tyro\.(cli|extras\.)/.test(callee)) return STYLES['tyro']!;
  if (/^(simple_parsing|sp)\.parse$|\.add_arguments$/.test(callee)) return STYLES['simple']!;
  if (/^(pyrallis|draccus)\.(parse|wrap)$/.test(callee)) return STYLES['pyrallis']!;
  return /^(jsonargparse\.)?(auto_cli|CLI)$/.test(callee) ? STYLES['jsonargparse']! : null;
}

export function dataclassInterface(modules: readonly Module[]): Interface | null {
  for (const module of modules)
    for (const call of module.calls) {
      const style = styleOf(call.callee);
      if (style === null) continue;
      const name = call.callee.endsWith('.wrap') ? wrappedClass(module, call) : targetOf(call);
      const options = optionsOf(modules, name, style);
      if (options !== null) return { kind: style.kind, form: 'args', words: [], options, notes: [] };
    }
  return null;
}

const targetOf = (call: Call): string | null =>
  nameOf(keywordOf(call, 'config_class') ?? keywordOf(call, 'dataclass') ?? positionalOf(call)[0]);

/** `@pyrallis.wrap()` stands above a function whose first parameter is of the class. */
function wrappedClass(module: Module, call: Call): string | null {
  const wrapped = module.functions.find(({ decorators }) => decorators.some((each) => each.call?.line === call.line));
  return nameOf(wrapped?.parameters[0]?.annotation);
}

function optionsOf(modules: readonly Module[], name: string | null, style: Style): Option[] | null {
  const direct = findClass(modules, name);
  const written = (option: Option) => (style.flags && option.type === 'boolean' ? asFlag(option) : option);
  if (direct !== null) return fieldOptions(modules, direct, style, '').map(written);
  const called = findFunction(modules, name);
  if (called === null) return null;
  return called.value.parameters.flatMap((parameter) =>
    parameterOptions(modules, called.module, parameter, style, '').map(written),
  );
}

function fieldOptions(
  modules: readonly Module[],
  { module, value }: { readonly module: Module; readonly value: PythonClass },
  style: Style,
  above: string,
): Option[] {
  const inherited = value.bases.flatMap((base) => {
    const found = findClass(modules, base);
    return found === null || found.value === value ? [] : fieldOptions(modules, found, style, above);
  });
  const own = value.fields.flatMap((field) => parameterOptions(modules, module, field, style, above));
  return [...inherited.filter(({ name }) => !own.some((option) => option.name === name)), ...own];
}

function parameterOptions(
  modules: readonly Module[],
  module: Module,
  field: Declared,
  style: Style,
  above: string,
): Option[] {
  const name = style.hasHyphens ? field.name.replaceAll('_', '-') : field.name;
  const inner = field.annotation
    .map(({ text }) => findClass(modules, text))
    .find((found) => found !== null && isSettings(found.value));
  if (inner != null && above.split('.').length < 5)
    return fieldOptions(modules, inner, style, style.nests ? `${above}${name}.` : above);
  return [declaredOption(module, { ...field, fallback: fieldDefault(field.fallback) }, `${above}${name}`, '--')];
}

const isSettings = ({ decorators, bases }: PythonClass): boolean =>
  decorators.some(({ name }) => /(^|\.)dataclass$/.test(name)) ||
  bases.some((base) => /(Config|Args|Arguments|BaseModel)$/.test(base));

/** `field(default=0.1, metadata=...)` */
function fieldDefault(fallback: readonly Token[] | null): readonly Token[] | null {
  const call = callsIn(fallback ?? [])[0];
  if (call === undefined || !/(^|\.)field$|^Field$|(^|\.)(arg|flag|choice)$/.test(call.callee)) return fallback;
  const value = keywordOf(call, 'default');
  if (value !== undefined) return value;
  // A list or an object, of which nothing is said here, but it needs no value.
  return keywordOf(call, 'default_factory') ?? (call.callee === 'Field' ? (positionalOf(call)[0] ?? null) : null);
}

/** Of transformers' TrainingArguments, what is worth a search, with its default and type. */
const TRAINING_ARGUMENTS: readonly (readonly [string, Option['type'], number | string])[] = [
  ['learning_rate', 'float', 5e-5],
  ['per_device_train_batch_size', 'integer', 8],
  ['weight_decay', 'float', 0],
  ['warmup_ratio', 'float', 0],
  ['num_train_epochs', 'float', 3],
  ['seed', 'integer', 42],
];

/** Called, or named as a class: `HfArgumentParser((ModelArguments, TrainingArguments))`. */
export function huggingFaceInterface(modules: readonly Module[]): Interface | null {
  const at = modules.flatMap((module) => module.calls.map((call) => ({ module, call })));
  const found = at.find(({ call }) => /(^|\.)(HfArgumentParser|TrlParser)$/.test(call.callee));
  if (found === undefined) return null;
  const style: Style = { kind: 'HfArgumentParser', hasHyphens: false, flags: false, nests: false };
  const given = keywordOf(found.call, 'dataclass_types');
  const names = namesAmong(given === undefined ? positionalOf(found.call).slice(0, 1) : [given]);
  const own = names.flatMap((name) => optionsOf(modules, name, style) ?? []);
  const isTraining = names.some((name) => isTrainingArguments(modules, name));
  const place = `${found.module.file}:${found.call.line}`;
  const training = TRAINING_ARGUMENTS.flatMap(([name, type, fallback]): Option[] =>
    own.some((option) => option.name === name) ? [] : [hfOption(name, type, fallback, place)],
  );
  const output: Option = { ...hfOption('output_dir', 'text', '', place), isRequired: true };
  return {
    kind: 'HfArgumentParser',
    form: 'args',
    words: [],
    options: [...own, ...(isTraining ? [...training, output] : [])],
    notes: [],
  };
}

function isTrainingArguments(modules: readonly Module[], name: string): boolean {
  if (/TrainingArguments$|^(SFT|DPO|GRPO|PPO|Reward)Config$/.test(lastOf(name)) && findClass(modules, name) === null)
    return true;
  return findClass(modules, name)?.value.bases.some((base) => isTrainingArguments(modules, base)) ?? false;
}

const hfOption = (name: string, type: Option['type'], fallback: number | string, place: string): Option => ({
  name,
  prefix: '--',
  type,
  fallback,
  choices: null,
  isRequired: false,
  variable: null,
  place,
});

export function lightningInterface(modules: readonly Module[]): Interface | null {
  const at = modules.flatMap((module) => module.calls.map((call) => ({ module, call })));
  const found = at.find(({ call }) => /(^|\.)LightningCLI$/.test(call.callee));
  if (found === undefined) return null;
  const place = `${found.module.file}:${found.call.line}`;
  const positional = positionalOf(found.call);
  const part = (name: string, keyword: string, index: number, base: RegExp) => {
    const given = nameOf(keywordOf(found.call, keyword) ?? positional[index]);
    const chosen = given === null ? theOne(modules, base) : given;
    const target = findClass(modules, chosen);
    const options = (target?.value.parameters ?? []).map((parameter) =>
      declaredOption(target!.module, parameter, `${name}.${parameter.name}`, '--'),
    );
    return { options, word: given === null && chosen !== null ? [`--${name}=${chosen}`] : [] };
  };
  const model = part('model', 'model_class', 0, /(^|\.)LightningModule$/);
  const data = part('data', 'datamodule_class', 1, /(^|\.)LightningDataModule$/);
  const runs = keywordOf(found.call, 'run')?.[0]?.text !== 'False';
  const trainer: Option[] = [
    hfOption('trainer.max_epochs', 'integer', 10, place),
    { ...hfOption('seed_everything', 'integer', 0, place), isRequired: false },
  ];
  return {
    kind: 'LightningCLI',
    form: 'args',
    words: [
      ...(runs ? ['fit'] : []),
      ...model.word,
      ...data.word,
      // The CSV logger's file is where the metrics are read.
      '--trainer.logger=lightning.pytorch.loggers.CSVLogger',
      '--trainer.logger.save_dir=.',
    ],
    options: [...model.options, ...data.options, ...trainer],
    notes: [],
  };
}

/** The only class of a kind; null where there are several, or none. */
function theOne(modules: readonly Module[], base: RegExp): string | null {
  const classes = modules.flatMap((module) =>
    module.classes.filter(({ bases }) => bases.some((each) => base.test(each))),
  );
  return classes.length === 1 ? classes[0]!.name : null;
}
