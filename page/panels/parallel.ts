import { brushX, brushY, type D3BrushEvent } from 'd3-brush';
import { select } from 'd3-selection';
import { chart, drawingOf, lines, sheaf, TIERS, tierOf } from '../chart.ts';
import { h, svg } from '../dom.ts';
import { legend, panel } from '../panel.ts';
import { type Placed, parallelLayout } from '../parallel-layout.ts';
import type { Trial } from '../sweep.ts';
import type { Variable } from '../variables.ts';
import type { Limit, View } from '../view.ts';
import { axesChoice } from './axes-choice.ts';

/** More lines than this are one grey field. */
const MAX_LINES = 600;

/** Every trial as a line through its values; a brush along an axis filters. */
export function parallel(view: View, variables: readonly Variable[]): HTMLElement | null {
  const all = variables.filter(({ distinct }) => distinct > 1);
  const axes = () => all.filter((variable) => !view.hidden.has(variable));
  const { ranked, winner } = view.sweep;
  if (all.length < 3 || ranked.length < 2) return null;
  const drawn = bestAndSample(ranked, MAX_LINES);
  let update: ((fromBrush: boolean) => void) | null = null;
  let brushing = false;
  view.listen((change) => {
    if (change === 'filter') update?.(brushing);
  });
  const content = chart(view, {
    label: `Parallel coordinates of ${all.length - 1} values and the objective`,
    filtered: false,
    axes: true,
    height: (width) => parallelLayout(axes(), width, (variable) => view.scaled(variable)).height,
    draw: (width) => {
      const layout = parallelLayout(axes(), width, (variable) => view.scaled(variable));
      const root = drawingOf(width, layout.height);
      const [fields, light] = [svg('g'), svg('g', { class: 'rings' })];
      root.append(fields, light, ...layout.axes.map(({ element }) => element));
      const lineOf = layout.lineOf;
      const draw = () => {
        const shown = view.isFiltered
          ? bestAndSample(
              ranked.filter((trial) => view.isShown(trial)),
              MAX_LINES,
            )
          : drawn;
        const tiers = TIERS.map((_, tier) =>
          shown.filter((trial) => tierOf(trial.rank ?? ranked.length, ranked.length) === tier).map(lineOf),
        );
        fields.replaceChildren(
          ...(view.isFiltered ? [lines(drawn.map(lineOf), 'out')] : []),
          ...tiers
            .map((all, tier) => sheaf(all, `tier${tier}`))
            .reverse()
            .flat(),
          ...(shown[0] !== undefined && shown[0] === winner ? [lines([lineOf(shown[0])], 'winner')] : []),
        );
        return shown;
      };
      let shown = draw();
      const brushes = layout.axes.map((axis) =>
        brushOf(view, axis, layout.rows, (limit) => {
          brushing = true;
          view.limit(axis.variable, limit);
          brushing = false;
        }),
      );
      for (const show of brushes) show();
      update = (fromBrush) => {
        shown = draw();
        if (!fromBrush) for (const show of brushes) show();
      };
      return {
        root,
        find: (x, y) => layout.nearest(shown, x, y),
        light: (trial: Trial | null) =>
          light.replaceChildren(
            ...(trial?.rank == null ? [] : [lines([lineOf(trial)], 'lit-halo'), lines([lineOf(trial)], 'lit')]),
          ),
      };
    },
  });
  const thinned =
    ranked.length > MAX_LINES
      ? ` Of ${ranked.length} trials ${MAX_LINES} are drawn: the best, and an even sample of the others.`
      : '';
  return panel(
    'parallel',
    'All parameters at once',
    [
      'Each line is a trial.',
      h(
        'span',
        { class: 'screen' },
        ' Drag along an axis to show only the trials that pass there, in all charts and in the table. With the keyboard, use "Filter by value".',
      ),
      thinned,
    ],
    axesChoice(view, all),
    h('div', { class: 'parallel' }, content),
    legend([...TIERS.map((text, tier) => [`tier${tier}`, text] as const), ['winner', 'the best trial']]),
  );
}

/** The first fifth as they are, of the rest an even share. */
function bestAndSample(trials: readonly Trial[], most: number): readonly Trial[] {
  if (trials.length <= most) return trials;
  const best = trials.slice(0, most / 5);
  const share = most - best.length;
  const rest = trials.length - best.length;
  return [...best, ...Array.from({ length: share }, (_, k) => trials[best.length + Math.floor((k * rest) / share)]!)];
}

/** Makes the axis's brush; what it returns shows the limit that stands now. */
function brushOf(
  view: View,
  { variable, element, scale, range, at }: Placed,
  rows: boolean,
  notify: (limit: Limit | null) => void,
): () => void {
  const [first, last] = [Math.min(...range), Math.max(...range)];
  const half = rows ? 16 : 12;
  const group = select(svg('g', { class: 'brush', transform: rows ? `translate(0,${at})` : `translate(${at},0)` }));
  element.append(group.node()!);
  const brush = (rows ? brushX<unknown>() : brushY<unknown>()).extent(
    rows
      ? [
          [first, -half],
          [last, half],
        ]
      : [
          [-half, first],
          [half, last],
        ],
  );
  brush.on('brush end', (event: D3BrushEvent<unknown>) => {
    if (event.sourceEvent == null) return; // moved by `show` below
    const chosen = event.selection as [number, number] | null;
    if (chosen === null) return notify(null);
    const values = chosen.map((pixel) => scale.invert(pixel)).sort((a, b) => a - b) as [number, number];
    if (variable.kind === 'range') return notify(openEnded(values, variable.extent));
    notify(new Set(variable.choices.flatMap((_, index) => (index >= values[0] && index <= values[1] ? [index] : []))));
  });
  group.call(brush);
  return () => {
    const limit = view.limitOf(variable);
    group.call(brush.move, limit === null ? null : pixelsOf(variable, limit, scale, [first, last]));
  };
}

/** A brush that reaches the end of its axis takes in what is drawn there because it lies beyond. */
function openEnded([low, high]: [number, number], [least, most]: readonly [number, number]): [number, number] {
  const near = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
  return [
    near(low, least) || low < least ? Number.NEGATIVE_INFINITY : low,
    near(high, most) || high > most ? Number.POSITIVE_INFINITY : high,
  ];
}

/** Null where it is no one stretch of the axis. */
function pixelsOf(
  variable: Variable,
  limit: Limit,
  scale: Placed['scale'],
  [first, last]: [number, number],
): [number, number] | null {
  const clamp = (pixel: number) => Math.min(Math.max(pixel, first), last);
  if (limit instanceof Set) {
    const indexes = [...limit].sort((a, b) => a - b);
    if (indexes.length === 0 || indexes.at(-1)! - indexes[0]! !== indexes.length - 1) return null;
    const half = Math.abs(scale(1) - scale(0)) / 2 - 1;
    const ends = [scale(indexes[0]!), scale(indexes.at(-1)!)].sort((a, b) => a - b) as [number, number];
    return [clamp(ends[0] - half), clamp(ends[1] + half)];
  }
  const [low, high] = limit as readonly [number, number];
  const [least, most] = variable.extent;
  const ends = [scale(Math.max(low, least)), scale(Math.min(high, most))].sort((a, b) => a - b) as [number, number];
  return low > most || high < least ? null : ends;
}
