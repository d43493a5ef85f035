import type { Parameters } from '../../core/space/space.ts';
import { type Preview, previewOf } from '../../core/spec/preview.ts';
import { shellQuoted } from '../../core/spec/shell-script.ts';
import type { Prepared } from '../../inputs/prepare.ts';
import { plain } from '../terminal/text.ts';

/** How a trial's program is started, its command also as one line for a shell. */
export type Start = Preview & { readonly line: string };

/** As the runner starts it; what only an attempt knows is left open. Null: by the built-in trainer. */
export function startOf(
  { spec, data }: Prepared,
  { id, epochs, parameters }: { readonly id: string | null; readonly epochs: number; readonly parameters: Parameters },
): Start | null {
  const folder = data === null ? '.../data' : (spec.training.data ?? null);
  const trial = { id: id ?? '<TRIAL_ID>', epochs, parameters };
  const preview = previewOf(spec, spec.sweepId, trial, spec.training.data === undefined ? null : folder);
  return preview === null ? null : { ...preview, line: preview.command.map(shownWord).join(' ') };
}

/** In the quotes that a shell wants, on one line. */
function shownWord(word: string): string {
  if (!/\p{Cc}/u.test(word)) return shellQuoted(word);
  return `$'${word.replaceAll(/[\\']/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\t', '\\t')}'`;
}

/** The program's start, as far as it is the user's own; labels are padded to `columns`. */
export function startLines(start: Start | null, columns: number): string[] {
  if (start === null) return [];
  const paths = Object.keys(start.files);
  const links = Object.entries(start.links).map(([path, target]) => `${path} -> ${target}`);
  const line = (label: string, text: string) => `${label.padEnd(columns)}${plain(text)}`;
  return [
    line('command', start.line),
    ...(start.workdir === null ? [] : [line('started in', start.workdir)]),
    ...(paths.length === 0 ? [] : [line('files', shortList(paths))]),
    ...(links.length === 0 ? [] : [line('links', shortList(links))]),
  ];
}

/** At most six items; of more, the first five and the last. */
export const shortList = (items: readonly string[]): string =>
  items.length <= 6 ? items.join(', ') : `${items.slice(0, 5).join(', ')}, ... ${items.at(-1)}`;
