import { lenientNumeral } from '../base/numeral.ts';
import type { MetricsRecord } from './numbering.ts';

/**
 * A table with a header, as Lightning, Keras, ultralytics and pandas write their metrics: separated by commas, semicolons
 * or tabs, its names padded or quoted, its cells empty where a row has no value. Null: the text is no such table.
 * @param ended nothing more will be written: a last line without its newline is whole
 */
export function readTable(text: string, ended: boolean): MetricsRecord[] | null {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n?|\n/);
  const separator = [',', ';', '\t'].find((candidate) => lines[0]?.includes(candidate));
  if (separator === undefined) return null;
  const header = cellsOf(lines[0]!, separator);
  if (header.some((name) => lenientNumeral(name) !== undefined) || header.every((name) => name === '')) return null;
  const rows = lines.slice(1, ended ? undefined : -1).filter((line) => line.trim() !== '');
  const epochColumn = header.findIndex((name) => /^epochs?$/i.test(name));
  return withoutHoles(
    rows.map((line) => {
      const values: Record<string, number | null> = {};
      let epoch: number | null = null;
      cellsOf(line, separator).forEach((cell, index) => {
        const name = header[index] ?? '';
        const value = cell === '' ? undefined : lenientNumeral(cell);
        if (value === undefined) return;
        if (index === epochColumn) epoch = value;
        // A column without a name is an index of rows.
        else if (name !== '') values[name] = value;
      });
      return { epoch, values };
    }),
  );
}

function cellsOf(line: string, separator: string): string[] {
  const cells: string[] = [''];
  let isQuoted = false;
  for (const character of line) {
    if (character === '"') isQuoted = !isQuoted;
    else if (character === separator && !isQuoted) cells.push('');
    else cells[cells.length - 1] += character;
  }
  return cells.map((cell) => cell.trim());
}

/** `nan` where another row of the epoch has the value is a hole, as an empty cell is. */
function withoutHoles(records: readonly MetricsRecord[]): MetricsRecord[] {
  const known = new Set<string>();
  for (const { epoch, values } of records)
    for (const [name, value] of Object.entries(values)) if (value !== null) known.add(`${epoch} ${name}`);
  return records.map(({ epoch, values }) => ({
    epoch,
    values: Object.fromEntries(
      Object.entries(values).filter(
        ([name, value]) => value !== null || epoch === null || !known.has(`${epoch} ${name}`),
      ),
    ),
  }));
}
