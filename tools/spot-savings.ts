// Writes core/money/spot-savings.ts from a table of instance types:
//
//   node tools/node24.mjs tools/spot-savings.ts instances.csv
//
// The table's columns `spot_interruption_REGION_DATE` and `spot_saving_pct_REGION_DATE` are read; lines that begin with # and
// types without figures are passed over. Format the result with `npx biome format --write core/money/spot-savings.ts`.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const REGIONS = ['us-east-1', 'us-west-2', 'eu-central-1'];

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('name the table: tools/spot-savings.ts instances.csv');
const [header, ...rows] = readFileSync(file, 'utf8')
  .split(/\r?\n/)
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split(','));
const column = (beginning: string): number => {
  const found = header!.findIndex((name) => name.startsWith(beginning));
  if (found === -1) throw new Error(`${file} has no column that begins with ${beginning}`);
  return found;
};
const places = REGIONS.map(
  (region) => [column(`spot_interruption_${region}_`), column(`spot_saving_pct_${region}_`)] as const,
);
const lines = rows.flatMap((row) => {
  const cells = places.map(([band, saving]) =>
    row[saving] === '' ? null : ([row[band], Number(row[saving])] as const),
  );
  return cells.every((cell) => cell === null) ? [] : [`  ${JSON.stringify([row[0], ...cells])},`];
});
const text = `// Written by tools/spot-savings.ts; do not edit.
//
// What Spot instances cost less than on demand, and how often they were interrupted, by AWS's Spot Instance Advisor as
// alexei-led/spotinfo keeps it: internal/spot/data/spot-advisor-data.json, snapshot of 2025-06-28. Not every type is there.

/** The day of the snapshot. */
export const SPOT_SAVINGS_AS_OF = '2025-06-28';

/** The regions of a row, in the order of its cells. */
export const SPOT_SAVINGS_REGIONS = ${JSON.stringify(REGIONS)} as const;

/** How often instances were interrupted in a month, and the saving in percent; null: not told. */
type Cell = readonly [interruptions: string, saving: number] | null;

export const SPOT_SAVINGS: readonly (readonly [type: string, ...cells: Cell[]])[] = [
${lines.join('\n')}
];
`;
writeFileSync(fileURLToPath(new URL('../core/money/spot-savings.ts', import.meta.url)), text);
