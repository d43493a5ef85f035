import { floatText } from '../base/numbers.ts';
import type { Draft, Place, Remark, Setting } from './draft.ts';
import type { Written } from './foreign.ts';

/** Keys in the order in which a person writes them; others follow. */
const ORDER: readonly string[] = [
  ...['name', 'search', 'objective', 'training', 'compute', 'tolerance'],
  ...['strategy', 'trials', 'rounds', 'seed', 'space', 'stop', 'halving'],
  ...['metric', 'goal', 'at', 'pattern', 'file'],
  ...['command', 'source', 'files', 'data', 'epochs', 'stop', 'environment'],
];

/** A list that would be longer in one line is written an item a line. */
const MAX_LINE = 110;

/**
 * The draft as a spec file: each key with the line that it came from, each remark as a comment where its counterpart would
 * stand.
 * @param head comment lines for the top, without `#`
 */
export function specText({ settings, remarks }: Draft, head: readonly string[]): string {
  const comments = head.map((line) => `# ${oneLine(line)}`);
  return `${[...comments, ...levelLines([], settings, remarks)].join('\n')}\n`;
}

function levelLines(at: Place, settings: readonly Setting[], remarks: readonly Remark[]): string[] {
  const depth = at.length;
  const indent = '  '.repeat(depth);
  const below = <Item extends { readonly place: Place }>(items: readonly Item[], key: string) =>
    items.filter(({ place }) => place[depth] === key);
  const keys = [...new Set([...settings, ...remarks].map(({ place }) => place[depth]))].filter(
    (key) => key !== undefined,
  );
  const here = remarks.filter(({ place }) => place.length === depth);
  const lines = here.map((remark) => `${indent}# ${remarkText(remark)}`);
  for (const key of keys.toSorted((a, b) => rank(a) - rank(b))) {
    const inner = below(settings, key);
    const said = below(remarks, key);
    const own = inner.find(({ place }) => place.length === depth + 1);
    if (inner.length === 0)
      // Nothing to stand below: the remarks alone.
      lines.push(...said.map((remark) => `${indent}# ${remarkText(remark)}`));
    else if (own === undefined) lines.push(`${indent}${keyText(key)}:`, ...levelLines([...at, key], inner, said));
    else
      lines.push(
        ...said.map((remark) => `${indent}# ${remarkText(remark)}`),
        ...settingLines(`${indent}${keyText(key)}:`, own),
      );
  }
  return lines;
}

const rank = (key: string): number => (ORDER.includes(key) ? ORDER.indexOf(key) : ORDER.length);

/** A remark in one line. */
export const remarkText = ({ line, subject, message }: Remark): string =>
  oneLine(`${line === null ? '' : `line ${line}, `}${subject}: ${message}`);

/** As a comment has to be: what breaks a line, or no YAML may hold, is a blank. */
const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\u2028\u2029]+\s*/gu, ' ');

function settingLines(head: string, { value, line, comment }: Setting): string[] {
  const notes = [...(line === null ? [] : [`line ${line}`]), ...(comment === null ? [] : [comment])].join(': ');
  const note = notes === '' ? '' : ` # ${oneLine(notes)}`;
  const inOne = `${head} ${flow(value)}`;
  if (inOne.length <= MAX_LINE || !Array.isArray(value)) return [`${inOne}${note}`];
  const indent = `${/^ */.exec(head)![0]}  `;
  return [`${head}${note}`, ...(value as readonly Written[]).map((item) => `${indent}- ${flow(item)}`)];
}

/** A value on one line. JSON is YAML, so whatever is not plain is written as JSON. */
export function flow(value: Written): string {
  if (typeof value === 'string') return isPlain(value) ? value : JSON.stringify(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return floatText(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `[${(value as readonly Written[]).map(flow).join(', ')}]`;
  const members = Object.entries(value).map(([key, item]) => `${keyText(key)}: ${flow(item)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

const keyText = (key: string): string => (isPlain(key) ? key : JSON.stringify(key));

/** A text that YAML, 1.1 or 1.2, reads as that text without quotes, also inside of brackets. */
const isPlain = (text: string): boolean =>
  text === '.' ||
  (/^[A-Za-z_/][A-Za-z0-9_./-]*$/.test(text) && !/^(?:true|false|yes|no|on|off|y|n|null|nan)$/i.test(text));
