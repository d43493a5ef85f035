import { horizontalAxis, roomFor, verticalAxis } from '../axis.ts';
import { budgetChoice } from '../budget-choice.ts';
import { chart, dotSize, dots, drawingOf, lines, nearest, ring, type Spot } from '../chart.ts';
import { h, svg } from '../dom.ts';
import { panel } from '../panel.ts';
import { numberScale, type Scale } from '../scale.ts';
import type { Sweep, Trial } from '../sweep.ts';
import { stretchesOf, timeScale } from '../time.ts';
import type { View } from '../view.ts';

const HEIGHT = 260;

interface Found {
  /** Trials spent, or seconds since the start. */
  readonly at: number;
  readonly value: number;
  readonly trial: Trial;
}

/** The best value so far, over trials spent and over time, at one budget. */
export function progress(view: View): HTMLElement | null {
  const { sweep, budgets } = view;
  if (budgets.all.every(({ ranked, distinct }) => ranked.length < 2 || distinct < 2)) return null;
  let time = false;
  const content = chart(view, {
    label: `Best ${sweep.metric} so far, by trial or by time`,
    height: () => HEIGHT,
    filtered: true,
    draw: (width) => draw(view, time ? overTime(view) : overTrials(view), time, width),
  });
  const choose = (wanted: boolean) => () => {
    time = wanted;
    view.redraw(content);
  };
  const option = (text: string, wanted: boolean) =>
    h('label', {}, h('input', { type: 'radio', name: 'over', checked: wanted === time, change: choose(wanted) }), text);
  const options =
    overTime(view).length < 2
      ? null
      : h(
          'fieldset',
          { class: 'choice' },
          h('legend', { class: 'unseen' }, 'Best so far by'),
          option('Trials', false),
          option('Time', true),
        );
  return panel(
    'progress',
    'Best so far',
    'Each dot is a trial; the line is the best so far.',
    budgetChoice(view, 'progress-budget'),
    options,
    content,
  );
}

/** In the order in which the search proposed them. */
const overTrials = ({ budget: { ranked, ownOf } }: View): Found[] =>
  ranked
    .filter(({ beyond }) => beyond.length === 0)
    .map((trial) => ({ at: trial.number + 1, value: ownOf(trial)!, trial }))
    .sort((a, b) => a.at - b.at);

/** In the order in which they ended. */
function overTime({ sweep, budget }: View): Found[] {
  const { runs } = sweep.data;
  return runs.trial
    .flatMap((number, index): Found[] => {
      const value = runs.value[index];
      const epochs = runs.epochs[index]!;
      const trial = sweep.byNumber.get(number);
      if (value == null || trial === undefined || trial.beyond.length > 0 || epochs === 0) return [];
      if (budget.epochs !== null && epochs !== budget.epochs) return [];
      return [{ at: runs.start[index]! + runs.seconds[index]!, value, trial }];
    })
    .sort((a, b) => a.at - b.at);
}

function draw({ sweep, budget }: View, found: readonly Found[], time: boolean, width: number) {
  const root = drawingOf(width, HEIGHT);
  const [top, bottom] = [16, HEIGHT - 40];
  const y = numberScale(budget.domain.extent, [bottom, top], { log: budget.domain.log, nice: true });
  const left = roomFor(y, bottom - top);
  const right = width - 12;
  const last = found.at(-1)?.at ?? 1;
  const x = time
    ? timeScale(stretchesOf(sweep.data.runs), [left, right])
    : numberScale([Math.min(1, found[0]?.at ?? 1), last], [left, right], { integer: true });
  root.append(
    verticalAxis({ scale: y, at: left, range: [top, bottom], grid: right - left }),
    horizontalAxis({ scale: x, at: bottom, range: [left, right] }),
    svg(
      'text',
      { class: 'name', x: (left + right) / 2, y: HEIGHT - 6, 'text-anchor': 'middle' },
      time ? 'time since the first start' : 'trials spent',
    ),
  );
  const spots = found.map(({ at, value, trial }): Spot => ({ x: x(at), y: y(value), trial }));
  root.append(
    dots(
      spots.map((spot) => [spot.x, spot.y] as const),
      'tier3',
      dotSize(spots.length),
    ),
    lines([steps(sweep, found, x, y, right)], 'own'),
  );
  const light = ring(root, spots);
  return { root, light, find: (px: number, py: number) => nearest(spots, px, py) };
}

function steps({ maximize }: Sweep, found: readonly Found[], x: Scale, y: Scale, right: number): [number, number][] {
  const points: [number, number][] = [];
  let best: number | null = null;
  for (const { at, value } of found) {
    if (best !== null && (maximize ? value <= best : value >= best)) continue;
    if (best !== null) points.push([x(at), y(best)]);
    best = value;
    points.push([x(at), y(value)]);
  }
  if (best !== null) points.push([right, y(best)]);
  return points;
}
