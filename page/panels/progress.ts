import { horizontalAxis, roomFor, verticalAxis } from '../axis.ts';
import { budgetChoice } from '../budget-choice.ts';
import { chart, dotSize, dots, drawingOf, lines, nearest, ring, type Spot } from '../chart.ts';
import { h, svg } from '../dom.ts';
import { panel } from '../panel.ts';
import { dollarScale, numberScale, type Scale } from '../scale.ts';
import type { Sweep, Trial } from '../sweep.ts';
import { stretchesOf, timeScale } from '../time.ts';
import type { View } from '../view.ts';

const HEIGHT = 260;

/** A trial when it was found. */
export interface Found {
  /** Trials spent, seconds since the start, or dollars. */
  readonly at: number;
  readonly value: number;
  readonly trial: Trial;
}

export type Over = 'trials' | 'time' | 'dollars';
export const UNITS = { trials: 'trials spent', time: 'time since the first start', dollars: 'dollars spent' } as const;

/** The best value so far, over trials, time and dollars spent, at one budget. */
export function progress(view: View): HTMLElement | null {
  const { sweep, budgets } = view;
  if (budgets.all.every(({ ranked, distinct }) => ranked.length < 2 || distinct < 2)) return null;
  let over: Over = 'trials';
  const content = chart(view, {
    label: `Best ${sweep.metric} so far, by what was spent`,
    height: () => HEIGHT,
    filtered: true,
    draw: (width) => draw(view, foundOver(view, over), over, width),
  });
  const choose = (wanted: Over) => () => {
    over = wanted;
    view.redraw(content);
  };
  const option = (text: string, wanted: Over) =>
    h('label', {}, h('input', { type: 'radio', name: 'over', checked: wanted === over, change: choose(wanted) }), text);
  const options =
    foundOver(view, 'time').length < 2
      ? null
      : h(
          'fieldset',
          { class: 'choice' },
          h('legend', { class: 'unseen' }, 'Best so far by'),
          option('Trials', 'trials'),
          option('Time', 'time'),
          isPaid(view) ? option('Cost', 'dollars') : null,
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

/** A sweep at one of its budgets. */
type Judged = Pick<View, 'sweep' | 'budget'>;

/** What cost nothing has no axis of dollars. */
export const isPaid = ({ sweep }: Pick<View, 'sweep'>): boolean =>
  (sweep.data.runs.spent ?? []).some((dollars) => dollars > 0);

/** In the order in which the search proposed them. */
const overTrials = ({ budget: { ranked, ownOf } }: Judged): Found[] =>
  ranked
    .filter(({ beyond }) => beyond.length === 0)
    .map((trial) => ({ at: trial.number + 1, value: ownOf(trial)!, trial }))
    .sort((a, b) => a.at - b.at);

export const foundOver = (view: Judged, over: Over): Found[] =>
  over === 'trials' ? overTrials(view) : inOrderOfEnds(view, over);

function inOrderOfEnds({ sweep, budget }: Judged, over: 'time' | 'dollars'): Found[] {
  const { runs } = sweep.data;
  return runs.trial
    .flatMap((number, index): Found[] => {
      const value = runs.value[index];
      const epochs = runs.epochs[index]!;
      const trial = sweep.byNumber.get(number);
      if (value == null || trial === undefined || trial.beyond.length > 0 || epochs === 0) return [];
      if (budget.epochs !== null && epochs !== budget.epochs) return [];
      const at = over === 'time' ? runs.start[index]! + runs.seconds[index]! : runs.spent![index]!;
      return [{ at, value, trial }];
    })
    .sort((a, b) => a.at - b.at);
}

function draw({ sweep, budget }: View, found: readonly Found[], over: Over, width: number) {
  const root = drawingOf(width, HEIGHT);
  const [top, bottom] = [16, HEIGHT - 40];
  const y = numberScale(budget.domain.extent, [bottom, top], { ...budget.domain, nice: true });
  const left = roomFor(y, bottom - top);
  const right = width - 12;
  const last = found.at(-1)?.at ?? 1;
  const range: [number, number] = [left, right];
  const x =
    over === 'time'
      ? timeScale(stretchesOf(sweep.data.runs), range)
      : over === 'dollars'
        ? dollarScale([0, last], range)
        : numberScale([Math.min(1, found[0]?.at ?? 1), last], range, { integer: true });
  root.append(
    verticalAxis({ scale: y, at: left, range: [top, bottom], grid: right - left }),
    horizontalAxis({ scale: x, at: bottom, range }),
    svg('text', { class: 'name', x: (left + right) / 2, y: HEIGHT - 6, 'text-anchor': 'middle' }, UNITS[over]),
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

/** The best so far as a line that ends at `right`. */
export function steps(
  { maximize }: Sweep,
  found: readonly Found[],
  x: Scale,
  y: Scale,
  right: number,
): [number, number][] {
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
