import type { Json } from '../../core/base/json.ts';
import { PARAMETER_NAME } from '../../core/spec/patterns.ts';
import { reservedBecause, variableOf } from '../../core/spec/variables.ts';
import type { Option } from './option.ts';

/** What a setting is, as far as its name, type and default tell, and the values worth trying of one that is searched. */

export type Role = 'epochs' | 'seed' | 'data' | 'model' | 'checkpoint' | 'parameter' | 'other';

const wordsOf = (name: string): string[] =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');

/** The name of a setting, in lower case with `_`; of a nested one the last part. */
export const plainName = (name: string): string => wordsOf(name.slice(name.lastIndexOf('.') + 1)).join('_');

const EPOCHS = /^(n|nb|num|max|total|training|train|num_train|number_of|max_train)?_?n?epochs?$/;
const SEED = /^(random|manual|rng|torch|np|global|train)?_?(seed|random_state)(_everything)?$|^seed_everything$/;
const DATA =
  /^(input_)?(train(ing)?_)?(data|dataset|datasets|input|images?)(_?(dir|path|root|folder|directory|file))?$|^(data_?)?root$|^train(ing)?(_(dir|folder|file|path))?$/;
const CHECKPOINT = /^(checkpoints?|ckpts?)(_?(dir|path|folder|directory|root))?$/;
const MODEL =
  /^(out|output|outputs|save|saved|model|models|export|results?)_?(model_)?(dir|path|folder|directory|root|file|to|output)$|^(outdir|outf|output|out|save|work_?dir)$/;
/** The path of a model may as well be that of one to start from. */
const MODEL_PATH = /^models?_?(path|file)$/;

export function roleOf(option: Option): Role {
  const name = plainName(option.name);
  const isText = option.type === 'text' || option.type === 'unknown';
  if (EPOCHS.test(name) && option.type !== 'flag') return 'epochs';
  if (SEED.test(name) && option.type !== 'flag') return 'seed';
  if (option.variable !== null && /^SM_(CHANNEL|MODEL|OUTPUT)/.test(option.variable)) return 'other';
  if (isText && option.choices === null) {
    if (DATA.test(name) && !isNameOfSet(option)) return 'data';
    if (CHECKPOINT.test(name)) return 'checkpoint';
    if (MODEL.test(name) && (!MODEL_PATH.test(name) || /^\.\/|\/$|\.\w+$/.test(String(option.fallback ?? ''))))
      return 'model';
  }
  return valuesOf(option) === null ? 'other' : 'parameter';
}

/** `--dataset mnist` names a set, and no place. */
const isNameOfSet = ({ name, fallback }: Option): boolean =>
  typeof fallback === 'string' &&
  !/[/.]/.test(fallback) &&
  !/(dir|path|root|folder|file)$/.test(name.toLowerCase()) &&
  /set|train|image|input/.test(name.toLowerCase());

/** Values of a parameter, as YAML writes them. */
export interface Values {
  readonly text: string;
  /** How many there are; null: a range without steps. */
  readonly count: number | null;
  /** Where the values do not come from the program. */
  readonly isGuess: boolean;
}

/** The values worth trying; null where the option is nothing to search, or nothing is known of it. */
export function valuesOf(option: Option): Values | null {
  const { choices, range, fallback, type, name } = option;
  if (option.flaw !== undefined || !canBeParameter(option)) return null;
  if (range !== undefined) return ofRange(range, type);
  const plain = plainName(name);
  if (NOT_SEARCHED.test(plain)) return null;
  if (type === 'flag' || type === 'boolean') return FLAGS.test(plain) ? known('[true, false]', 2) : null;
  const isNamed = typeof fallback === 'string' || choices?.some((choice) => typeof choice === 'string');
  if (choices !== null && choices.length > 1) {
    const isSearched = option.prefix === 'variable' || NAMED.test(plain) || (!isNamed && ofNumber(option) !== null);
    return isSearched ? known(yamlList(choices), choices.length) : null;
  }
  if (isNamed || type === 'list' || type === 'text') return null;
  return ofNumber(option);
}

