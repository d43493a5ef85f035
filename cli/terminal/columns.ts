import { padEnd, padStart, plain, width } from './text.ts';

/** A column of a table, its cells from the top. */
export interface Column {
  readonly name: string;
  readonly cells: readonly string[];
  /** Numbers are aligned to the right. */
  readonly right?: boolean;
  /** Which columns are kept where not all fit: the lowest first; default: the columns in their order. */
  readonly keep?: number;
}

const GAP = '  ';

/** The widest name above narrow cells; a longer one is cut. */
const NAME_COLUMNS = 16;

export interface Laid {
  /** The names, then a line a row. */
  readonly lines: readonly string[];
  /** The names of the columns for which there was no room. */
  readonly hidden: readonly string[];
}

/**
 * Columns side by side, as wide as their widest cell, within `room`. Where not all fit, the most important ones stay, in
 * their order, at least one of them. Control characters are made visible.
 */
export function lay(columns: readonly Column[], room: number): Laid {
  const drawn = columns.map((column, index) => drawnColumn(column, index, room));
  const kept = new Set<number>();
  let used = 0;
  for (const { index, columns: wide } of drawn.toSorted((a, b) => a.keep - b.keep || a.index - b.index)) {
    const needed = wide + (kept.size === 0 ? 0 : GAP.length);
    if (kept.size > 0 && used + needed > room) continue;
    kept.add(index);
    used += needed;
  }
  const shown = drawn.filter(({ index }) => kept.has(index));
  const rows = columns[0]?.cells.length ?? 0;
  const line = (row: number) =>
    shown
      .map(({ texts }) => texts[row]!)
      .join(GAP)
      .trimEnd();
  return {
    lines: Array.from({ length: rows + 1 }, (_, row) => line(row)),
    hidden: columns.flatMap(({ name }, index) => (kept.has(index) ? [] : [plain(name)])),
  };
}

function drawnColumn({ name, cells, right = false, keep }: Column, index: number, room: number) {
  const texts = cells.map(plain);
  const widest = texts.reduce((most, text) => Math.max(most, width(text)), 0);
  const head = plain(name);
  const most = Math.max(widest, NAME_COLUMNS);
  const title = Number.isFinite(room) && width(head) > most ? middleCut(head, most) : head;
  const columns = Math.max(widest, width(title));
  const pad = right ? padStart : padEnd;
  return { index, keep: keep ?? index, columns, texts: [title, ...texts].map((text) => pad(text, columns)) };
}

/** Names that begin alike (`optimizer.momentum`, `optimizer.beta`) differ at their end. */
function middleCut(name: string, columns: number): string {
  const characters = [...name];
  const tail = Math.floor((columns - 1) / 2);
  const short = `${characters.slice(0, columns - 1 - tail).join('')}…${characters.slice(-tail).join('')}`;
  return width(short) <= columns ? short : `${characters.slice(0, Math.floor((columns - 1) / 2)).join('')}…`;
}

/** Without the columns in which no cell says anything. */
export const told = (columns: readonly Column[]): Column[] =>
  columns.filter(({ cells }) => cells.length === 0 || cells.some((cell) => cell !== ''));

/** What a table has no room for, in a sentence; nothing where it shows all. */
export const hiddenNote = ({ hidden }: Laid): string[] =>
  hidden.length === 0 ? [] : [`not shown: ${hidden.join(', ')} (--json has everything)`];
