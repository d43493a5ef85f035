import type { Json } from '../base/json.ts';
import { inNotation, notationOf } from '../base/notation.ts';
import { readableText } from '../base/text.ts';
import { choicesOf } from '../space/choices.ts';
import type { Choices, ParameterSpec, Range } from '../space/parameter.ts';
import type { Parameters } from '../space/space.ts';
import type { Spec } from '../spec/spec.ts';
import { FORETOLD } from './foretold.ts';
import { leadsSomewhere } from './leads-somewhere.ts';
import type { Edge, Trust } from './trust.ts';

/** One thing that the next sweep should do otherwise. */
export type NextStep =
  | { readonly kind: 'widen'; readonly name: string; readonly end: Edge['end']; readonly to: number }
  /** It hardly matters: the next sweep keeps the winner's value. */
  | { readonly kind: 'fix'; readonly name: string; readonly value: Json }
  | { readonly kind: 'longer'; readonly epochs: number }
  | { readonly kind: 'confirm'; readonly top: number; readonly seeds: number }
  | { readonly kind: 'more'; readonly trials: number };

type Widen = Extract<NextStep, { kind: 'widen' }>;
type Fix = Extract<NextStep, { kind: 'fix' }>;

const MAX_CONFIRMED = 5;
const SEEDS = 3;
const MAX_SEEDS = 9;
/** How much longer the next sweep trains where curves still rose. */
const LONGER = 1.5;

/** What to try next, by what speaks against the winner; empty where nothing does. */
export function nextSteps(spec: Spec, trust: Trust, winner: Parameters): NextStep[] {
  const { space, confirm, trials } = spec.search;
  const { edges, idle, rising, lead, ties, explained } = trust;
  const steps: NextStep[] = [];
  let next = space;
  const changeSpace = (step: Widen | Fix) => {
    const changed = { ...next, [step.name]: parameterAfter(next[step.name]!, step) };
    if (!leadsSomewhere({ space: changed, gained: gainOf(space[step.name]!, step) }, spec, winner)) return;
    next = changed;
    steps.push(step);
  };
  for (const edge of edges) {
    const step = widening(space, edge);
    if (step !== null) changeSpace(step);
  }
  // Of a space in which hardly anything matters the model is no help.
  if (idle.length < Object.keys(space).length)
    for (const name of idle) {
      const value = Object.hasOwn(winner, name) ? winner[name] : undefined;
      if (value !== undefined && !isParent(spec, name)) changeSpace({ kind: 'fix', name, value });
    }
  // One curve of several that still rises says little about the others.
  if (rising !== null && (rising.winner || 2 * rising.count > rising.of))
    steps.push({ kind: 'longer', epochs: Math.ceil(spec.training.epochs * LONGER) });
  if (lead !== null && lead.isClear !== true) {
    const top = Math.min(MAX_CONFIRMED, Math.max(2, (ties ?? SEEDS - 1) + 1));
    const seeds = confirm === undefined ? SEEDS : Math.min(MAX_SEEDS, 2 * confirm.seeds);
    if (confirm === undefined || seeds > confirm.seeds) steps.push({ kind: 'confirm', top, seeds });
  }
  if (explained !== null && explained < FORETOLD && spec.search.strategy !== 'grid')
    steps.push({ kind: 'more', trials: 2 * trials });
  return steps;
}

function widening(space: Spec['search']['space'], { name, end }: Edge): Widen | null {
  const to = widened(space[name]!, end);
  return to === null ? null : { kind: 'widen', name, end, to };
}

/** The parameters whose end the winner lies at because constraints leave nothing beyond it, not because the range ends. */
export function closedEnds(spec: Spec, { edges }: Pick<Trust, 'edges'>, winner: Parameters): ReadonlySet<string> {
  const { space, constraints = [] } = spec.search;
  const free = { ...spec, search: { ...spec.search, constraints: [] } };
  const closed = edges.filter((edge) => {
    const step = constraints.length === 0 ? null : widening(space, edge);
    if (step === null) return false;
    const wider = { ...space, [step.name]: parameterAfter(space[step.name]!, step) };
    const next = { space: wider, gained: gainOf(space[step.name]!, step) };
    return leadsSomewhere(next, free, winner) && !leadsSomewhere(next, spec, winner);
  });
  return new Set(closed.map(({ name }) => name));
}