const canBeParameter = ({ name, prefix, position }: Option): boolean =>
  PARAMETER_NAME.test(name) &&
  (prefix !== 'positional' || position !== undefined) &&
  reservedBecause(variableOf(name)) === null;

const known = (text: string, count: number): Values => ({ text, count, isGuess: false });
const guess = (text: string, count: number | null = null): Values => ({ text, count, isGuess: true });

/** Flags that change what is trained, not what is printed, saved, or on which machine. */
const FLAGS =
  /aug|amp$|bias|nesterov|amsgrad|batch_?norm|layer_?norm|dropout|early_stop|pretrain|freeze|frozen|ema|shuffle|normali[sz]e|bidirectional|residual|mixup|cutmix|balanced|weighted|cosine|warm|tied?$|tie_|flip|crop|clip|smooth|attention|skip|scheduler/;

/** What changes the machine, the amount of work or what is said, and what other settings say better. */
const NOT_SEARCHED =
  /(test|eval|val|valid|validation|print|log|save|logging|report)_|_(interval|freq|frequency|every|steps?_log)$|^(no_)?(cuda|gpu|mps|accel)|(?<!per_)device|worker|thread|resume|verbose|debug|dry|^steps?$|^(num_)?class|rank$|port$|^(min|warmup)_(lr|learning_rate)$/;

/** Names of which each choice is a way to train. */
const NAMED =
  /optim|activation|^act$|nonlin|schedul|sched$|model|arch|backbone|loss|criterion|kernel|^init$|init_(type|method)|initiali[sz]er|norm|pool|solver|booster|^type$|encoder|cell/;

/** Names whose values are spread over orders of magnitude, and what to try where the default tells nothing. */
const LOG: readonly (readonly [RegExp, number, number])[] = [
  [/(^|_)(lr|learning_rate|eta)[0-9]?$|^(lr|learning_rate|eta)_?(init|max|base|initial|start)?[0-9]?$/, 1e-4, 1e-1],
  [/weight_decay|^wd$|(^|_)decay$|l2|^reg|regulari[sz]ation|lambda$|^alpha$|^eps(ilon)?$|^c$|^tol$/, 1e-6, 1e-2],
  [/^(gamma|temperature|tau)$/, 1e-2, 1],
];

/** A learning rate is a fraction, however its default is written. */
export const isRate = (name: string): boolean => LOG[0]![0].test(plainName(name));

/** Names of shares, with the range that is sensible whatever the default. */
const SHARES: readonly (readonly [RegExp, string])[] = [
  [/^momentum$|^beta_?1$|^adam_beta1$/, '{ min: 0.8, max: 0.99 }'],
  [/^beta_?2$|^adam_beta2$/, '{ min: 0.9, max: 0.999 }'],
  [/^gae_?lambda$|^lam$/, '{ min: 0.9, max: 1.0 }'],
  [/^(lr_?)?gamma$|lr_decay|decay_rate/, '{ min: 0.5, max: 0.99 }'],
  [/drop(out)?|drop_?path|_prob$|^p$/, '{ min: 0.0, max: 0.5 }'],
  [/warmup_(ratio|proportion|fraction)|label_smoothing|smoothing/, '{ min: 0.0, max: 0.2 }'],
  [/subsample|colsample/, '{ min: 0.5, max: 1.0 }'],
  [/mixup|cutmix/, '{ min: 0.0, max: 1.0 }'],
];

/** What an agent's later rewards count for is near 1; a gamma by which a learning rate falls is not. */
const DISCOUNT = [/^(discount(_factor)?|gamma)$/, '{ min: 0.9, max: 0.999 }'] as const;
const isDiscount = (plain: string, value: number | null): boolean =>
  DISCOUNT[0].test(plain) &&
  (plain.startsWith('discount') ? value === null || value <= 1 : value !== null && value >= 0.95 && value < 1);

