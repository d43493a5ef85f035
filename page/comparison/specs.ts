import type { Json } from '../../core/base/json.ts';
import type { Comparison } from '../../core/sweep/compare.ts';
import { h } from '../dom.ts';
import { panel } from '../panel.ts';
import type { Compared } from './compared.ts';
import { sideTable } from './side-table.ts';

/** With a space behind each comma and colon, so that lines break there. */
const spaced = (value: Json): string => JSON.stringify(value, null, 1).replace(/\n\s*/g, ' ');

/** What the specs say differently. */
export function specs(compared: readonly Compared[], { changed }: Comparison): HTMLElement {
  const rows = changed.map(({ field, values }) => ({
    name: field,
    cells: values.map((value) => (value == null ? 'not set' : spaced(value as Json))),
  }));
  return panel(
    'specs',
    'Specs',
    rows.length === 0 ? null : 'What their specs say differently.',
    rows.length === 0 ? h('p', {}, 'Their specs are the same.') : sideTable('Specs', compared, rows),
  );
}
