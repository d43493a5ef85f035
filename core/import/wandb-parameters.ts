import type { Draft } from './draft.ts';
import type { Entry, Fields, Written } from './foreign.ts';
import { type ForeignParameter, namesFor } from './names.ts';
import { floats, integers, logFloats, logIntegers, multiples, rounded } from './ranges.ts';

/** The parameters of a W&B sweep, written into the draft's space. */
export function wandbParameters(draft: Draft, fields: Fields): ForeignParameter[] {
  const leaves = [...leavesOf(draft, fields, [])];
  const names = namesFor(leaves.map(({ keys }) => keys.join('.')));
  return leaves.map(({ keys, entry, fields: own }) => {
    const name = names.get(keys.join('.'))!;
    const constant = ofContract(draft, keys, own);
    if (constant !== null) return { keys, placeholder: constant, values: null };
    const { values, comment } = parameter(draft, name, entry, own);
    draft.set(['search', 'space', name], values, entry, comment);
    draft.drop(['search', 'space', name], own.rest());
    return { keys, placeholder: name, values };
  });
}

interface Leaf {
  readonly keys: readonly string[];
  readonly entry: Entry;
  readonly fields: Fields;
}

/** Nested parameters are called by their keys, as W&B itself shows them: `optimizer.lr`. */
function* leavesOf(draft: Draft, fields: Fields, above: readonly string[]): Generator<Leaf> {
  for (const entry of fields.rest()) {
    const keys = [...above, entry.key];
    const own = entry.map();
    const nested = own.take('parameters');
    if (nested === undefined) yield { keys, entry, fields: own };
    else {
      yield* leavesOf(draft, nested.map(), keys);
      draft.drop(['search', 'space'], own.rest());
    }
  }
}

/** The names under which programs take what the contract gives them, where W&B holds it constant. */
const CONTRACT: Readonly<Record<string, { readonly key: string; readonly placeholder: string }>> = {
  epochs: { key: 'epochs', placeholder: 'EPOCHS' },
  seed: { key: 'seed', placeholder: 'SEED' },
};

function ofContract(draft: Draft, keys: readonly string[], own: Fields): string | null {
  const known = keys.length === 1 ? CONTRACT[keys[0]!.toLowerCase()] : undefined;
  const value = known === undefined ? undefined : own.take('value');
  if (known === undefined || value === undefined) return null;
  draft.set(['training', known.key], BigInt(value.whole()), value);
  own.take('distribution');
  draft.drop(['training'], own.rest());
  return known.placeholder;
}

interface Made {
  readonly values: Written;
  readonly comment: string | null;
}

const made = (values: Written, comment: string | null = null): Made => ({ values, comment });

function parameter(draft: Draft, name: string, entry: Entry, own: Fields): Made {
  const value = own.takeAny('value');
  const values = own.take('values');
  const distribution = own.take('distribution')?.string();
  if (value !== undefined) return made([value.value]);
  if (values !== undefined) return categorical(draft, name, entry, values, own);
  const [min, max, q, mu, sigma] = ['min', 'max', 'q', 'mu', 'sigma'].map((key) => own.take(key));
  const kind = distribution ?? (min?.isWhole && max?.isWhole ? 'int_uniform' : 'uniform');
  const unequal = (why: string) => draft.remark(['search', 'space', name], entry, entry.text, why);
  if (/normal$/.test(kind)) {
    unequal(`${kind} has no counterpart; the range covers its middle 95%, sampled uniformly`);
    if (q !== undefined) unequal(`q: values are not rounded to its multiples`);
    return normal(kind, mu?.number() ?? 0, sigma?.number() ?? 1);
  }
  if (/beta$/.test(kind)) {
    const [a, b] = [own.take('a')?.number() ?? 1, own.take('b')?.number() ?? 1];
    if (a !== 1 || b !== 1) unequal(`${kind} has no counterpart; 0 to 1 is sampled uniformly`);
    return kind === 'q_beta' ? made(multiples(0, 1, q?.number() ?? 1, q?.isWhole ?? false)) : made(floats(0, 1));
  }
  if (min === undefined || max === undefined)
    throw entry.refusal('value, values, min and max, parameters, or a distribution with mu and sigma');
  const step = q?.number() ?? 1;
  if (step <= 0) throw q!.refusal('a number above 0');
  return ranged(kind, entry, min, max, { step, isWhole: q?.isWhole ?? false }, unequal);
}

