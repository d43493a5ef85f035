import { dollarsAmong } from '../../core/money/dollars.ts';
import { breakable, h } from '../dom.ts';
import { count, duration, type Format, formatFor, shorten } from '../format.ts';
import { panel } from '../panel.ts';
import { type Trial, valueText } from '../sweep.ts';
import type { Compared } from './compared.ts';
import { named } from './side-table.ts';

const LEADERS = 5;

/** The best trials of each sweep, one table; null where no trial succeeded. */
export function leaders(compared: readonly Compared[]): HTMLElement | null {
  const rows = compared.flatMap((of) =>
    of.sweep.ranked
      .filter(({ rank }) => rank !== null)
      .slice(0, LEADERS)
      .map((trial) => ({ of, trial })),
  );
  if (rows.length === 0) return null;
  const names = [...new Set(compared.flatMap(({ sweep }) => sweep.data.parameters.map(({ name }) => name)))];
  const formats = new Map(
    compared.map((one) => [
      one,
      formatFor(
        rows.flatMap(({ of, trial }) => (of === one ? [trial.value] : [])),
        one.sweep.maximize ? 'linear' : undefined,
      ),
    ]),
  );
  const paid = rows.map(({ trial }) => trial.dollars);
  const isPaid = paid.some((dollars) => dollars !== null);
  const money = dollarsAmong(paid);
  const head = ['Sweep', 'Rank', 'Trial', 'Value', 'Epochs', 'Time', ...(isPaid ? ['Cost'] : []), ...names];
  return panel(
    'leaders',
    'Leaders',
    `The best ${LEADERS} trials of each sweep. The report of a sweep has them all.`,
    h(
      'div',
      { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'Leaders' },
      h(
        'table',
        { class: 'space leaders' },
        h('thead', {}, h('tr', {}, ...head.map((name) => h('th', { scope: 'col' }, breakable(shorten(name, 24)))))),
        h(
          'tbody',
          {},
          ...rows.map(({ of, trial }) =>
            h(
              'tr',
              { class: trial === of.sweep.winner ? 'first' : null },
              h('th', { scope: 'row' }, ...named(of.sweep.data.sweepId, of.color)),
              ...cellsOf(of, trial, { names, money: isPaid ? money : null, format: formats.get(of)! }).map((text) =>
                h('td', {}, h('bdi', {}, text)),
              ),
            ),
          ),
        ),
      ),
    ),
  );
}

function cellsOf(
  { sweep }: Compared,
  trial: Trial,
  {
    names,
    money,
    format,
  }: {
    readonly names: readonly string[];
    /** Null: no trial has a cost. */
    readonly money: ((dollars: number) => string) | null;
    readonly format: Format;
  },
): string[] {
  const { rank, number, value, confirmed, epochs, seconds, dollars } = trial;
  const spread = confirmed === null ? '' : ` ± ${Number(confirmed.spread.toPrecision(2))}`;
  return [
    String(rank),
    String(number),
    `${format(value!)}${spread}`,
    count(epochs),
    seconds === null ? '' : duration(seconds),
    ...(money === null ? [] : [dollars === null ? '' : money(dollars)]),
    ...names.map((name) => {
      const parameter = sweep.data.parameters.find((one) => one.name === name);
      return shorten((parameter === undefined ? null : valueText(parameter, trial)) ?? '', 40);
    }),
  ];
}
