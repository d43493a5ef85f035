import { type Goal, goalOf } from '../../core/spec/goal.ts';
import { escapedForPattern } from '../../core/spec/pattern-text.ts';
import type { Module } from './module.ts';
import { placeIn } from './option.ts';
import { type Template, templateOf } from './template.ts';

/** A number that a program prints, with the pattern that reads it. */
export interface PrintedMetric {
  readonly metric: string;
  readonly pattern: string;
  readonly place: string;
  /** Higher: more likely what a search is for. */
  readonly score: number;
}

const PRINTS = /(^|\.)(print|write|echo|info|warning|debug|secho|rprint|log_info|print_log)$/;
const NO_PRINT = /(file|fh|fp|f|fout|sys\.stdin)\.write$|\.write_text$/;

export function printedMetrics(modules: readonly Module[]): PrintedMetric[] {
  const templates = modules.flatMap((module) =>
    module.calls.flatMap((call) => {
      if (!PRINTS.test(call.callee) || NO_PRINT.test(call.callee)) return [];
      return [{ place: placeIn(module, call.line), template: templateOf(call) }];
    }),
  );
  const all = templates.flatMap(({ place, template }) =>
    labelled(template).map((field) => ({ ...field, place, template })),
  );
  return all
    .flatMap((field) => {
      const metric = metricOf(field.label);
      if (metric === null || goalFor(metric) === null) return [];
      const { start, isOwn } = startOf(field, all);
      const penalty = (isOwn ? 0 : 6) + (isOfSteps(field.template) ? 4 : 0);
      return [{ metric, pattern: start + field.rest, place: field.place, score: scoreOf(metric) - penalty }];
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
  return { start: `${field.isFirst ? '^' : ''}${written(field.label)}`, isOwn: field.isFirst };
}

/** Also of what is no metric to the rest of the product: what an agent earns in an episode. */
export const goalFor = (metric: string): Goal | null =>
  goalOf(metric) ?? (/(^|[_/])returns?$/.test(metric) ? 'maximize' : null);

/** How likely a metric is what a search is for: measured on data that was held out, and no part of a sum. */
export function scoreOf(metric: string): number {
  const words = metric.toLowerCase();
  const heldOut = /val|valid|dev|eval|test|held/.test(words) ? 8 : 0;
  const isValidation = /val|valid|dev|eval/.test(words) ? 1 : 0;
  const training = /train|running|batch/.test(words) ? 8 : 0;
  return heldOut + isValidation - training + (goalFor(metric) === 'maximize' ? 2 : 0);
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
  /** What of the pattern follows the label. */
  readonly rest: string;
  readonly isPadded: boolean;
  /** Whether its line begins with the label. */
  readonly isFirst: boolean;
}

interface Placed extends Labelled {
  readonly place: string;
  readonly template: Template;
}

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
    fields.push({ label, before, rest: rest(template, index), isPadded: part.isPadded, isFirst });
  }
  return fields;
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
function metricOf(label: string): string | null {
  // In vision, precision at 1 is what others call accuracy.
  const plain = label.toLowerCase().replace(/\b(prec|acc|top)[@-]?([0-9])\b/, 'acc$2');
  const words = plain.match(/[a-z][a-z0-9]*/g) ?? [];
  const last = words.slice(-3);
  return last.length === 0 ? null : last.join('_');
}