/** Of a range, how many values of the new part are looked at. */
const LOOKED_AT = 8;

function gainOf(parameter: ParameterSpec, step: Widen | Fix) {
  if (step.kind === 'fix') return null;
  const { name, end, to } = step;
  const last = Number(boundOf(parameter, end));
  const values = Array.from({ length: LOOKED_AT }, (_, index) => last + ((index + 1) / LOOKED_AT) * (to - last));
  return { name, values };
}

/** Whether other parameters are active by its value: fixed, it would take them out of the search too. */
const isParent = ({ search: { space } }: Spec, name: string): boolean =>
  Object.values(space).some((parameter) => !Array.isArray(parameter) && Object.hasOwn(parameter.when ?? {}, name));

/** The end of a range, or the next value of a list, further out; null where there is no room or no pattern. */
export function widened(parameter: ParameterSpec, end: Edge['end']): number | null {
  const choices = choicesOf(parameter);
  if (choices !== null) return nextOfList(choices, end);
  const range = parameter as Range;
  const to = range.scale === 'log' ? widenedLog(range, end) : widenedLinear(range, end);
  const whole = range.type === 'integer' ? Math.round(to) : to;
  const last = end === 'highest' ? range.max : range.min;
  return (end === 'highest' ? whole > last : whole < last) ? whole : null;
}

/** By a third of its orders of magnitude, and at least three times as far, to a number that reads well. */
function widenedLog({ min, max, type }: Range, end: Edge['end']): number {
  const factor = Math.max(3, (max / min) ** (1 / 3));
  if (end === 'highest') return Number((max * factor).toPrecision(1));
  const low = Number((min / factor).toPrecision(1));
  return type === 'integer' ? Math.max(1, low) : low;
}

/** By half its width; not below zero where it was not, and as a share never beyond 1. */
function widenedLinear({ min, max, step }: Range, end: Edge['end']): number {
  const half = (max - min) / 2;
  const by = step === undefined ? half : step * Math.max(1, Math.round(half / step));
  // A value off the steps would take the whole range off them.
  const moved = (value: number) => (step === undefined ? tidy(value) : Number(value.toPrecision(12)));
  if (end === 'lowest') return min >= 0 && min - by < 0 ? (step === undefined ? tidy(min / 2) : min) : moved(min - by);
  const isShare = min >= 0 && max <= 1 && !Number.isInteger(max);
  if (isShare && max + by >= 1) return step === undefined ? tidy(1 - (1 - max) / 2) : max;
  return max === 1 && min >= 0 ? max : moved(max + by);
}

const tidy = (value: number): number => Number(value.toPrecision(3));

/** 32, 64, 128 goes on with 256; 1, 2, 3 with 4. */
function nextOfList(choices: readonly Json[], end: Edge['end']): number | null {
  const numbers = choices.filter((choice) => typeof choice === 'number').sort((a, b) => a - b);
  if (numbers.length !== choices.length || numbers.length < 2) return null;
  const [last, before] = end === 'highest' ? [numbers.at(-1)!, numbers.at(-2)!] : [numbers[0]!, numbers[1]!];
  const ratio = last / before;
  const multiplies = numbers[0]! > 0 && (end === 'highest' ? ratio >= 1.5 : ratio <= 1 / 1.5);
  const next = Number((multiplies ? last * ratio : last + (last - before)).toPrecision(6));
  const isCount = numbers.every((number) => Number.isInteger(number) && number > 0);
  if (isCount && (next < 1 || !Number.isInteger(next))) return null;
  return next < 0 && numbers[0]! >= 0 ? null : next;
}

