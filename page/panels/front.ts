import { horizontalAxis, roomFor, verticalAxis } from '../axis.ts';
import { chart, type Drawing, dotSize, dots, drawingOf, lines, nearest, ring, type Spot } from '../chart.ts';
import { h, svg } from '../dom.ts';
import { shorten } from '../format.ts';
import { legend, panel } from '../panel.ts';
import { numberScale } from '../scale.ts';
import type { Sweep, Trial } from '../sweep.ts';
import { domainOf, type Objective } from '../variables.ts';
import type { View } from '../view.ts';

const HEIGHT = 280;

type Other = NonNullable<Sweep['data']['spec']['objective']['others']>[number];

/** The first objective against each of the others: where the limits are, and the front of the best compromises. */
export function front(view: View, objective: Objective): HTMLElement | null {
  const { sweep } = view;
  const others = sweep.data.spec.objective.others ?? [];
  if (others.length === 0 || sweep.ranked.length === 0) return null;
  const traded = others.filter(({ limit }) => limit === undefined);
  const hasLimits = traded.length < others.length;
  const lead = [
    `${shorten(sweep.metric, 60)} against each other objective.`,
    ...(traded.length > 0
      ? ['On the front are the trials that no other one beats by one objective without losing by another.']
      : []),
    ...(hasLimits ? ['Trials beyond a limit, the dashed line, cannot win.'] : []),
  ];
  return panel(
    'front',
    'Objectives',
    lead.join(' '),
    h(
      'div',
      { class: 'multiples' },
      ...others.map((other) =>
        h(
          'figure',
          {},
          h('figcaption', {}, h('bdi', {}, shorten(other.metric, 60))),
          chart(view, {
            label: `${shorten(other.metric, 60)} against ${sweep.metric}`,
            height: () => HEIGHT,
            draw: (width) => draw(view, objective, other, traded, width),
          }),
        ),
      ),
    ),
    legend([
      ['tier2', hasLimits ? 'within the limits' : 'other trials'],
      ...(traded.length > 0 ? [['tier0', 'on the front'] as const] : []),
      ['winner', 'the best trial'],
      ...(hasLimits ? [['failed', 'beyond a limit'] as const] : []),
    ]),
  );
}

function draw(view: View, objective: Objective, other: Other, traded: readonly Other[], width: number): Drawing {
  const { sweep } = view;
  const values = sweep.data.trials.others?.[other.metric] ?? [];
  const { limit } = other;
  const all = sweep.ranked.flatMap(({ index }) => values[index] ?? []);
  const domain = domainOf(limit === undefined ? all : [...all, limit], other.goal === 'maximize');
  const root = drawingOf(width, HEIGHT);
  const [top, bottom] = [10, HEIGHT - 26];
  const y = numberScale(objective.extent, [bottom, top], { ...objective, nice: true });
  const left = roomFor(y, bottom - top);
  const range: [number, number] = [left + 6, width - 10];
  const x = numberScale(domain.extent, range, { ...domain, nice: true });
  root.append(
    verticalAxis({ scale: y, at: left, range: [top, bottom], grid: width - 10 - left }),
    horizontalAxis({ scale: x, at: bottom, range, grid: bottom - top, choices: false }),
    ...(limit === undefined ? [] : [limitLine(x(limit), top, bottom)]),
  );
  const spots = sweep.ranked.flatMap((trial): Spot[] => {
    const value = values[trial.index];
    return value == null || !view.isShown(trial) ? [] : [{ x: x(value), y: y(trial.value!), trial }];
  });
  const size = dotSize(sweep.trials.length);
  const drawn = (isIn: (trial: Trial) => boolean, className: string, big?: number) =>
    dots(
      spots.filter(({ trial }) => isIn(trial)).map((spot) => [spot.x, spot.y] as const),
      className,
      big,
    );
  root.append(
    drawn(({ beyond }) => beyond.length > 0, 'failed', size),
    drawn(({ beyond, onFront }) => beyond.length === 0 && !onFront, 'tier2', size),
    // Of more than two objectives a plane shows no line.
    ...(traded.length === 1 && limit === undefined ? [frontLine(spots)] : []),
    drawn(({ onFront }) => onFront, 'tier0', size + 1),
    drawn((trial) => trial === sweep.winner, 'winner big'),
  );
  return { root, find: (px, py) => nearest(spots, px, py), light: ring(root, spots) };
}

const limitLine = (at: number, top: number, bottom: number): SVGLineElement =>
  svg('line', { class: 'limit', x1: at, x2: at, y1: top, y2: bottom });

function frontLine(spots: readonly Spot[]): SVGPathElement {
  const along = spots.filter(({ trial }) => trial.onFront).sort((a, b) => a.x - b.x);
  return lines([along.map((spot) => [spot.x, spot.y] as const)], 'tier0');
}
