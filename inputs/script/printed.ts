import { type Goal, goalOf } from '../../core/spec/goal.ts';
import { escapedForPattern } from '../../core/spec/pattern-text.ts';
import type { Module } from './module.ts';
import { placeIn } from './option.ts';
import { dictOf, literalOf, nameOf, positionalOf, type Token } from './python.ts';
import { assigned } from './results-file.ts';
import { type Template, templateOf, type Value } from './template.ts';

/** Where a program's metric is to be read. */
export interface MetricFound {
  readonly metric: string;
  readonly source:
    | { readonly kind: 'lines' }
    | { readonly kind: 'pattern'; readonly pattern: string }
    | { readonly kind: 'file'; readonly file: string };
  readonly place: string;
  /** Where the program prints another number that its pattern reads, too. */
  readonly alsoAt?: string;
  /** Only another tool is told of it: the program is yet to print it as the pattern says. */
  readonly isToPrint?: boolean;
  readonly score: number;
}

/** A number that a program prints, with the pattern that reads it. */
export interface PrintedMetric {
  readonly metric: string;
  readonly pattern: string;
  readonly place: string;
  /** Where the program prints another number that the pattern reads, too. */
  readonly alsoAt?: string;
  /** Higher: more likely what a search is for. */
  readonly score: number;
}

const PRINTS =
  /(^|\.)(print|print0|print_\w+|r?print_log|write|echo|info|success|warning|debug|secho|rprint|log_info|progress_bar|set_postfix(_str)?|set_description(_str)?)$|^log$/;
const NO_PRINT = /(file|fh|fp|f|fout|sys\.stdin)\.write$|\.write_text$/;

/** What a program says at one place. */
export interface Print {
  readonly place: string;
  readonly template: Template;
  /** A progress bar says the same again and again. */
  readonly isOfBar?: boolean;
}

export const printedMetrics = (modules: readonly Module[]): PrintedMetric[] => metricsIn(printsOf(modules));

const printsOf = (modules: readonly Module[]): Print[] =>
  modules.flatMap((module) =>
    module.calls.flatMap((call) => {
      if (!PRINTS.test(call.callee) || NO_PRINT.test(call.callee)) return [];
      const template = templateOf(call, (said) => keysPrinted(module, said));
      return [{ place: placeIn(module, call.line), template, isOfBar: OF_BAR.test(call.callee) }];
    }),
  );

/** The likeliest first. */
export function metricsIn(prints: readonly Print[]): PrintedMetric[] {
  const all = prints.flatMap(({ template, ...about }) =>
    labelled(template).map((field) => ({ ...field, ...about, template })),
  );
  return all
    .flatMap((field) => {
      const label = measuredIn(field);
      if (label === null) return [];
      const { start, isOwn } = startOf(field, all);
      // Of a line of steps the beginning says nothing new: its summary has the same words.
      const isOfStep = field.isOfBar || isOfSteps(field.template);
      const split = isOfStep || isHeldOutOrNot(label) ? null : splitIn(field.line);
      const metric = split === null ? label : `${split}_${label}`;
      const penalty = (isOwn ? 0 : 6) + (isOfStep ? 4 : 0) + (goalFor(metric) === null ? 20 : 0);
      const also = isOwn
        ? undefined
        : all.find(({ place, before }) => place !== field.place && before.endsWith(field.label));
      return [
        {
          metric,
          pattern: start + field.rest,
          place: field.place,
          ...(also === undefined ? {} : { alsoAt: also.place }),
          score: scoreOf(metric) - penalty,
        },
      ];
    })
    .sort((a, b) => b.score - a.score);
}

/**
 * What a pattern begins with, so that it reads this number alone: the label, or where others end with the same (`loss: ` of
 * `val loss: `) all of the text before the number, or its being first on its line.
 */
