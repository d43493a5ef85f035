import { NUMBER } from '../base/numeral.ts';
import {
  type Alternatives,
  type Group,
  type Item,
  NUMBER_PLACEHOLDER,
  type Piece,
  parseExpression,
} from './regular-expression.ts';

/** A number that a pattern reads: the group that holds it, and how to know where it lies in the output. */
export interface PrintedField {
  /** What it is: a metric, or `epoch`. */
  readonly key: string;
  /** The group's number in `expression` and in `plain`. */
  readonly group: number;
  readonly plainGroup: number;
  /** Groups of `expression` whose lengths sum up to where in the match the number begins; null: that is not known. */
  readonly before: readonly number[] | null;
  /** The pattern itself goes on with a comma, so one behind the number is no thousands separator. */
  readonly commaFollows: boolean;
  /** The pattern itself says that a hyphen precedes, so that is no sign. */
  readonly hyphenPrecedes: boolean;
  /** The pattern with `{number}` in place of a group of the user's own; null where it is `{number}`, which reads more forms. */
  readonly remedy: string | null;
}

/** `objective.pattern`, one of them, ready to be searched for. */
export interface PrintedPattern {
  /** As the spec has it. */
  readonly source: string;
  /** With groups of our own around what precedes each number. */
  readonly expression: string;
  /** Without them: for engines that tell where a group lies, and where groups are referred to by number. */
  readonly plain: string;
  readonly fields: readonly PrintedField[];
}

export const patternsOf = (pattern: string | readonly string[]): readonly string[] =>
  typeof pattern === 'string' ? [pattern] : pattern;

/**
 * Reads a pattern. Of its groups, the one without a name is the objective, as is one with the metric's name (`/`, `.` and
 * the like written as `_`); `epoch` is the epoch, and every other name a further metric.
 * @returns a sentence that says what is wrong with it
 */
export function printedPattern(source: string, metric: string): PrintedPattern | string {
  const wrong = flawOf(source);
  if (wrong !== null) return wrong;
  const writer = new Writer(source, metric);
  const { expression, plain } = writer.alternatives(parseExpression(source), [], false);
  const { fields, unnamed } = writer;
  if (unnamed > 1)
    return `reads ${unnamed} numbers without a name; allowed: one, the objective; name the others, as in (?<epoch>{number}), and write (?:...) for groups that hold no number`;
  if (fields.length === 0) return "reads no number; write {number} where the number stands, as in 'accuracy: {number}'";
  return { source, expression, plain, fields };
}

/** What is wrong with patterns as a whole, one of which must hold the objective; null: nothing. */
export function missingObjective(patterns: readonly PrintedPattern[], metric: string): string | null {
  const keys = patterns.flatMap(({ fields }) => fields.map(({ key }) => key));
  if (keys.includes(metric)) return null;
  const named = [...new Set(keys)].filter((key) => key !== 'epoch');
  const rename = named.length === 1 ? `, or set objective.metric: ${named[0]}` : '';
  return `reads ${[...new Set(keys)].join(', ')}, but not objective.metric, which is ${metric}; write {number} without a name, or (?<${groupName(metric)}>{number}), for it${rename}`;
}

