import { fitted, namesIn, widthOf } from './axis.ts';
import { svg } from './dom.ts';
import { shorten } from './format.ts';
import { type Scale, scaleOf } from './scale.ts';
import type { Trial } from './sweep.ts';
import type { Variable } from './variables.ts';

/** An axis where it stands. */
export interface Placed {
  readonly variable: Variable;
  readonly scale: Scale;
  /** Along the chart: x of a standing axis, y of a lying one. */
  readonly at: number;
  /** Pixels that its values span. */
  readonly range: readonly [number, number];
  readonly element: SVGGElement;
}

export interface ParallelLayout {
  /** Axes lie one below the other: on a phone, or where there are many. */
  readonly rows: boolean;
  readonly height: number;
  readonly axes: readonly Placed[];
  readonly lineOf: (trial: Trial) => [number, number][];
  readonly nearest: (trials: readonly Trial[], x: number, y: number) => Trial | null;
}

/** Least pixels between standing axes whose labels can be read. */
const COLUMN = 110;
const ROW = 62;
const HEIGHT = 340;
/** Where trials pass that have no value: below a standing axis, left of a lying one. */
const NONE = 34;
const REACH = 8;

/** `scaled`: the variable on the scale to draw it on. */
export function parallelLayout(
  variables: readonly Variable[],
  width: number,
  scaled: (variable: Variable) => Variable,
): ParallelLayout {
  const rows = width < COLUMN * variables.length;
  const height = rows ? ROW * variables.length : HEIGHT;
  const axes = variables.map((variable, index) => {
    const last = index === variables.length - 1;
    if (rows) return { ...horizontalAxis(scaled(variable), 30 + index * ROW, width), variable };
    const room = (width - 24) / (variables.length - 1);
    const beside = variables[last ? index - 1 : 1]!;
    // The names at both ends begin at the edge, and have what their neighbour's leaves.
    const nameRoom = index > 0 && !last ? room - 12 : room + 4 - Math.min(nameWidth(beside), room - 12) / 2;
    const axis = verticalAxis(scaled(variable), {
      at: 12 + index * room,
      room,
      nameRoom,
      side: last ? 'left' : 'right',
      first: index === 0,
    });
    // Filters know it by itself.
    return { ...axis, variable };
  });
  const across = ({ variable, scale, range }: Placed, trial: Trial): number => {
    const value = variable.valueOf(trial);
    if (value === null) return range[0] + (rows ? -NONE / 2 : NONE * 0.7) + 8 * aside(trial);
    return variable.kind === 'choice' ? scale(value) + spreadOf(scale) * aside(trial) : scale(value);
  };
  const lineOf = (trial: Trial) =>
    axes.map((axis): [number, number] => (rows ? [across(axis, trial), axis.at] : [axis.at, across(axis, trial)]));
  const nearest = (trials: readonly Trial[], x: number, y: number): Trial | null => {
    const [along, beside] = rows ? [y, x] : [x, y];
    const next = axes.findIndex(({ at }) => at >= along);
    const [from, to] = [axes[next - 1], axes[next]];
    if (from === undefined || to === undefined) return null;
    const share = (along - from.at) / (to.at - from.at);
    let best: Trial | null = null;
    let least = REACH;
    for (const trial of trials) {
      const distance = Math.abs((1 - share) * across(from, trial) + share * across(to, trial) - beside);
      if (distance < least) {
        least = distance;
        best = trial;
      }
    }
    return best;
  };
  return { rows, height, axes, lineOf, nearest };
}

/** Trials of one choice pass it side by side, so that one sees how many they are; each always at the same place. */
const aside = ({ number }: Trial): number => ((number * 0.618034) % 1) - 0.5;
const spreadOf = (scale: Scale): number => Math.min(36, 0.4 * Math.abs(scale(1) - scale(0)));

/** Names are bold, which is a little wider. */
const nameWidth = ({ name }: Variable): number => 1.12 * widthOf(shorten(name, 200));

interface AxisPlacement {
  readonly at: number;
  /** Pixels to the next axis. */
  readonly room: number;
  readonly nameRoom: number;
  readonly side: 'left' | 'right';
  readonly first: boolean;
}

function verticalAxis(variable: Variable, { at, room, nameRoom, side, first }: AxisPlacement): Placed {
  const [top, bottom] = [36, HEIGHT - 12 - (variable.partial ? NONE : 0)];
  const scale = scaleOf(variable, [bottom, top]);
  const element = svg('g', { class: 'axis standing' });
  element.append(svg('line', { class: 'rule', x1: at, x2: at, y1: top, y2: bottom }));
  const anchor = side === 'left' ? 'end' : first ? 'start' : 'middle';
  element.append(
    nameOf(variable, { x: side === 'left' ? at + 12 : first ? at - 12 : at, y: 16, 'text-anchor': anchor }, nameRoom),
  );
  let free: number | null = null;
  const label = (text: string, y: number, whole = text) => {
    const shown = fitted(text, side === 'left' ? room / 2 - 16 : room - 24);
    const element = svg(
      'text',
      {
        class: 'tick halo',
        x: side === 'left' ? at - 8 : at + 8,
        y,
        dy: '0.32em',
        'text-anchor': side === 'left' ? 'end' : 'start',
      },
      shown,
    );
    if (shown !== whole) element.append(svg('title', {}, shorten(whole, 500)));
    return element;
  };
  for (const tick of [...scale.ticks(Math.floor((bottom - top) / 44))].sort((a, b) => b.at - a.at)) {
    if (free !== null && free - tick.at < 16) continue;
    free = tick.at;
    element.append(label(tick.text, tick.at, tick.whole));
  }
  if (variable.partial) element.append(label('not set', bottom + NONE * 0.7));
  return { variable, scale, at, range: [bottom, top], element };
}

function horizontalAxis(variable: Variable, at: number, width: number): Placed {
  const range: [number, number] = [12 + (variable.partial ? 2 * NONE : 0), width - 12];
  const scale = scaleOf(variable, range);
  const element = svg('g', { class: 'axis lying' });
  element.append(svg('line', { class: 'rule', x1: range[0], x2: range[1], y1: at, y2: at }));
  element.append(nameOf(variable, { x: range[1], y: at - 8, 'text-anchor': 'end' }, width - 24));
  const ticks = scale.ticks(Math.max(2, Math.floor(width / 80)));
  const share = (range[1] - range[0]) / Math.max(1, ticks.length) - 8;
  let free = Number.NEGATIVE_INFINITY;
  const sorted = [...ticks].sort((a, b) => a.at - b.at);
  const names = variable.kind === 'choice' ? namesIn(sorted, Math.max(share, 40)) : sorted.map(({ text }) => text);
  for (const [index, tick] of sorted.entries()) {
    const text = names[index]!;
    const half = widthOf(text) / 2;
    const x = Math.min(Math.max(tick.at, range[0] + half - 8), range[1] + 8 - half);
    if (text === '' || x - half < free + 8) continue;
    free = x + half;
    const label = svg('text', { class: 'tick halo', x, y: at + 18, 'text-anchor': 'middle' }, text);
    if (text !== tick.whole) label.append(svg('title', {}, shorten(tick.whole, 500)));
    element.append(label);
  }
  if (variable.partial) element.append(svg('text', { class: 'tick halo', x: 4, y: at + 18 }, 'not set'));
  return { variable, scale, at, range, element };
}

function nameOf({ name }: Variable, attributes: Record<string, string | number>, room: number): SVGTextElement {
  const text = svg('text', { class: 'name halo', ...attributes }, fitted(name, room / 1.12));
  text.append(svg('title', {}, shorten(name, 500)));
  return text;
}
