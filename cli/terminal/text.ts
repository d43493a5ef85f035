import sliceAnsi from 'slice-ansi';
import stringWidth from 'string-width';
import type { Json } from '../../core/base/json.ts';
import { withoutSequences } from '../../core/base/plain.ts';
import { readableText } from '../../core/base/text.ts';

/** Texts as a terminal shows them: their width in columns, cut, and without anything that would steer the terminal. */

/** Columns that a text takes: wide characters two, combining ones and colours none. */
export const width = (text: string): number => stringWidth(text);

/** What steers a terminal (C0, C1), ends a line, or changes the direction or the look of what follows without a trace. */
const INVISIBLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\b': '\\b', '\f': '\\f' };

/** Text from a program or a person, safe to show in a terminal: no escape sequence or line break survives. */
export function plain(text: string): string {
  return text.replace(
    INVISIBLE,
    (character) => SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** As `plain`, but escape sequences are gone and lines stay lines; of one that was drawn over (a progress bar) its last state is shown. */
export function plainLines(text: string): string {
  return withoutSequences(text)
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) => plain((/([^\r]*)\r*$/.exec(line)?.[1] ?? line).replaceAll('\t', '    ')))
    .join('\n');
}

/** At most `columns` wide; what is longer ends in an ellipsis. Colours are closed. */
export function cut(text: string, columns: number): string {
  if (text.length <= columns && /^[ -~]*$/.test(text)) return text;
  if (width(text) <= columns) return text;
  let room = columns - 1;
  let short = sliceAnsi(text, 0, room);
  // Of some rare graphemes slice-ansi and string-width think differently.
  while (width(short) >= columns && room > 0) short = sliceAnsi(text, 0, --room);
  return `${short}…`;
}

export const padEnd = (text: string, columns: number): string =>
  `${text}${' '.repeat(Math.max(0, columns - width(text)))}`;
export const padStart = (text: string, columns: number): string =>
  `${' '.repeat(Math.max(0, columns - width(text)))}${text}`;

/** `learning_rate=0.01`, `batch_size=32`, ... */
export function parameterTexts(parameters: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(parameters).map(
    ([name, value]) => `${cut(plain(name), 40)}=${cut(plain(readableText(value as Json).slice(0, 200)), 40)}`,
  );
}

/** `learning_rate=0.01 batch_size=32` */
export const parametersText = (parameters: Readonly<Record<string, unknown>>): string =>
  parameterTexts(parameters).join(' ');

/** 75 -> `1m 15s`. `seconds` is rounded. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${whole % 60}s`;
  return `${Math.floor(whole / 3600)}h ${Math.floor((whole % 3600) / 60)}m`;
}