function startOf(field: Placed, all: readonly Placed[]): { start: string; isOwn: boolean } {
  const others = all.filter(({ before, place }) => place !== field.place || before !== field.before);
  const isOwn = (text: string) => !others.some(({ before }) => before.endsWith(text));
  const written = (text: string) => escapedForPattern(text.trimEnd()) + blanks(text, field.isPadded);
  if (isOwn(field.label)) return { start: written(field.label), isOwn: true };
  if (isOwn(field.before)) return { start: written(field.before), isOwn: true };
  // `eval epoch: 3, accuracy: 0.9` of a program whose training lines end alike.
  const isOfLine =
    field.begin !== '' && others.every(({ begin, label }) => begin !== field.begin || !label.endsWith(field.label));
  if (isOfLine && splitIn(field.begin) !== null)
    return { start: `${escapedForPattern(field.begin)}.*?${written(field.label)}`, isOwn: true };
  const isFirstAlone = field.isFirst && !others.some(({ isFirst, before }) => isFirst && before === field.before);
  return { start: `${field.isFirst ? '^' : ''}${written(field.label)}`, isOwn: isFirstAlone };
}

const OF_BAR = /(^|\.)set_(postfix|description)(_str)?$/;

/** The keys of a dictionary that is printed by its name, or by that of what `evaluate` computed. */
function keysPrinted(module: Module, said: readonly Token[]): string[] | null {
  const name = nameOf(said);
  const value = name === null ? undefined : assigned(module, name);
  const entries = dictOf(value);
  if (entries !== null) return entries.map(({ key }) => key);
  return value?.some(({ text }) => text === 'compute') ? keysComputed(module) : null;
}

/** `evaluate.load("accuracy")` computes `{'accuracy': 0.9}`. */
export const keysComputed = ({ calls }: Module): string[] =>
  calls.flatMap((call) => {
    if (!/(^|\.)(evaluate\.load|load_metric)$/.test(call.callee)) return [];
    const name = literalOf(positionalOf(call)[0]);
    return typeof name === 'string' && goalFor(name) !== null ? [name] : [];
  });

/** What a number measures, by the words before it; null: nothing that is known. */
function measuredIn({ label, said = [] }: Labelled): string | null {
  const metric = metricOf(label);
  if (metric === null) return null;
  if (goalFor(metric) !== null) return metric;
  // `Accuracy of the network on the test images: `
  const first = /^(.*?[a-z0-9])\s+(?:of|on|for|in|at|over|after|across)\s/i.exec(label)?.[1];
  const measured = first === undefined ? null : metricOf(first);
  const split = splitIn(label);
  if (measured !== null && goalFor(measured) !== null)
    return split === null || isHeldOutOrNot(measured) ? measured : `${split}_${measured}`;
  // `val ` alone: of what, the name of the number says.
  if (split === null || metric !== split) return null;
  const words = said.flatMap(({ text }) => text.toLowerCase().match(/[a-z]+[0-9]?/g) ?? []);
  const word = words.map((each) => each.replace(/(?<=s)es$/, '')).find((each) => goalOf(each) !== null);
  if (word !== undefined) return isHeldOutOrNot(word) ? word : `${split}_${word}`;
  return /train/.test(split) || words.some((each) => COUNTS.test(each)) ? null : split;
}

const COUNTS = /^(len|size|sizes|shape|num|count|n|total|idx|ids?|path|file|dir|time|samples)$/;

const SPLIT = /(?<![a-z])(train(?:ing)?|val(?:id(?:ation)?)?|eval(?:uation)?|dev|test)(?![a-z])/i;
export const isHeldOut = (name: string): boolean => SPLIT.test(name) && !/train/i.test(name);
const isHeldOutOrNot = (metric: string): boolean => SPLIT.test(metric);

/** On which data something was measured, where the beginning of its line says so: `Validation: `. */
export const splitIn = (line: string): string | null => SPLIT.exec(line)?.[1]?.toLowerCase() ?? null;

/** Also of what is no metric to the rest of the product: what an agent earns in an episode. */
export const goalFor = (metric: string): Goal | null =>
  goalOf(metric) ?? (/(^|[_/])returns?$/.test(metric) ? 'maximize' : null);

