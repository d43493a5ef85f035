import { lenientNumeral, numeral } from '../base/numeral.ts';
import { show } from '../base/text.ts';
import type { PrintedField, PrintedPattern } from '../spec/printed-pattern.ts';
import { BadMetrics } from './bad-metrics.ts';
import type { MetricsRecord } from './numbering.ts';

/** One match of a pattern in a text; a group that took no part is null. Places are offsets into the text. */
export interface PrintedMatch {
  readonly from: number;
  readonly to: number;
  /** In the order of the pattern's fields; `from` null: the engine does not tell where it lies. */
  readonly groups: readonly (null | { readonly text: string; readonly from: number | null })[];
}

/**
 * What a match reports.
 * @param text what was searched
 * @throws BadMetrics when a group holds no number, or a part of one: its value would be wrong without a word
 */
export function recordOf(match: PrintedMatch, pattern: PrintedPattern, text: string): MetricsRecord {
  const values: Record<string, number | null> = {};
  let epoch: number | null = null;
  pattern.fields.forEach((field, index) => {
    const group = match.groups[index];
    if (group == null || (group.text === '' && field.remedy === null)) return;
    const value = (field.remedy === null ? lenientNumeral : numeral)(group.text);
    const flaw = value === undefined ? NO_NUMBER : cutOff(text, match, group, field);
    if (flaw !== null) throw misread(flaw, group.text, field, pattern, lineAround(text, match));
    if (field.key !== 'epoch') values[field.key] = value!;
    else epoch = value!;
  });
  if (pattern.fields.length === 1 && match.groups[0] == null && pattern.fields[0]!.remedy !== null)
    throw misread(NO_NUMBER, '', pattern.fields[0]!, pattern, lineAround(text, match));
  return { epoch, values, redraw: redrawOf(text, placeOf(match)) };
}

/** Of its first number, as far as that is known: a match may begin lines before. */
const placeOf = ({ groups, to }: PrintedMatch): number =>
  groups.find((group) => group !== null)?.from ?? Math.max(0, to - 1);

const NO_NUMBER = 'which is not a number';

/** A number that goes on beyond its group, in words; null: it does not. */
function cutOff(
  text: string,
  match: PrintedMatch,
  group: { readonly text: string; readonly from: number | null },
  field: PrintedField,
): string | null {
  if (group.from !== null) return cutAt(text, group.from, group.text, field);
  // It lies somewhere in the match: one place where it stands whole is enough.
  const within = text.slice(match.from, match.to);
  for (let at = within.indexOf(group.text); at >= 0; at = within.indexOf(group.text, at + 1))
    if (cutAt(text, match.from + at, group.text, field) === null) return null;
  return cutAt(text, match.from + within.indexOf(group.text), group.text, field);
}

const GOES_ON = /^(?:[0-9]|[._][0-9]|[eE][+-]?[0-9])/;
const BEGAN_BEFORE = /(?:[0-9]|[0-9][._]|(?:^|[\s:=([{|,])\.|[0-9.][eE][+-]?)$/;
const SIGN_BEFORE = /(?:^|[\s:=([{|,])-$/;

function cutAt(text: string, from: number, number: string, field: PrintedField): string | null {
  const behind = text.slice(from + number.length, from + number.length + 4);
  if (/[0-9.]$/.test(number) && GOES_ON.test(behind)) return 'where the number continues';
  if (/[0-9]$/.test(number) && !field.commaFollows && /^,[0-9]/.test(behind)) return 'where the number continues';
  if (/[nf]$/i.test(number) && /^[a-z]/i.test(behind)) return 'where the word continues';
  const ahead = text.slice(Math.max(0, from - 4), from);
  if (/^[0-9.]/.test(number) && BEGAN_BEFORE.test(ahead)) return 'where the number began before';
  if (/^[0-9.]/.test(number) && !field.hyphenPrecedes && SIGN_BEFORE.test(ahead)) return 'where the number has a sign';
  return null;
}

function misread(
  flaw: string,
  read: string,
  { remedy }: PrintedField,
  { source }: PrintedPattern,
  line: string,
): BadMetrics {
  const advice =
    remedy === null
      ? 'print the number with a point for its decimals, and narrow the pattern: .*? in place of .*'
      : `write {number} for the number: '${remedy}'`;
  return new BadMetrics(`objective.pattern '${source}' reads ${show(read)} from ${show(line)}, ${flaw}; ${advice}`);
}

function lineAround(text: string, { from, to }: PrintedMatch): string {
  const start = Math.max(lastBreak(text, from) + 1, from - 40);
  const end = text.slice(to).search(/[\n\r]/);
  return text.slice(start, end < 0 ? text.length : to + end).trim();
}

const lastBreak = (text: string, before: number): number =>
  Math.max(text.lastIndexOf('\n', before - 1), text.lastIndexOf('\r', before - 1));

/** `Epoch 3/10`, `epoch: 3`, `Epoch [3/10]`; of a bar over epochs, what stands behind it: `Epoch: 30%|### | 3/10`. */
const EPOCH_SHOWN = /\bepochs?\b[^0-9\n\r]{0,4}([0-9]+)(?![0-9]*\s*%)|\bepochs?\b[^\n\r]*\|\s*([0-9]+)\/[0-9]+/i;
/** Characters looked through for the heading of a progress bar. */
const HEADING = 4096;

/**
 * What tells the redraws of one progress bar from others: the line's place in the output is not known, so the epoch number
 * that it shows, or that the line above it shows. Null: a line that is not redrawn, or shows none.
 */
function redrawOf(text: string, at: number): string | null {
  const newline = text.lastIndexOf('\n', at - 1);
  const end = text.slice(at).search(/[\n\r]/);
  const line = text.slice(lastBreak(text, at) + 1, end < 0 ? text.length : at + end);
  const isRedrawn = text[at + end] === '\r' || text.lastIndexOf('\r', at - 1) > newline;
  if (!isRedrawn) return null;
  const own = EPOCH_SHOWN.exec(line);
  if (own !== null) return own[1] ?? own[2]!;
  const above = text
    .slice(Math.max(0, newline - HEADING), Math.max(0, newline))
    .split('\n')
    .at(-1)!;
  const heading = EPOCH_SHOWN.exec(above);
  return heading === null ? null : (heading[1] ?? heading[2]!);
}
