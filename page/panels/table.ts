import { notationOf } from '../../core/base/notation.ts';
import { dollarsAmong } from '../../core/money/dollars.ts';
import { breakable, h, set } from '../dom.ts';
import { count, duration, type Format, formatFor, inPage, plural, shorten } from '../format.ts';
import { panel } from '../panel.ts';
import { type Sweep, type Trial, valueText } from '../sweep.ts';
import type { View } from '../view.ts';

const ROWS = 50;
/** Of more columns than this, names break anywhere on paper, so that all fit. */
const MOST_WHOLE = 13;
const PRINTED_ROWS = 500;

interface Column {
  readonly name: string;
  readonly numeric: boolean;
  readonly show: (trial: Trial) => Node | string;
  /** What it is sorted by; null goes last. */
  readonly key: (trial: Trial) => number | string | null;
}

/** The leaderboard, sorted by any column, a page at a time. */
export function table(view: View): HTMLElement {
  const { sweep } = view;
  const columns = columnsOf(view);
  let sorted: { column: Column; down: boolean } | null = null;
  let page = 0;
  let rows: Trial[] = [...sweep.trials];
  const body = h('tbody');
  const headers = columns.map((column) => {
    const button = h(
      'button',
      { type: 'button', click: () => sort(column) },
      h('bdi', { title: column.name.length > 24 ? column.name : null }, shorten(column.name, 24)),
    );
    // Chromium leaves buttons out where it repeats the head on a page. Long names break after a joint, not within a word.
    const printed = h('span', { class: 'printed', 'aria-hidden': 'true' }, breakable(shorten(column.name, 40)));
    return h('th', { scope: 'col', class: column.numeric ? 'number' : null }, button, printed);
  });
  const pager = makePager((step) => {
    page += step;
    fill();
  });
  const sort = (column: Column) => {
    sorted = sorted?.column !== column ? { column, down: false } : sorted.down ? null : { column, down: true };
    columns.forEach((one, index) => {
      set(headers[index]!, { 'aria-sort': sorted?.column === one ? (sorted.down ? 'descending' : 'ascending') : null });
    });
    order();
  };
  const order = () => {
    const shown = sweep.trials.filter((trial) => view.isShown(trial));
    rows = sorted === null ? shown : shown.sort(comparing(sorted.column.key, sorted.down));
    page = 0;
    fill();
  };
  const fill = () => {
    const from = page * ROWS;
    body.replaceChildren(...rows.slice(from, from + ROWS).map((trial) => rowOf(view, columns, trial)));
    if (rows.length === 0)
      body.append(h('tr', {}, h('td', { colspan: columns.length + 1 }, 'No trial matches the filters.')));
    pager.show(from, rows.length);
  };
  view.listen((change) => {
    if (change === 'filter') {
      const limited = new Set([...view.limited].map(({ name }) => name));
      columns.forEach(({ name }, index) => {
        headers[index]!.classList.toggle('limited', limited.has(name));
      });
      order();
    }
    if (change === 'picked' && view.picked.size === 0) fill();
    if (change === 'hover')
      for (const row of body.rows)
        row.classList.toggle('lit', view.hovered !== null && row.dataset['index'] === String(view.hovered.index));
  });
  // On paper nobody turns pages.
  const printed = h('p', { class: 'printed' });
  window.addEventListener('beforeprint', () => {
    const some = rows.slice(0, PRINTED_ROWS);
    body.replaceChildren(...some.map((trial) => rowOf(view, columns, trial)));
    printed.textContent =
      some.length < rows.length ? `The first ${count(some.length)} of ${plural(rows.length, 'trial')}.` : '';
  });
  window.addEventListener('afterprint', fill);
  fill();
  const planned = sweep.data.counts.planned;
  const again = sweep.trials.some(({ confirmed }) => confirmed !== null)
    ? ' For trials that were trained again, the value is the mean over the new seeds, \u00b1 the standard deviation.'
    : '';
  const more =
    sweep.data.counts.planned > sweep.trials.length && sweep.trials.length >= 10_000
      ? ` The best ${count(sweep.trials.length)} of ${count(planned)}; leaderboard.csv has all of them.`
      : '';
  return panel(
    'leaderboard',
    'Leaderboard',
    [
      h(
        'span',
        { class: 'screen' },
        "Click a heading to sort; click it again to reverse, and a third time to restore the ranking. Click a trial's number to see its details; tick two or more to see them side by side.",
      ),
      `${again}${more}`,
    ],
    h(
      'div',
      { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'Table of trials' },
      h(
        'table',
        { class: columns.length > MOST_WHOLE ? 'leaderboard many' : 'leaderboard' },
        h(
          'thead',
          {},
          h('tr', {}, h('th', { scope: 'col', class: 'pick' }, h('span', { class: 'unseen' }, 'Compare')), ...headers),
        ),
        body,
      ),
    ),
    printed,
    pager.element,
  );
}

function rowOf(view: View, columns: readonly Column[], trial: Trial): HTMLTableRowElement {
  const row = h(
    'tr',
    {
      'data-index': trial.index,
      pointerenter: () => view.hover(trial),
      pointerleave: () => view.hover(null),
      focusin: () => view.hover(trial),
      focusout: () => view.hover(null),
    },
    h(
      'td',
      { class: 'pick' },
      h('input', {
        type: 'checkbox',
        checked: view.picked.has(trial),
        'aria-label': `Compare trial ${trial.number}`,
        change: (event: Event) => view.pick(trial, (event.target as HTMLInputElement).checked),
      }),
    ),
    ...columns.map(({ numeric, show }) => h('td', { class: numeric ? 'number' : null }, show(trial))),
  );
  if (trial === view.sweep.winner) row.classList.add('first');
  return row;
}