/** How likely a metric is what a search is for: measured on data that was held out, and no part of a sum. */
export function scoreOf(metric: string): number {
  const words = metric.toLowerCase();
  const heldOut = /val|valid|dev|eval|test|held/.test(words) ? 8 : 0;
  const isValidation = /val|valid|dev|eval/.test(words) ? 1 : 0;
  const training = /train|running|batch/.test(words) && !/reward|return/.test(words) ? 8 : 0;
  // Of many episodes, what they earn on average.
  const average = /reward|return/.test(words) && /avg|average|mean|running/.test(words) ? 1 : 0;
  return heldOut + isValidation + average - training + (goalFor(metric) === 'maximize' ? 2 : 0);
}

/** Lines that a program prints many times an epoch: they name a step, or say how far it is, as in `[20/500]`. */
function isOfSteps(template: Template): boolean {
  const texts = template.map((part) => (typeof part === 'string' ? part : '\0')).join('');
  return /\b(step|iter|iteration|batch|batches)\b/i.test(texts) || /(?<!epoch:?\s*)\[\s*\0\s*\/\s*\0/i.test(texts);
}

interface Labelled {
  /** The words before the number. */
  readonly label: string;
  /** All that stands before it on its line, up to the number before. */
  readonly before: string;
  /** What its line says before it, without values, and up to the first of them. */
  readonly line: string;
  readonly begin: string;
  /** What of the pattern follows the label. */
  readonly rest: string;
  readonly isPadded: boolean;
  /** Whether its line begins with the label. */
  readonly isFirst: boolean;
  /** The expression of the number. */
  readonly said: Value['said'];
}

interface Placed extends Labelled, Print {}

const QUOTED = /(["'])[\w./ -]+\1\s*[:=]?\s*$/;

/** Each value with the words before it. */
function labelled(template: Template): Labelled[] {
  const fields: Labelled[] = [];
  for (const [index, part] of template.entries()) {
    const text = template[index - 1];
    if (typeof part === 'string' || typeof text !== 'string') continue;
    const before = /[^\n\r]*$/.exec(text)![0];
    const words = /[^,;|()[\]{}\t]*\s*$/.exec(before)![0];
    // In quotes, as a dictionary prints it, it is the name alone.
    const label = (QUOTED.exec(words)?.[0] ?? words).replace(/^[\s\-–—:*>=#]+/, '');
    if (!/[A-Za-z]/.test(label)) continue;
    const isFirst = before === label && (index === 1 || before !== text);
    fields.push({
      label,
      before,
      ...lineUpTo(template, index),
      rest: rest(template, index),
      isPadded: part.isPadded,
      isFirst,
      said: part.said,
    });
  }
  return fields;
}

function lineUpTo(template: Template, index: number): { line: string; begin: string } {
  const texts = template.slice(0, index).map((part) => (typeof part === 'string' ? part : '\0'));
  const line = /[^\n\r]*$/.exec(texts.join(''))![0];
  return {
    line: line.replaceAll('\0', ' '),
    begin: line.includes('\0') ? line.slice(0, line.indexOf('\0')).trim() : '',
  };
}

/** Of `{correct}/{total} ({share}%)` the share is what counts, and of all else the first value. */
function rest(template: Template, index: number): string {
  const [slash, total, between, share] = template.slice(index + 1, index + 5);
  const isFraction = typeof slash === 'string' && slash.trim() === '/' && typeof total === 'object';
  if (!isFraction || typeof between !== 'string' || !/^\s*\(\s*$/.test(between) || typeof share !== 'object')
    return '{number}';
  return `[0-9]+${escapedForPattern(slash)}[0-9]+${escapedForPattern(between)}{number}`;
}

/** What stands between a label and its number. */
function blanks(label: string, isPadded: boolean): string {
  const given = label.slice(label.trimEnd().length).replaceAll('\t', '\\t');
  return isPadded ? `${given.trimEnd()} *` : given;
}

/** `Test accuracy: ` is `test_accuracy`. */
export function metricOf(label: string): string | null {
  // In vision, precision at 1 is what others call accuracy.
  const plain = label.toLowerCase().replace(/\b(prec|acc|top)[@-]?([0-9])\b/, 'acc$2');
  const words = plain.match(/[a-z][a-z0-9]*/g) ?? [];
  const last = words.slice(-3);
  return last.length === 0 ? null : last.join('_');
}
