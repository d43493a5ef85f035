import type { Written } from './foreign.ts';

/**
 * The value of a Hydra override that is swept: `choice(a, b)`, `range(1, 8, step=2)`, `tag(log, interval(0.001, 0.1))`, `a,b`.
 * Grammar: https://hydra.cc/docs/advanced/override_grammar/extended/
 */
export type Sweep =
  | { readonly kind: 'choice'; readonly values: readonly Written[] }
  | {
      readonly kind: 'range';
      readonly start: number;
      readonly stop: number;
      readonly step: number;
      readonly isWhole: boolean;
    }
  | {
      readonly kind: 'interval';
      readonly start: number;
      readonly end: number;
      readonly isWhole: boolean;
      readonly isLog: boolean;
    };

/** @returns a sentence where the text cannot be read; a single value is a choice of one */
export function parseSweep(text: string): Sweep | string {
  const parts = splitTop(text);
  if (parts === null) return 'has a bracket or a quote that nothing closes';
  if (parts.length > 1) return { kind: 'choice', values: parts.map(scalar) };
  const call = /^\s*([A-Za-z_]\w*)\s*\(([\s\S]*)\)\s*$/.exec(text);
  if (call === null) return { kind: 'choice', values: [scalar(text)] };
  const args = splitTop(call[2]!);
  return args === null
    ? 'has a bracket or a quote that nothing closes'
    : called(
        call[1]!,
        args.filter((arg) => arg !== ''),
      );
}

function called(name: string, args: readonly string[]): Sweep | string {
  switch (name) {
    case 'choice':
      return args.length === 0 ? 'chooses among nothing' : { kind: 'choice', values: args.map(scalar) };
    case 'range':
      return range(args);
    case 'interval':
      return interval(args);
    case 'tag':
      return tagged(args);
    case 'shuffle':
    case 'sort':
      // What draws at random has no order to change.
      return parseSweep(
        args
          .filter((arg) => !/^\s*reverse\s*=/.test(arg))
          .map((arg) => argument(arg, ['sweep', 'list']))
          .join(','),
      );
    case 'int':
    case 'float':
      return cast(name, parseSweep(args.join(',')));
    case 'str':
    case 'json_str':
      return asTexts(parseSweep(args.join(',')));
    default:
      return `uses ${name}(...), which has no counterpart; allowed: choice, range, interval, tag, shuffle, sort, int, float, str`;
  }
}

/** An argument without its name. */
function argument(arg: string, names: readonly string[]): string {
  const [, name, value] = /^\s*([A-Za-z_]\w*)\s*=([\s\S]*)$/.exec(arg) ?? [];
  return name !== undefined && names.includes(name) ? value!.trim() : arg.trim();
}

/** Numbers of a call, by place or by name. */
function numbers(args: readonly string[], names: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  let place = 0;
  for (const arg of args) {
    const [, name, value] = /^\s*([A-Za-z_]\w*)\s*=([\s\S]*)$/.exec(arg) ?? [];
    if (name === undefined) found.set(names[place++] ?? '', arg.trim());
    else found.set(name, value!.trim());
  }
  return found;
}

const isWholeText = (text: string): boolean => /^[-+]?[0-9][0-9_]*$/.test(text);

function range(args: readonly string[]): Sweep | string {
  const given = numbers(args, ['start', 'stop', 'step']);
  // range(5) is range(0, 5).
  if (given.size === 1 && given.has('start')) {
    given.set('stop', given.get('start')!);
    given.set('start', '0');
  }
  const [start, stop, step] = ['start', 'stop', 'step'].map(
    (name) => given.get(name) ?? (name === 'stop' ? '' : name === 'step' ? '1' : '0'),
  );
  const values = [start!, stop!, step!].map(Number);
  if (stop === '' || values.some((value) => !Number.isFinite(value)) || values[2]! <= 0)
    return 'is not a range of numbers with a step above 0';
  return {
    kind: 'range',
    start: values[0]!,
    stop: values[1]!,
    step: values[2]!,
    isWhole: [start!, stop!, step!].every(isWholeText),
  };
}

function interval(args: readonly string[]): Sweep | string {
  const given = numbers(args, ['start', 'end']);
  const [start, end] = [given.get('start') ?? '', given.get('end') ?? ''];
  const values = [start, end].map(Number);
  if (start === '' || end === '' || values.some((value) => !Number.isFinite(value)))
    return 'is not an interval of two numbers';
  return {
    kind: 'interval',
    start: values[0]!,
    end: values[1]!,
    isWhole: isWholeText(start) && isWholeText(end),
    isLog: false,
  };
}

/** The last argument is what the others are said of; of the tags, only `log` means something to the sweeper. */
function tagged(args: readonly string[]): Sweep | string {
  const inner = parseSweep(argument(args.at(-1) ?? '', ['sweep']));
  if (typeof inner === 'string') return inner;
  const tags = args.slice(0, -1).map((tag) => tag.trim());
  const other = tags.find((tag) => tag !== 'log');
  if (other !== undefined) return `is tagged ${other}, which has no counterpart; allowed: log`;
  return inner.kind === 'interval' ? { ...inner, isLog: tags.includes('log') } : inner;
}

function cast(name: string, inner: Sweep | string): Sweep | string {
  if (typeof inner === 'string') return inner;
  const isWhole = name === 'int';
  if (inner.kind !== 'choice') return { ...inner, isWhole };
  return {
    kind: 'choice',
    values: inner.values.map((value) => {
      const number = Number(value);
      if (!Number.isFinite(number)) return value;
      return isWhole ? BigInt(Math.trunc(number)) : number;
    }),
  };
}

const asTexts = (inner: Sweep | string): Sweep | string =>
  typeof inner === 'string' || inner.kind !== 'choice' ? inner : { kind: 'choice', values: inner.values.map(String) };

/** A plain value. A list or a mapping stays the text that Hydra itself reads again. */
function scalar(text: string): Written {
  const plain = text.trim();
  const [, quoted] = /^(?:"((?:[^"\\]|\\.)*)"|'(?:[^'\\]|\\.)*')$/s.exec(plain) ?? [];
  if (quoted !== undefined || /^'.*'$/s.test(plain)) return plain.slice(1, -1).replaceAll(/\\(["'\\])/g, '$1');
  if (isWholeText(plain)) return BigInt(plain.replaceAll('_', '').replace(/^\+/, ''));
  if (/^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)?$/i.test(plain)) return Number(plain);
  if (/^(?:true|false)$/i.test(plain)) return plain.toLowerCase() === 'true';
  return /^null$/i.test(plain) ? null : plain;
}

/** The parts between commas that are in no bracket and no quotes; null where one is left open. */
function splitTop(text: string): string[] | null {
  const parts = [''];
  const open: string[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    const inside = open.at(-1);
    if (inside === '"' || inside === "'") {
      if (character === '\\') {
        parts[parts.length - 1] += character + (text[++at] ?? '');
        continue;
      }
      if (character === inside) open.pop();
    } else if (character === '"' || character === "'") open.push(character);
    else if ('([{'.includes(character)) open.push(')]}'['([{'.indexOf(character)]!);
    else if (')]}'.includes(character)) {
      if (open.pop() !== character) return null;
    } else if (character === ',' && open.length === 0) {
      parts.push('');
      continue;
    }
    parts[parts.length - 1] += character;
  }
  return open.length > 0 ? null : parts.map((part) => part.trim());
}
