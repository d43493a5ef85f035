import type { ReportLogged } from '../../core/report/logged.ts';
import { horizontalAxis, roomFor, verticalAxis } from '../axis.ts';
import { chart, type Drawing, drawingOf, lines, nearest, type Spot, sheaf } from '../chart.ts';
import { h, svg } from '../dom.ts';
import { plural, shorten } from '../format.ts';
import { legend, panel } from '../panel.ts';
import { numberScale } from '../scale.ts';
import { smoothed } from '../smooth.ts';
import type { Trial } from '../sweep.ts';
import type { View } from '../view.ts';
import { pointsOf } from './curve.ts';

const HEIGHT = 320;
/** So many of the best are told apart by colour and dashes. */
const LIT = 5;
const EPOCH = 'epoch';
const SMOOTHINGS = [0, 0.3, 0.6, 0.9] as const;

/** What the reader chose: places among the metrics' names, x null for the epoch. */
interface Chosen {
  y: number;
  x: number | null;
  log: boolean;
  smoothing: number;
}

interface Line {
  readonly trial: Trial;
  readonly points: readonly (readonly [number, number] | null)[];
}

/** Everything that the best trials logged, any metric against the epoch or another one. */
export function logged(view: View): HTMLElement | null {
  const { logged: all } = view.sweep.data;
  if (all === null) return null;
  const { metric } = view.sweep;
  // The objective has its own chart.
  const first = all.names.findIndex((name) => name !== metric);
  const chosen: Chosen = { y: first, x: null, log: false, smoothing: 0 };
  const content = chart(view, {
    label: 'What the best trials logged',
    height: () => HEIGHT,
    draw: (width) => draw(view, linesOf(view, all, chosen), all.names, chosen, width),
  });
  const change = (set: () => void) => {
    set();
    view.redraw(content);
  };
  const lit = litOf(view, all);
  const left = all.left > 0 ? ` ${plural(all.left, 'metric')} more are not shown.` : '';
  return panel(
    'logged',
    'Everything that was logged',
    `Any metric of the best ${plural(all.trials.length, 'trial')}, by epoch or against another metric.${left}`,
    h(
      'div',
      { class: 'axes' },
      choice('logged-y', 'Up', metricOptions(all), String(first), (value) => change(() => (chosen.y = Number(value)))),
      choice('logged-x', 'Across', [['', EPOCH], ...metricOptions(all)], '', (value) =>
        change(() => (chosen.x = value === '' ? null : Number(value))),
      ),
      choice(
        'logged-smoothing',
        'Smoothing',
        SMOOTHINGS.map((weight) => [String(weight), weight === 0 ? 'none' : String(weight)]),
        '0',
        (value) => change(() => (chosen.smoothing = Number(value))),
      ),
      h(
        'label',
        { class: 'switch' },
        h('input', {
          type: 'checkbox',
          change: (event: Event) => change(() => (chosen.log = (event.target as HTMLInputElement).checked)),
        }),
        'Log scale',
      ),
    ),
    content,
    legend([
      ...lit.map((trial, index) => [`lit${index}`, `rank ${trial.rank}, trial ${trial.number}`] as const),
      ...(all.trials.length > lit.length ? [['faint', 'the others'] as const] : []),
    ]),
  );
}

const metricOptions = ({ names }: ReportLogged): (readonly [string, string])[] =>
  names.map((name, place) => [String(place), shorten(name, 60)]);

function choice(
  id: string,
  label: string,
  options: readonly (readonly [value: string, text: string])[],
  first: string,
  notify: (value: string) => void,
): HTMLElement {
  const select = h(
    'select',
    { id, change: () => notify(select.value) },
    ...options.map(([value, text]) => h('option', { value, selected: value === first }, text)),
  );
  return h('span', {}, h('label', { for: id }, label), select);
}

const litOf = ({ sweep }: View, { trials }: ReportLogged): Trial[] =>
  trials
    .map(({ of }) => sweep.trials[of]!)
    .filter(({ rank }) => rank !== null)
    .slice(0, LIT);

function linesOf({ sweep }: View, { trials }: ReportLogged, { x, y, smoothing }: Chosen): Line[] {
  return trials.flatMap(({ of, points }): Line[] => {
    const up = points[y];
    const across = x === null ? null : points[x];
    if (up == null || across === undefined || (x !== null && across === null)) return [];
    const acrossAt = across === null ? null : new Map(pointsOf(across));
    const heights = smoothed(up.values, smoothing);
    const line = pointsOf(up).map(([epoch], index) => {
      const [at, height] = [acrossAt === null ? epoch : (acrossAt.get(epoch) ?? null), heights[index] ?? null];
      return at === null || height === null ? null : ([at, height] as const);
    });
    return [{ trial: sweep.trials[of]!, points: line }];
  });
}

function draw(view: View, all: readonly Line[], names: readonly string[], chosen: Chosen, width: number): Drawing {
  const root = drawingOf(width, HEIGHT);
  const shown = all.filter(({ trial }) => view.isShown(trial));
  const points = all.flatMap(({ points: line }) => line.filter((point) => point !== null));
  const [top, bottom] = [16, HEIGHT - 40];
  const name = chosen.x === null ? EPOCH : names[chosen.x]!;
  if (points.length === 0) {
    root.append(svg('text', { class: 'name', x: 12, y: HEIGHT / 2 }, 'No trial logged both in one epoch.'));
    return { root };
  }
  const heights = extentOf(points.map(([, height]) => height));
  const log = chosen.log && heights[0] > 0;
  const y = numberScale(heights, [bottom, top], { log, nice: true });
  const left = roomFor(y, bottom - top);
  const right = width - 12;
  const x = numberScale(extentOf(points.map(([at]) => at)), [left, right], { integer: chosen.x === null });
  const placed = ({ points: line }: Line) => line.map((point) => point && ([x(point[0]), y(point[1])] as const));
  const lit = litOf(view, view.sweep.data.logged!);
  const rings = svg('g', { class: 'rings' });
  root.append(
    verticalAxis({ scale: y, at: left, range: [top, bottom], grid: right - left }),
    horizontalAxis({ scale: x, at: bottom, range: [left, right] }),
    svg('text', { class: 'name', x: (left + right) / 2, y: HEIGHT - 6, 'text-anchor': 'middle' }, shorten(name, 40)),
    ...sheaf(shown.filter(({ trial }) => !lit.includes(trial)).map(placed), 'faint'),
    ...shown
      .flatMap((line) => {
        const place = lit.indexOf(line.trial);
        return place === -1 ? [] : [lines([placed(line)], `lit${place}`)];
      })
      .reverse(),
    rings,
  );
  const spots = shown.flatMap((line) =>
    placed(line).flatMap((point): Spot[] => (point === null ? [] : [{ x: point[0], y: point[1], trial: line.trial }])),
  );
  return {
    root,
    find: (px, py) => nearest(spots, px, py),
    light: (trial) => {
      const line = shown.find((one) => one.trial === trial);
      rings.replaceChildren(
        ...(line === undefined ? [] : [lines([placed(line)], 'lit-halo'), lines([placed(line)], 'lit')]),
      );
    },
  };
}

function extentOf(values: readonly number[]): [number, number] {
  return [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
}
