import wrapAnsi from 'wrap-ansi';
import { width } from './text.ts';

/** A terminal narrower than this shows more of a line that it folds itself. */
const MIN_COLUMNS = 20;

/** `label      text`, or `  3  id  text`: what comes before the text, two spaces or more included. */
const LABEL = /^ *\S+(?: \S+){0,2} {2,}(?:\d+ {2,}|[0-9a-f]{16} {2,})?(?=\S)/;

/** A line so far to the right stands under a label itself. */
const DEEP = 8;

/**
 * Lines folded at words to at most `columns`. What continues a line is indented, under its text where it has a label.
 * A word that is longer (a path, a command) stays whole, so that it can be copied.
 */
export function wrap(text: string, columns: number): string {
  if (columns < MIN_COLUMNS) return text;
  return text
    .split('\n')
    .map((line) => (width(line) <= columns ? line : folded(line, columns)))
    .join('\n');
}

function folded(line: string, columns: number): string {
  const label = LABEL.exec(line)?.[0];
  // Under a label that takes half of the line, nothing would be left to read.
  if (label !== undefined && width(label) <= columns / 2) return foldedAfter(label, line, columns, width(label));
  const indent = /^ */.exec(line)?.[0] ?? '';
  return foldedAfter(indent, line, columns, indent.length < DEEP ? indent.length + 2 : indent.length);
}

function foldedAfter(head: string, line: string, columns: number, hang: number): string {
  const body = wrapAnsi(line.slice(head.length), columns - hang, { hard: false, trim: true, wordWrap: true });
  return `${head}${body.replaceAll('\n', `\n${' '.repeat(hang)}`)}`;
}

/** A stream as far as its width is asked for. */
type Sized = NodeJS.WritableStream | Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>;

/** Columns that text may take there: the last one stays free, as some terminals wrap what ends in it. A pipe has no end. */
export const roomOf = (stream: Sized): number =>
  'columns' in stream && stream.isTTY && stream.columns > 0 ? stream.columns - 1 : Number.POSITIVE_INFINITY;

/** The text as it is written to that stream: a person's terminal gets it folded, a pipe as it is. */
export const fitted = (text: string, stream: Sized): string => {
  const room = roomOf(stream);
  return Number.isFinite(room) ? wrap(text, room) : text;
};
