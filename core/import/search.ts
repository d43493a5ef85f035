import type { Draft } from './draft.ts';
import { type Entry, isMap, type Written } from './foreign.ts';

/** What the formats have in common about a search: how many trials, what ends it, and which strategy can do it. */

/** As in core/spec/resolve.ts. */
const DEFAULT_TRIALS = 32;
const DEFAULT_EPOCHS = 10;
/** How often a search that would be one round pauses to look, where something is to be looked at. */
const ROUNDS = 4;

/** The number of values a parameter takes; Infinity for a continuous range. */
export function countOf(parameter: Written): number {
  if (Array.isArray(parameter)) return parameter.length;
  if (!isMap(parameter)) return 1;
  if (Array.isArray(parameter['choices'])) return parameter['choices'].length;
  const [min, max] = [Number(parameter['min']), Number(parameter['max'])];
  if (min === max) return 1;
  if (parameter['step'] === undefined && parameter['type'] !== 'integer') return Number.POSITIVE_INFINITY;
  return Math.floor((max - min) / Number(parameter['step'] ?? 1) + 1e-9) + 1;
}

export interface Limits {
  /** What the other tool calls its number of trials. */
  readonly trials: Entry | undefined;
  /** What it does without one. */
  readonly otherwise: string;
}

/**
 * Settles the strategy and the number of trials once the space stands: a grid has its own size, and cannot hold a
 * continuous range.
 */
export function settleTrials(draft: Draft, names: readonly string[], { trials, otherwise }: Limits): void {
  const counts = names.map((name) => [name, countOf(draft.get('search', 'space', name)!)] as const);
  const size = counts.reduce((product, [, count]) => product * count, 1);
  const asked = trials?.whole();
  if (asked !== undefined && asked < 1) throw trials!.refusal('1 or more');
  if (draft.get('search', 'strategy') === 'grid') {
    const continuous = counts.find(([, count]) => count === Number.POSITIVE_INFINITY)?.[0];
    if (continuous !== undefined) {
      draft.set(['search', 'strategy'], 'sobol', null, 'evenly spread trials instead of a grid');
      draft.remark(
        ['search', 'strategy'],
        null,
        'grid',
        `${continuous} is a continuous range, which a grid cannot list`,
      );
    } else if (asked !== undefined && asked < size) {
      draft.set(['search', 'strategy'], 'random', null, `${asked} of the grid's ${size} points, none twice`);
      draft.remark(['search', 'strategy'], trials!, trials!.text, `a grid here always trains all ${size} trials`);
    } else return;
  }
  const most = Math.min(asked ?? DEFAULT_TRIALS, size);
  const isFewer = asked !== undefined && most < asked;
  draft.set(
    ['search', 'trials'],
    BigInt(most),
    trials ?? null,
    isFewer ? `all distinct points` : asked === undefined ? `${otherwise}; this is the default` : null,
  );
}

/** The search ends when a trial is as good as `target`. */
export function settleTarget(draft: Draft, target: Entry): void {
  if (draft.get('search', 'strategy') === 'halving') {
    draft.drop(['search'], [target], 'cannot be combined with halving, which already stops weaker trials at its rungs');
    return;
  }
  draft.set(['search', 'stop', 'value'], target.number(), target);
  giveRounds(draft, 'checks the target');
}

/** A trial ends when it is worse than the median of earlier ones. */
export function settleMedian(draft: Draft, from: Entry, minEpochs: number): void {
  draft.set(['training', 'stop', 'median'], true, from);
  if (minEpochs > 1) draft.set(['training', 'stop', 'minEpochs'], BigInt(minEpochs), from);
  giveRounds(draft, 'compares trials with earlier rounds');
}

/** What is looked at between rounds needs more than one. */
function giveRounds(draft: Draft, purpose: string): void {
  if (['bayesian', 'halving'].includes(String(draft.get('search', 'strategy')))) return;
  const trials = Number(draft.get('search', 'trials') ?? ROUNDS);
  draft.set(['search', 'rounds'], BigInt(Math.min(ROUNDS, trials)), null, `the search ${purpose} after each round`);
}

export interface Rungs {
  readonly from: Entry;
  readonly reduction: number;
  readonly minEpochs: number;
  /** Null: the other tool does not say. */
  readonly epochs: number | null;
}

/** Successive halving in place of another tool's early stopping by rungs. False: nothing would be stopped by them. */
export function settleHalving(draft: Draft, { from, reduction, minEpochs, epochs }: Rungs): boolean {
  const before = draft.get('search', 'strategy');
  const proposals = before === 'bayesian' ? 'bayesian' : before === 'sobol' ? 'sobol' : 'random';
  const factor = Math.min(100, Math.max(1.5, reduction));
  const total = Number(draft.get('training', 'epochs') ?? epochs ?? Number.POSITIVE_INFINITY);
  if (Math.ceil(total / factor - 1e-9) < minEpochs) {
    draft.drop(['search'], [from], `would have no rung below ${total} epochs, so it stops nothing and is left out`);
    return false;
  }
  if (factor !== reduction)
    draft.remark(['search', 'halving'], from, from.text, `set to ${factor}, because ${reduction} is out of range here`);
  draft.set(['search', 'strategy'], 'halving', from);
  draft.set(['search', 'halving', 'reduction'], Number.isInteger(factor) ? BigInt(factor) : factor, from);
  draft.set(['search', 'halving', 'minEpochs'], BigInt(minEpochs), from);
  draft.set(['search', 'halving', 'proposals'], proposals, null);
  settleEpochs(draft, { from, reduction: factor, minEpochs, epochs });
  return true;
}

/** How long a trial is trained at most: what the file holds constant, the last rung, or a guess. */
function settleEpochs(draft: Draft, { from, reduction, minEpochs, epochs }: Rungs): void {
  const known = draft.get('training', 'epochs');
  const place = ['training', 'epochs'];
  if (known !== undefined) {
    if (epochs !== null && Number(known) !== epochs)
      draft.remark(
        place,
        from,
        from.text,
        `the last rung, ${epochs}, is not used, because trials train for ${known} epochs`,
      );
  } else if (epochs !== null) draft.set(place, BigInt(epochs), from);
  else {
    draft.set(place, BigInt(Math.max(DEFAULT_EPOCHS, Math.ceil(minEpochs * reduction))), null, 'a guess; set it');
    draft.remark(place, null, 'epochs', 'the file does not say how long trials train; set it');
  }
}