/** What `RegExp` says, or, of a form that Python knows, how JavaScript writes it. */
function flawOf(source: string): string | null {
  const named = /\(\?P<(\w+)>/.exec(source);
  if (named !== null) return `uses Python's ${named[0]}; in JavaScript's form that is (?<${named[1]}>`;
  const again = /\(\?P=(\w+)\)/.exec(source);
  if (again !== null) return `uses Python's ${again[0]}; in JavaScript's form that is \\k<${again[1]}>`;
  const flags = /^\(\?([a-zA-Z]+)\)/.exec(source);
  if (flags !== null) {
    const known = [...flags[1]!].filter((flag) => 'ims'.includes(flag)).join('');
    return `begins with Python's ${flags[0]}; in JavaScript's form that is '${known === '' ? source.slice(flags[0].length) : `(?${known}:${source.slice(flags[0].length)})`}'`;
  }
  try {
    new RegExp(source.replaceAll(/(?<!\\)\{number\}/g, '(?:0)'));
    return null;
  } catch (error) {
    return `is not a valid regular expression: ${(error as Error).message}`;
  }
}

const groupName = (metric: string): string => metric.replace(/\W+/g, '_').replace(/^(?=[0-9])/, '_');

/** Both forms of a part of the expression. */
interface Written {
  readonly expression: string;
  readonly plain: string;
}

/** Writes an expression again, with a group around whatever precedes a number. Every capturing group is a number's. */
class Writer {
  readonly fields: PrintedField[] = [];
  unnamed = 0;
  readonly #source: string;
  readonly #metric: string;
  #groups = 0;
  #plainGroups = 0;

  constructor(source: string, metric: string) {
    this.#source = source;
    this.#metric = metric;
  }

  /**
   * @param before the groups before this part; null inside of what may repeat, where their lengths are no guide
   * @param isHeld a group around this part captures it already
   */
  alternatives(body: Alternatives, before: readonly number[] | null, isHeld: boolean): Written {
    return joined(
      body.sequences.map((items) => this.#sequence(items, before, isHeld)),
      '|',
    );
  }

  #sequence(items: readonly Item[], before: readonly number[] | null, isHeld: boolean): Written {
    let sofar = before;
    return joined(
      items.map((item, index) => {
        const group = this.#groups + 1;
        const written = this.#item(item, sofar, isHeld, [items[index - 1], items[index + 1]]);
        sofar = sofar === null ? null : [...sofar, group];
        return written;
      }),
      '',
    );
  }

  #item(item: Item, before: readonly number[] | null, isHeld: boolean, beside: Beside): Written {
    if (item.kind === 'piece') return this.#piece(item, before, isHeld, beside);
    const repeats = !['', '?', '??'].includes(item.quantifier);
    if (!item.captures) {
      this.#groups += 1;
      const { expression, plain } = this.alternatives(item.body, repeats ? null : before, isHeld);
      const end = `)${item.quantifier}`;
      return { expression: `(${item.open}${expression}${end})`, plain: `${item.open}${plain}${end}` };
    }
    // What repeats is held whole, so that its length counts; where the number lies in it is not known.
    if (repeats) this.#groups += 1;
    this.#field(item.name, repeats ? null : before, beside, isOneNumber(item) ? null : this.#suggestion(item));
    const { expression, plain } = this.alternatives(item.body, repeats ? null : before, true);
    const end = `)${item.quantifier}`;
    const written = `${item.open}${expression}${end}`;
    return { expression: repeats ? `(${written})` : written, plain: `${item.open}${plain}${end}` };
  }

  #piece({ text, isNumber }: Piece, before: readonly number[] | null, isHeld: boolean, beside: Beside): Written {
    if (!isNumber) {
      this.#groups += 1;
      return { expression: `(${text})`, plain: text };
    }
    const written = `((?:${NUMBER})${text.slice(NUMBER_PLACEHOLDER.length)})`;
    if (isHeld) {
      this.#groups += 1;
      return { expression: written, plain: `(?:${written.slice(1)}` };
    }
    this.#field(null, before, beside, null);
    return { expression: written, plain: written };
  }

  #field(name: string | null, before: readonly number[] | null, [left, right]: Beside, remedy: string | null): void {
    this.#groups += 1;
    this.#plainGroups += 1;
    if (name === null) this.unnamed += 1;
    this.fields.push({
      key: name === null || name === groupName(this.#metric) ? this.#metric : name,
      group: this.#groups,
      plainGroup: this.#plainGroups,
      before,
      commaFollows: right?.kind === 'piece' && /^\\?,$/.test(right.text),
      hyphenPrecedes: left?.kind === 'piece' && /^\\?-$/.test(left.text),
      remedy,
    });
  }

  #suggestion({ from, to, name }: Group): string {
    const number = name === null ? NUMBER_PLACEHOLDER : `(?<${name}>${NUMBER_PLACEHOLDER})`;
    return `${this.#source.slice(0, from)}${number}${this.#source.slice(to)}`;
  }
}

const isOneNumber = ({ body: { sequences } }: Group): boolean =>
  sequences.length === 1 && sequences[0]?.length === 1 && sequences[0][0]?.kind === 'piece' && sequences[0][0].isNumber;

type Beside = readonly [left: Item | undefined, right: Item | undefined];

function joined(parts: readonly Written[], by: string): Written {
  return {
    expression: parts.map(({ expression }) => expression).join(by),
    plain: parts.map(({ plain }) => plain).join(by),
  };
}