/** Counts whose neighbors are their double and their half. */
const DOUBLED =
  /batch|(^|_)bs$|hidden|n_?hid$|emsize|width|units?$|channels|filters|embed|^emb|_dim$|^dim$|d_model|n_embd|d_ff|neurons|block_size|n_estimators|num_leaves|(seq|sequence|context)_len/;
const DEPTHS = /layers?$|nlayers$|depth|blocks$|^n_layer$|num_stages/;

/** By the name alone and the default, if it has one. */
function ofNumber({ name, type, fallback }: Option): Values | null {
  const plain = plainName(name);
  const value = typeof fallback === 'number' ? fallback : null;
  const isFraction =
    isRate(name) ||
    (type !== 'integer' && !(type === 'unknown' && value !== null && Number.isInteger(value) && value > 1));
  if (isFraction) {
    const share = isDiscount(plain, value)
      ? DISCOUNT
      : SHARES.find(([pattern]) => pattern.test(plain) && (value === null || value <= 1));
    // Where it is off unless asked for, off is among the values.
    if (share !== undefined) return guess(value === 0 ? share[1].replace(/min: [0-9.]+/, 'min: 0.0') : share[1]);
    const log = LOG.find(([pattern]) => pattern.test(plain));
    if (log === undefined) return null;
    const [low, most] = value !== null && value > 0 ? [value / 10, value * 10] : [log[1], log[2]];
    // Of XGBoost's the documented range is 0 to 1.
    const high = plain === 'eta' && low < 1 ? Math.min(1, most) : most;
    return guess(`{ min: ${floatOf(low)}, max: ${floatOf(high)}, scale: log }`);
  }
  if (DOUBLED.test(plain)) {
    // The program works it out itself.
    if (value === 0) return null;
    const middle = value !== null && value >= 1 ? Math.round(value) : 64;
    const values = [...new Set([Math.max(1, Math.round(middle / 2)), middle, middle * 2])];
    return guess(`[${values.join(', ')}]`, values.length);
  }
  if (!DEPTHS.test(plain)) return null;
  const middle = value !== null && value >= 1 ? Math.round(value) : 3;
  const low = Math.max(1, middle - 1);
  return guess(`{ min: ${low}, max: ${middle + 2}, type: integer }`, middle + 3 - low);
}

/** Rounded to three digits, and written so that YAML reads a float: 1.0e-05. */
function floatOf(value: number): string {
  const rounded = Number(value.toPrecision(3));
  if (rounded >= 1e-4 && rounded < 1e6) return Number.isInteger(rounded) ? `${rounded}.0` : String(rounded);
  const [digits, exponent] = rounded.toExponential().split('e');
  return `${digits!.includes('.') ? digits : `${digits}.0`}e${exponent}`;
}

function ofRange({ min, max, log, step }: NonNullable<Option['range']>, type: Option['type']): Values {
  const write = type === 'integer' ? String : floatOf;
  const parts = [`min: ${write(min)}`, `max: ${write(max)}`];
  if (log) parts.push('scale: log');
  if (step !== undefined) parts.push(`step: ${step}`);
  if (type === 'integer' && step === undefined) parts.push('type: integer');
  const count = type === 'integer' && !log ? Math.floor((max - min) / (step ?? 1)) + 1 : null;
  return { text: `{ ${parts.join(', ')} }`, count, isGuess: false };
}

const yamlList = (values: readonly Json[]): string => `[${values.map(yamlValue).join(', ')}]`;

/** Plain where YAML reads the same text again; words that other readers take for something else are quoted. */
export function yamlValue(value: Json): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  const isPlain = /^[A-Za-z_][\w./-]*$/.test(value) && !/^(true|false|yes|no|on|off|null|nan|inf|y|n|~)$/i.test(value);
  return isPlain ? value : JSON.stringify(value);
}