/** `Widen learning_rate above 0.3, to 0.9.` */
export function stepText(step: NextStep, spec: Spec): string {
  const { space, trials } = spec.search;
  switch (step.kind) {
    case 'widen':
      return widenText(step, Number(boundOf(space[step.name]!, step.end)));
    case 'fix':
      return `Drop ${step.name} from the search, and keep it at ${readableText(step.value)}: it hardly matters.`;
    case 'longer':
      return `Train for ${step.epochs} epochs rather than ${spec.training.epochs}.`;
    case 'confirm':
      return `Confirm the best ${step.top} with ${step.seeds} new seeds each.`;
    case 'more':
      return `Try ${step.trials} trials rather than ${trials}.`;
  }
}

function widenText({ name, end, to }: Widen, from: number): string {
  const notation = notationOf([from, to]);
  return `Widen ${name} ${end === 'highest' ? 'above' : 'below'} ${inNotation(from, notation)}, to ${inNotation(to, notation)}.`;
}

function boundOf(parameter: ParameterSpec, end: Edge['end']): Json {
  const numbers = (choicesOf(parameter) ?? []).filter((choice) => typeof choice === 'number');
  if (numbers.length > 0) return end === 'highest' ? Math.max(...numbers) : Math.min(...numbers);
  return end === 'highest' ? (parameter as Range).max : (parameter as Range).min;
}

/** A value to put into a spec at a place, or, undefined, to take out of it. */
export interface Edit {
  readonly place: readonly string[];
  readonly value: Json | undefined;
}

/**
 * What makes the next spec of this sweep's: a sweep of its own that tries the winner first and, where its search learns,
 * learns from this one.
 */
export function nextEdits(
  spec: Spec,
  steps: readonly NextStep[],
  { sweepId, winner, learns }: { readonly sweepId: string; readonly winner: Parameters; readonly learns: boolean },
): Edit[] {
  const isGrid = spec.search.strategy === 'grid';
  return [
    { place: ['sweepId'], value: undefined },
    ...steps.map((step) => editOf(step, spec)),
    // A grid has its own size, which its space decides, and its own order.
    isGrid
      ? { place: ['search', 'trials'], value: undefined }
      : { place: ['search', 'initial'], value: [{ ...winner }] },
    ...(learns ? [{ place: ['search', 'warmStart'], value: [sweepId] }] : []),
  ];
}

function editOf(step: NextStep, { search: { space } }: Spec): Edit {
  switch (step.kind) {
    case 'widen':
    case 'fix':
      return { place: ['search', 'space', step.name], value: parameterAfter(space[step.name]!, step) as Json };
    case 'longer':
      return { place: ['training', 'epochs'], value: step.epochs };
    case 'confirm':
      return { place: ['search', 'confirm'], value: { top: step.top, seeds: step.seeds } };
    case 'more':
      return { place: ['search', 'trials'], value: step.trials };
  }
}

const parameterAfter = (parameter: ParameterSpec, step: Widen | Fix): ParameterSpec =>
  (step.kind === 'widen' ? withEnd(parameter, step) : withOnly(parameter, step.value)) as ParameterSpec;

function withEnd(parameter: ParameterSpec, { end, to }: Widen): Json {
  const choices = choicesOf(parameter);
  if (choices === null) return written({ ...(parameter as Range), [end === 'highest' ? 'max' : 'min']: to });
  const rises = (choices[0] as number) < (choices.at(-1) as number);
  const wider = rises === (end === 'highest') ? [...choices, to] : [to, ...choices];
  return Array.isArray(parameter) ? wider : written({ ...(parameter as Choices), choices: wider });
}

/** A list of one value, of the same type and under the same condition. */
function withOnly(parameter: ParameterSpec, value: Json): Json {
  if (Array.isArray(parameter)) return [value];
  const { when, type } = parameter;
  const isFloat = type === undefined && choicesOf(parameter) === null && typeof value === 'number';
  return written({ choices: [value], type: isFloat ? 'float' : type, when });
}

/** Without what is not set. */
const written = (parameter: object): Json =>
  Object.fromEntries(
    Object.entries(parameter).filter(([key, value]) => value !== undefined && !(key === 'scale' && value === 'linear')),
  );
