import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Parameters } from '../../core/space/space.ts';
import type { Duration } from './schedule.ts';
import { rarityAmong, type Task } from './tasks.ts';

const KEPT = join(import.meta.dirname, '../search/.cache');

/** A table of real trainings as a task. */
export interface Table {
  readonly task: Task;
  readonly seconds: Duration;
  /** How many uniform random trials one needs, on average, to come to as good a value. */
  readonly rare: (value: number) => number;
}

interface Kept {
  readonly name: string;
  readonly space: Readonly<Record<string, readonly (string | number | boolean)[]>>;
  /** By the places of the values in their lists, one digit each: mean value, its spread over seeds, seconds. */
  readonly rows: Readonly<Record<string, readonly [value: number, spread: number, seconds: number]>>;
}

/** What bench/search/times.py wrote. `meanSeconds`: what a table's trainings take on average, in place of what they took. */
export function keptTables(meanSeconds: number): Table[] {
  const files = readdirSync(KEPT).filter((file) => file.startsWith('times-'));
  return files.map((file) => tableOf(JSON.parse(readFileSync(join(KEPT, file), 'utf8')), meanSeconds));
}

function tableOf({ name, space, rows }: Kept, meanSeconds: number): Table {
  const rowOf = (parameters: Parameters) => {
    const places = Object.entries(space).map(([key, values]) => values.indexOf(parameters[key] as string));
    return rows[places.join('')]!;
  };
  const all = Object.values(rows);
  const mean = (of: (row: Kept['rows'][string]) => number) => all.reduce((sum, row) => sum + of(row), 0) / all.length;
  const scale = meanSeconds / mean(([, , seconds]) => seconds);
  // Drawn evenly over this width, seeds differ by as much as they did.
  const noise = mean(([, spread]) => spread) * Math.sqrt(12);
  const ordered = Float64Array.from(all, ([value]) => value).sort();
  return {
    task: { name, space: space as Task['space'], noise, value: (parameters) => rowOf(parameters)[0] },
    seconds: (_, parameters) => scale * rowOf(parameters)[2],
    rare: rarityAmong(ordered),
  };
}
