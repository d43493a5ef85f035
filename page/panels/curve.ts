import type { ReportCurve } from '../../core/report/data.ts';
import type { ReportPoints } from '../../core/report/points.ts';
import { horizontalAxis, roomFor, verticalAxis } from '../axis.ts';
import { chart, dots, drawingOf, lines } from '../chart.ts';
import { svg } from '../dom.ts';
import { numberScale } from '../scale.ts';
import type { Sweep, Trial } from '../sweep.ts';
import { domainOf } from '../variables.ts';
import type { View } from '../view.ts';

const HEIGHT = 220;

export const pointsOf = ({ epochs, values }: ReportPoints): [number, number | null][] =>
  values.map((value, index) => [epochs?.[index] ?? index + 1, value]);

export function curveOfTrial({ data }: Sweep, trial: Trial): ReportCurve | null {
  const curve = data.curves.find(({ of: index }) => index === trial.index) ?? null;
  return curve !== null && curve.values.filter((value) => value !== null).length > 1 ? curve : null;
}

/** One trial's learning curve, the epoch that counts marked; null where there is no line to draw. */
export function learningCurve(view: View, trial: Trial): HTMLElement | null {
  const { sweep } = view;
  const curve = curveOfTrial(sweep, trial);
  if (curve === null) return null;
  const points = pointsOf(curve);
  const values = points.flatMap(([, value]) => (value === null ? [] : [value]));
  const domain = domainOf(values, sweep.maximize);
  return chart(view, {
    label: `Learning curve of trial ${trial.number}: ${sweep.metric} by epoch`,
    height: () => HEIGHT,
    filtered: false,
    draw: (width) => {
      const root = drawingOf(width, HEIGHT);
      const y = numberScale(domain.extent, [HEIGHT - 40, 16], { ...domain, nice: true });
      const left = roomFor(y, HEIGHT - 56);
      const x = numberScale([points[0]![0], points.at(-1)![0]], [left, width - 12], { integer: true });
      root.append(
        verticalAxis({ scale: y, at: left, range: [16, HEIGHT - 40], grid: width - 12 - left }),
        horizontalAxis({ scale: x, at: HEIGHT - 40, range: [left, width - 12] }),
        svg('text', { class: 'name', x: (left + width - 12) / 2, y: HEIGHT - 6, 'text-anchor': 'middle' }, 'epoch'),
        lines([points.map(([epoch, value]) => (value === null ? null : [x(epoch), y(value)]))], 'own'),
      );
      if (trial.searchValue !== null && trial.epoch !== null)
        root.append(dots([[x(trial.epoch), y(trial.searchValue)]], 'winner big'));
      return { root };
    },
  });
}
