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

/** The names of ticks in so many pixels each: whole, or all without what they begin with; what is longer still is cut. */
export function namesIn(ticks: readonly Tick[], width: number): string[] {
  const isTight = ticks.some(({ text }) => widthOf(shorten(text, 200)) > width);
  return ticks.map(({ text, short }) => fitted(isTight ? (short ?? text) : text, width));
}

/** Labels below, names upright where they do not fit side by side; those that would touch their neighbour are left out. */
export function horizontalAxis(options: AxisOptions): SVGGElement {
  const { scale, at, range, grid = 0, choices = false } = options;
  const length = Math.abs(range[1] - range[0]);
  const ticks = scale.ticks(Math.max(2, Math.floor(length / 70)));
  const group = svg('g', { class: 'axis', transform: `translate(0,${at})` });
  const share = length / Math.max(1, ticks.length) - GAP;
  if (choices && isUpright(ticks, share)) {
    group.append(...uprightLabels(ticks, share));
    return group;
  }
  const names = choices ? namesIn(ticks, share) : ticks.map(({ text }) => text);
  let free = Number.NEGATIVE_INFINITY;
  for (const [index, tick] of ticks.entries()) {
    if (grid > 0 && !choices) group.append(svg('line', { class: 'grid', x1: tick.at, x2: tick.at, y1: 0, y2: -grid }));
    const text = names[index]!;
    const half = widthOf(text) / 2;
    // At the ends a label leans inwards rather than leave the chart.
    const x = Math.min(Math.max(tick.at, range[0] - 8 + half), range[1] + 8 - half);
    if (text === '' || x - half < free + GAP) continue;
    free = x + half;
    group.append(labelOf(tick, text, { x, y: 16, 'text-anchor': 'middle' }));
  }
  return group;
}

/** In fewer pixels a name is cut to what is not told from the next one. */
const LEGIBLE = 64;
/** Most pixels of an upright name. */
const UPRIGHT = 110;

const isUpright = (ticks: readonly Tick[], share: number): boolean =>
  share < LEGIBLE && ticks.some(({ text }) => widthOf(shorten(text, 200)) > share);

function uprightLabels(ticks: readonly Tick[], share: number): SVGTextElement[] {
  const stride = Math.ceil(LINE / (share + GAP));
  const shown = ticks.filter((_, index) => index % stride === 0);
  const names = namesIn(ticks, UPRIGHT);
  return shown.map((tick, index) =>
    labelOf(tick, names[index * stride]!, {
      ...{ x: -8, y: tick.at, dy: '0.32em' },
      ...{ transform: 'rotate(-90)', 'text-anchor': 'end' },
    }),
  );
}

/** Pixels that names below an axis take beyond a line of labels, where they stand upright. */
export function roomBelow(scale: Scale, [from, to]: readonly [number, number]): number {
  const ticks = scale.ticks(2);
  const share = Math.abs(to - from) / Math.max(1, ticks.length) - GAP;
  if (!isUpright(ticks, share)) return 0;
  return Math.max(0, ...namesIn(ticks, UPRIGHT).map((name) => Math.ceil(widthOf(name)) - LINE));
}

/** Labels to the left. */
export function verticalAxis(options: AxisOptions): SVGGElement {
  const { scale, at, range, grid = 0, choices = false, room = 60 } = options;
  const length = Math.abs(range[1] - range[0]);
  const ticks = scale.ticks(Math.max(2, Math.floor(length / 40)));
  const group = svg('g', { class: 'axis', transform: `translate(${at},0)` });
  let free: number | null = null;
  const sorted = [...ticks].sort((a, b) => b.at - a.at);
  const names = namesIn(sorted, room);
  for (const [index, tick] of sorted.entries()) {
    if (grid > 0 && !choices) group.append(svg('line', { class: 'grid', x1: 0, x2: grid, y1: tick.at, y2: tick.at }));
    if (free !== null && free - tick.at < LINE) continue;
    free = tick.at;
    group.append(labelOf(tick, names[index]!, { x: -8, y: tick.at, dy: '0.32em', 'text-anchor': 'end' }));
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