function makePager(turn: (step: number) => void) {
  const text = h('span', { role: 'status' });
  const back = h('button', { type: 'button', click: () => turn(-1) }, 'Previous');
  const on = h('button', { type: 'button', click: () => turn(1) }, 'Next');
  const element = h('div', { class: 'pager' }, back, on, text);
  return {
    element,
    show: (from: number, total: number) => {
      const to = Math.min(from + ROWS, total);
      text.textContent =
        total <= ROWS ? plural(total, 'trial') : `${count(from + 1)} to ${count(to)} of ${count(total)}`;
      back.disabled = from === 0;
      on.disabled = to >= total;
      back.hidden = total <= ROWS;
      on.hidden = total <= ROWS;
    },
  };
}

function comparing(key: Column['key'], down: boolean): (a: Trial, b: Trial) => number {
  const sign = down ? -1 : 1;
  return (a, b) => {
    const [left, right] = [key(a), key(b)];
    if (left === null || right === null) return Number(left === null) - Number(right === null) || a.index - b.index;
    const order =
      typeof left === 'number' && typeof right === 'number'
        ? left - right
        : String(left).localeCompare(String(right), 'en', { numeric: true });
    return sign * order || a.index - b.index;
  };
}

function columnsOf(view: View): Column[] {
  const { sweep } = view;
  const { trials, data } = sweep;
  const numbers = (
    name: string,
    valueIn: (trial: Trial) => number | null,
    format = formatFor(trials.map(valueIn)),
  ): Column => ({
    name,
    numeric: true,
    key: valueIn,
    show: (trial) => {
      const value = valueIn(trial);
      return value === null ? '' : format(value);
    },
  });
  const objective = formatFor(
    trials.flatMap(({ value, searchValue }) => [value, searchValue]),
    sweep.maximize ? 'linear' : undefined,
  );
  const someFailed = trials.some(({ failure }) => failure !== null);
  const columns = [
    numbers('Rank', ({ rank }) => rank),
    {
      ...numbers('Trial', ({ number }) => number),
      show: (trial: Trial) =>
        h(
          'button',
          { type: 'button', class: 'link', click: () => view.open(trial), 'aria-label': `Trial ${trial.number}` },
          String(trial.number),
        ),
    },
    numbers(sweep.metric, ({ value }) => value, objective),
    ...confirmationColumns(sweep, objective, numbers),
    ...Object.entries(data.trials.others ?? {}).map(([metric, values]) =>
      numbers(metric, ({ index }) => values[index] ?? null),
    ),
    numbers('Epoch', ({ epoch }) => epoch),
    ...(new Set(trials.map(({ epochs }) => epochs)).size > 1 ? [numbers('Trained to', ({ epochs }) => epochs)] : []),
    // Behind many parameters it would be out of sight.
    ...(someFailed ? [OUTCOME] : []),
    ...data.parameters.map((parameter): Column => {
      const { name, choices, values, log } = parameter;
      return choices === null || choices.every((choice) => typeof choice === 'number')
        ? numbers(
            name,
            ({ index }) =>
              choices === null
                ? (values[index] ?? null)
                : values[index] == null
                  ? null
                  : (choices[values[index]!] as number),
            choices === null ? formatFor(values, log ? 'log' : 'linear') : inPage(notationOf(choices as number[])),
          )
        : choiceColumn(name, (trial) => valueText(parameter, trial));
    }),
    numbers('Time', ({ seconds }) => seconds, duration),
    ...(data.trials.dollars === undefined
      ? []
      : [numbers('Cost', ({ dollars }) => dollars, dollarsAmong(trials.map(({ dollars }) => dollars)))]),
    ...(someFailed ? [] : [OUTCOME]),
  ];
  // A sweep of which every trial failed has neither ranks nor values.
  return columns.filter(({ key }) => trials.some((trial) => key(trial) !== null));
}

const OUTCOME: Column = {
  name: 'Outcome',
  numeric: false,
  key: outcomeOf,
  show: (trial: Trial) =>
    trial.failure === null
      ? outcomeOf(trial)
      : h('span', { class: 'bad', title: trial.reason === null ? null : shorten(trial.reason, 200) }, outcomeOf(trial)),
};

/** Where some trials were trained again with new seeds: their spread, and what each had reached before. */
function confirmationColumns(
  { trials }: Sweep,
  objective: Format,
  numbers: (name: string, valueIn: (trial: Trial) => number | null, format?: (value: number) => string) => Column,
): Column[] {
  if (trials.every(({ confirmed }) => confirmed === null)) return [];
  return [
    numbers('\u00b1', ({ confirmed }) => (confirmed === null ? null : Number(confirmed.spread.toPrecision(2)))),
    numbers('Own run', ({ searchValue }) => searchValue, objective),
  ];
}

const choiceColumn = (name: string, valueIn: (trial: Trial) => string | null): Column => ({
  name,
  numeric: false,
  key: valueIn,
  show: (trial) => {
    const text = valueIn(trial);
    return text === null ? '' : h('bdi', { title: text.length > 40 ? shorten(text, 500) : null }, shorten(text, 40));
  },
});

function outcomeOf({ failure, stopped, diverged, beyond }: Trial): string {
  if (failure !== null) return failure;
  if (beyond.length > 0) return `beyond the limit of ${beyond.join(', ')}`;
  if (stopped !== null) return `stopped early (${stopped})`;
  return diverged ? 'diverged later' : 'succeeded';
}

export { outcomeOf };
