import { svg } from './dom.ts';
import { shorten } from './format.ts';
import type { Scale, Tick } from './scale.ts';

const FONT_PIXELS = 12;
const GAP = 8;
const LINE = 16;

let context: CanvasRenderingContext2D | null = null;

/** Width of a label as the page sets it, in pixels. */
export function widthOf(text: string): number {
  context ??= document.createElement('canvas').getContext('2d');
  if (context === null) return text.length * 7;
  context.font = `${FONT_PIXELS}px ${getComputedStyle(document.body).fontFamily}`;
  return context.measureText(text).width;
}

/** The text, cut so that it is no wider than `width`; empty where not even three characters fit. */
export function fitted(text: string, width: number): string {
  const all = shorten(text, 200);
  if (widthOf(all) <= width) return all;
  let [fits, not] = [0, all.length];
  while (not - fits > 1) {
    const middle = (fits + not) >> 1;
    if (widthOf(shorten(all, middle)) <= width) fits = middle;
    else not = middle;
  }
  return fits < 3 ? '' : shorten(all, fits);
}

export interface AxisOptions {
  readonly scale: Scale;
  /** Where the axis lies: y of a horizontal one, x of a vertical one. */
  readonly at: number;
  /** Pixels that the axis spans. */
  readonly range: readonly [number, number];
  /** Length of grid lines, from the axis into the chart; 0: none. */
  readonly grid?: number;
  readonly choices?: boolean;
  /** Most pixels of a label: of a horizontal axis of choices its share. */
  readonly room?: number;
}

/** Labels below; those that would touch their neighbour are left out, names too long for their share are cut. */
export function horizontalAxis(options: AxisOptions): SVGGElement {
  const { scale, at, range, grid = 0, choices = false } = options;
  const length = Math.abs(range[1] - range[0]);
  const ticks = scale.ticks(Math.max(2, Math.floor(length / 70)));
  const group = svg('g', { class: 'axis', transform: `translate(0,${at})` });
  let free = Number.NEGATIVE_INFINITY;
  const share = length / Math.max(1, ticks.length) - GAP;
  const stride = choices ? strideOf(ticks, share) : 1;
  ticks.forEach((tick, index) => {
    if (grid > 0 && !choices) group.append(svg('line', { class: 'grid', x1: tick.at, x2: tick.at, y1: 0, y2: -grid }));
    if (index % stride !== 0) return;
    const text = choices ? fitted(tick.text, share * stride + GAP * (stride - 1)) : tick.text;
    const half = widthOf(text) / 2;
    // At the ends a label leans inwards rather than leave the chart.
    const x = Math.min(Math.max(tick.at, range[0] - 8 + half), range[1] + 8 - half);
    if (text === '' || x - half < free + GAP) return;
    free = x + half;
    group.append(labelOf(tick, text, { x, y: 16, 'text-anchor': 'middle' }));
  });
  return group;
}

/** A cut name of fewer pixels is not told from the next one. */
const LEGIBLE = 40;
const WIDE = 88;

/** Every how many of the names is shown, where not all of them fit. */
function strideOf(ticks: readonly Tick[], share: number): number {
  if (share >= LEGIBLE) return 1;
  const widest = ticks.reduce((most, { text }) => Math.max(most, widthOf(shorten(text, 200))), 0);
  return widest <= share ? 1 : Math.ceil((Math.min(widest, WIDE) + GAP) / (share + GAP));
}

/** Labels to the left. */
export function verticalAxis(options: AxisOptions): SVGGElement {
  const { scale, at, range, grid = 0, choices = false, room = 60 } = options;
  const length = Math.abs(range[1] - range[0]);
  const ticks = scale.ticks(Math.max(2, Math.floor(length / 40)));
  const group = svg('g', { class: 'axis', transform: `translate(${at},0)` });
  let free: number | null = null;
  for (const tick of [...ticks].sort((a, b) => b.at - a.at)) {
    if (grid > 0 && !choices) group.append(svg('line', { class: 'grid', x1: 0, x2: grid, y1: tick.at, y2: tick.at }));
    if (free !== null && free - tick.at < LINE) continue;
    free = tick.at;
    group.append(labelOf(tick, fitted(tick.text, room), { x: -8, y: tick.at, dy: '0.32em', 'text-anchor': 'end' }));
  }
  return group;
}

function labelOf(tick: Tick, text: string, attributes: Record<string, string | number>): SVGTextElement {
  const label = svg('text', { class: 'tick', ...attributes }, text);
  if (text !== tick.whole) label.append(svg('title', {}, shorten(tick.whole, 500)));
  return label;
}

/** Pixels that the widest label of a vertical axis takes, its gap included. */
export function roomFor(scale: Scale, length: number, most = 120): number {
  const ticks = scale.ticks(Math.max(2, Math.floor(length / 40)));
  return 12 + Math.min(most, Math.max(8, ...ticks.slice(0, 200).map(({ text }) => widthOf(shorten(text, 200)))));
}
