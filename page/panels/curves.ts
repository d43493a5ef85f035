import type { ReportCurve } from '../../core/report/data.ts';
import { horizontalAxis, roomFor, verticalAxis } from '../axis.ts';
import { chart, type Drawing, drawingOf, lines, nearest, type Spot, sheaf } from '../chart.ts';
import { svg } from '../dom.ts';
import { plural } from '../format.ts';
import { legend, panel } from '../panel.ts';
import { numberScale } from '../scale.ts';
import type { Trial } from '../sweep.ts';
import { type Domain, domainOf } from '../variables.ts';
import type { View } from '../view.ts';
import { pointsOf } from './curve.ts';

const HEIGHT = 320;
/** So many of the best are told apart by colour and dashes. */
const LIT = 5;

interface Curved {
  readonly trial: Trial;
  readonly points: readonly [number, number | null][];
}

/** Learning curves of all trials, the best ones lit. */
export function curves(view: View): HTMLElement | null {
  const { sweep } = view;
  const all = sweep.data.curves.map(
    (curve: ReportCurve): Curved => ({ trial: sweep.trials[curve.of]!, points: pointsOf(curve) }),
  );
  const long = all.filter(({ points }) => points.filter(([, value]) => value !== null).length > 1);
  if (long.length < 2) return null;
  const values = long.flatMap(({ points }) => points.flatMap(([, value]) => (value === null ? [] : [value])));
  const domain = domainOf(values, sweep.maximize);
  const epochs = long.flatMap(({ points }) => [points[0]![0], points.at(-1)![0]]);
  const extent: [number, number] = [epochs.reduce((a, b) => Math.min(a, b)), epochs.reduce((a, b) => Math.max(a, b))];
  const lit = long.filter(({ trial }) => trial.rank !== null).slice(0, LIT);
  const left = sweep.trials.length - long.length;
  const thinned =
    left > 0
      ? ` ${plural(long.length, 'curve')} of ${plural(sweep.trials.length, 'trial')} are drawn${sweep.trials.length > 1000 ? ': the best, and an even sample of the others' : '; the others have fewer than two epochs'}.`
      : '';
  const few = long.some(({ points }) => points.length >= 60) ? ' Long curves are reduced to 60 points.' : '';
  const log = domain.log ? ' Log scale.' : '';
  const again = lit.some(({ trial }) => trial.confirmed !== null)
    ? " Curves and values are of each trial's own run, not of those with new seeds, by which confirmed trials are ranked."
    : '';
  return panel(
    'curves',
    'Learning curves',
    `${sweep.metric.length > 60 ? 'The objective' : sweep.metric} by epoch.${log}${thinned}${few}${again}`,
    chart(view, {
      label: `Learning curves of ${long.length} trials`,
      height: () => HEIGHT,
      draw: (width) => draw(view, { all: long, lit, domain, extent }, width),
    }),
    legend([
      ...lit.map(
        ({ trial }, index) =>
          [`lit${index}`, `rank ${trial.rank}, trial ${trial.number}: ${sweep.valueText(trial.searchValue!)}`] as const,
      ),
      ['faint', 'all others'],
    ]),
  );
}

interface Curves {
  readonly all: readonly Curved[];
  readonly lit: readonly Curved[];
  readonly domain: Domain;
  readonly extent: [number, number];
}

function draw(view: View, { all, lit, domain, extent }: Curves, width: number): Drawing {
  const root = drawingOf(width, HEIGHT);
  const [top, bottom] = [16, HEIGHT - 40];
  const y = numberScale(domain.extent, [bottom, top], { ...domain, nice: true });
  const left = roomFor(y, bottom - top);
  const right = width - 12;
  const x = numberScale(extent, [left, right], { integer: true });
  const lineOf = ({ points }: Curved) =>
    points.map(([epoch, value]) => (value === null ? null : ([x(epoch), y(value)] as const)));
  const shown = all.filter(({ trial }) => view.isShown(trial));
  const rings = svg('g', { class: 'rings' });
  root.append(
    verticalAxis({ scale: y, at: left, range: [top, bottom], grid: right - left }),
    horizontalAxis({ scale: x, at: bottom, range: [left, right] }),
    svg('text', { class: 'name', x: (left + right) / 2, y: HEIGHT - 6, 'text-anchor': 'middle' }, 'epoch'),
    ...sheaf(shown.filter((curve) => !lit.includes(curve)).map(lineOf), 'faint'),
    ...lit
      .flatMap((curve, index) => (view.isShown(curve.trial) ? [lines([lineOf(curve)], `lit${index}`)] : []))
      .reverse(),
    rings,
  );
  const spots = shown.flatMap((curve) =>
    lineOf(curve).flatMap((point): Spot[] =>
      point === null ? [] : [{ x: point[0], y: point[1], trial: curve.trial }],
    ),
  );
  return {
    root,
    find: (px, py) => nearest(spots, px, py),
    light: (trial) => {
      const curve = shown.find((one) => one.trial === trial);
      rings.replaceChildren(
        ...(curve === undefined ? [] : [lines([lineOf(curve)], 'lit-halo'), lines([lineOf(curve)], 'lit')]),
      );
    },
  };
}