const ENDS = 'the first and last values are drawn as often as the others, not half as often';

function ranged(
  kind: string,
  entry: Entry,
  from: Entry,
  to: Entry,
  { step, isWhole }: { readonly step: number; readonly isWhole: boolean },
  unequal: (why: string) => void,
): Made {
  const [min, max] = [from.number(), to.number()];
  if (min > max) throw from.refusal(`at most max (${max})`);
  const above0 = () => {
    if (min <= 0) throw from.refusal('a number above 0');
  };
  const natural = (low: number, high: number) =>
    made(logFloats(rounded(low), rounded(high)), `e^x, x from ${min} to ${max}`);
  switch (kind) {
    case 'uniform':
      return made(floats(min, max));
    case 'int_uniform':
      return made(integers(from.whole(), to.whole()));
    case 'q_uniform':
      unequal(`q_uniform rounds to multiples of ${step}: ${ENDS}`);
      return made(multiples(min, max, step, isWhole));
    case 'log_uniform':
      return natural(Math.exp(min), Math.exp(max));
    case 'inv_log_uniform':
      return made(logFloats(rounded(Math.exp(-max)), rounded(Math.exp(-min))), `e^-x, x from ${min} to ${max}`);
    case 'log_uniform_values':
    case 'inv_log_uniform_values':
      above0();
      return made(logFloats(min, max));
    case 'q_log_uniform':
      return logMultiples(Math.exp(min), Math.exp(max), step, isWhole, unequal);
    case 'q_log_uniform_values':
      above0();
      return logMultiples(min, max, step, isWhole, unequal);
    default:
      throw entry.refusal(
        `a W&B distribution: uniform, int_uniform, q_uniform, log_uniform, log_uniform_values, their inv_ and q_ forms, normal, log_normal, categorical, constant; received ${kind}`,
      );
  }
}

function logMultiples(min: number, max: number, q: number, isWhole: boolean, unequal: (why: string) => void): Made {
  if (q === 1 && isWhole && Math.round(min) >= 1) {
    unequal(`is rounded to whole numbers: ${ENDS}`);
    return made(logIntegers(min, max));
  }
  unequal(`values are not rounded to multiples of ${q}, because a log scale here has no steps`);
  return made(logFloats(rounded(min), rounded(max)));
}

/** What 95% of the draws lie in: two standard deviations, as far as a person rounds. */
function normal(kind: string, mu: number, sigma: number): Made {
  const [low, high] = [mu - 2 * sigma, mu + 2 * sigma];
  const said = `mu ${mu}, sigma ${sigma}`;
  return kind.includes('log')
    ? made(logFloats(rounded(Math.exp(low)), rounded(Math.exp(high))), said)
    : made(floats(rounded(low), rounded(high)), said);
}

function categorical(draft: Draft, name: string, entry: Entry, values: Entry, own: Fields): Made {
  const items = values.items().map(({ value }) => value);
  const weights = own
    .take('probabilities')
    ?.list()
    .map((weight) => weight.number());
  if (weights !== undefined && new Set(weights).size > 1)
    draft.remark(
      ['search', 'space', name],
      entry,
      `${entry.text}.probabilities`,
      'has no counterpart; all values are equally likely',
    );
  const distinct = items.filter((item, index) => items.findIndex((other) => textOf(other) === textOf(item)) === index);
  if (distinct.length < items.length)
    draft.remark(
      ['search', 'space', name],
      values,
      values.text,
      'a value listed twice is drawn as often as the others',
    );
  return made(distinct);
}

const textOf = (value: Written): string =>
  JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? Number(item) : item));
