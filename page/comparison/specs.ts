import type { Comparison } from '../../core/sweep/compare.ts';
import { h } from '../dom.ts';
import { panel } from '../panel.ts';
import type { Compared } from './compared.ts';
import { sideTable } from './side-table.ts';

/** What the specs say differently. */
export function specs(compared: readonly Compared[], { changed }: Comparison): HTMLElement {
  const rows = changed.map(({ field, values }) => ({
    name: field,
    cells: values.map((value) => (value == null ? 'not set' : JSON.stringify(value))),
  }));
  return panel(
    'specs',
    'Specs',
    rows.length === 0 ? null : 'What their specs say differently.',
    rows.length === 0 ? h('p', {}, 'Their specs are the same.') : sideTable('Specs', compared, rows),
  );
}
