import { breakable, h } from '../dom.ts';
import { shorten } from '../format.ts';
import type { Compared } from './compared.ts';

export interface SideRow {
  readonly name: string;
  /** One a sweep. */
  readonly cells: readonly string[];
}

/** A row a fact, a column a sweep. */
export function sideTable(label: string, compared: readonly Compared[], rows: readonly SideRow[]): HTMLElement {
  return h(
    'div',
    { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': label },
    h(
      'table',
      { class: 'space side' },
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          h('td'),
          ...compared.map(({ sweep, color }) => h('th', { scope: 'col' }, ...named(sweep.data.sweepId, color))),
        ),
      ),
      h(
        'tbody',
        {},
        ...rows.map(({ name, cells }) =>
          h(
            'tr',
            { class: new Set(cells).size > 1 ? null : 'soft' },
            h('th', { scope: 'row' }, breakable(shorten(name, 60))),
            ...cells.map((cell) => h('td', {}, h('bdi', {}, shorten(cell, 200)))),
          ),
        ),
      ),
    ),
  );
}

/** A sweep's name behind its colour. */
export const named = (name: string, color: string): Node[] => [
  h('span', { class: `key ${color}`, 'aria-hidden': 'true' }),
  h('bdi', {}, shorten(name, 60)),
];
