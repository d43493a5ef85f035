import { horizontalAxis, roomBelow, roomFor, verticalAxis } from '../axis.ts';
import { budgetChoice } from '../budget-choice.ts';
import { chart, type Drawing, dotSize, dots, drawingOf, nearest, ring, type Spot, TIERS, tierOf } from '../chart.ts';
import { h, svg } from '../dom.ts';
import { plural, shorten } from '../format.ts';
import { legend, panel } from '../panel.ts';
import { numberScale, type Scale, scaleOf } from '../scale.ts';
import type { Trial } from '../sweep.ts';
import type { Variable } from '../variables.ts';
import type { View } from '../view.ts';

const HEIGHT = 240;
/** Below the plot, where failed trials stand. */
const STRIP = 22;

/** Each parameter against the objective. */
export function scatter(view: View, parameters: readonly Variable[]): HTMLElement | null {
  const { sweep, budgets } = view;
  const drawn = parameters.filter(({ distinct }) => distinct > 1);
  if (drawn.length === 0 || budgets.all.every(({ ranked, distinct }) => ranked.length < 2 || distinct < 2)) return null;
  const failed = sweep.trials.filter(({ failure }) => failure !== null);
  const lead = h('span', {}, leadOf(view));
  view.listen((change) => {
    if (change === 'budget') lead.textContent = leadOf(view);
  });
  return panel(
    'parameters',
    'Each parameter',
    lead,
    budgetChoice(view, 'parameters-budget'),
    h(
      'div',
      { class: 'multiples' },
      ...drawn.map((variable) =>
        h(
          'figure',
          {},
          h('figcaption', {}, h('bdi', {}, shorten(variable.name, 60))),
          chart(view, {
            label: `${shorten(variable.name, 60)} against ${sweep.metric}`,
            height: () => HEIGHT,
            axes: true,
            draw: (width) => draw(view, variable, failed, width),
          }),
        ),
      ),
    ),
    legend([
      ...TIERS.map((text, tier) => [`tier${tier}`, text] as const),
      ['winner', 'the best trial'],
      ...(failed.length > 0 ? [['failed', 'failed'] as const] : []),
    ]),
  );
}

function leadOf({ sweep, budget: { domain, beyond } }: View): string {
  const edge =
    beyond === 0
      ? ''
      : ` ${plural(beyond, 'trial')} far from the others ${beyond === 1 ? 'is' : 'are'} drawn at the edge.`;
  const log = domain.log ? ' The objective is on a log scale.' : '';
  return `Its value against ${shorten(sweep.metric, 60)}. Each dot is a trial; for a list, the line is the median.${log}${edge}`;
}

function draw(view: View, variable: Variable, failed: readonly Trial[], width: number): Drawing {
  const { sweep, budget } = view;
  const { ranked } = budget;
  const judged = (trial: Trial) => budget.judgedBy(trial)!;
  const strip = failed.length > 0 ? STRIP : 0;
  const [top, bottom] = [10, HEIGHT - 26 - strip];
  const y = numberScale(budget.domain.extent, [bottom, top], { ...budget.domain, nice: true });
  const left = roomFor(y, bottom - top);
  const range: [number, number] = [left + 6, width - 10];
  const x = scaleOf(view.scaled(variable), range);
  const root = drawingOf(width, HEIGHT + (variable.kind === 'choice' ? roomBelow(x, range) : 0));
  root.append(
    verticalAxis({ scale: y, at: left, range: [top, bottom], grid: width - 10 - left }),
    horizontalAxis({
      scale: x,
      at: bottom + strip,
      range,
      grid: bottom + strip - top,
      choices: variable.kind === 'choice',
    }),
  );
  const place = placer(variable, x);
  const shown = ranked.filter((trial) => view.isShown(trial) && variable.valueOf(trial) !== null);
  const out = view.isFiltered ? ranked.filter((trial) => !view.isShown(trial) && variable.valueOf(trial) !== null) : [];
  const spots = shown.map((trial): Spot => ({ x: place(trial), y: y(judged(trial)), trial }));
  const crosses = failed
    .filter((trial) => view.isShown(trial) && variable.valueOf(trial) !== null)
    .map((trial): Spot => ({ x: place(trial), y: bottom + strip - 6, trial }));
  const tiers = new Map(ranked.map((trial, index) => [trial, tierOf(index + 1, ranked.length)]));
  const size = dotSize(sweep.trials.length);
  const xy = ({ x: px, y: py }: Spot) => [px, py] as const;
  root.append(
    dots(
      out.map((trial) => [place(trial), y(judged(trial))] as const),
      'out',
      size,
    ),
    ...TIERS.map((_, tier) =>
      dots(spots.filter(({ trial }) => tiers.get(trial) === tier).map(xy), `tier${tier}`, size),
    ).reverse(),
    ...medians(variable, shown, judged, x, y),
    dots(spots.filter(({ trial }) => trial === sweep.winner).map(xy), 'winner big'),
    dots(crosses.map(xy), 'failed', size),
  );
  const all = [...spots, ...crosses];
  return { root, find: (px, py) => nearest(all, px, py), light: ring(root, all) };
}

/** Trials of one choice are spread out over its share, each always at the same place. */
function placer(variable: Variable, x: Scale): (trial: Trial) => number {
  if (variable.kind === 'range') return (trial) => x(variable.valueOf(trial)!);
  const share = Math.min(60, Math.abs(x(1) - x(0)) * 0.6);
  return (trial) => x(variable.valueOf(trial)!) + share * (((trial.number * 0.618034) % 1) - 0.5);
}

function medians(
  variable: Variable,
  shown: readonly Trial[],
  judged: (trial: Trial) => number,
  x: Scale,
  y: Scale,
): SVGLineElement[] {
  if (variable.kind === 'range') return [];
  const half = Math.min(34, Math.abs(x(1) - x(0)) * 0.36);
  return variable.choices.flatMap((_, index) => {
    const values = shown
      .flatMap((trial) => (variable.valueOf(trial) === index ? [judged(trial)] : []))
      .sort((a, b) => a - b);
    if (values.length < 3) return [];
    const median = y((values[(values.length - 1) >> 1]! + values[values.length >> 1]!) / 2);
    return [svg('line', { class: 'median', x1: x(index) - half, x2: x(index) + half, y1: median, y2: median })];
  });
}
