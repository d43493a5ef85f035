import { h, svg } from './dom.ts';
import type { Trial } from './sweep.ts';
import { hideTip, showTip } from './tip.ts';
import type { View } from './view.ts';

/** One state of a chart, drawn for one width. */
export interface Drawing {
  readonly root: SVGSVGElement;
  /** The trial at a place of the drawing; null where there is none near. */
  readonly find?: (x: number, y: number) => Trial | null;
  /** What the tooltip tells besides, of that place. */
  readonly note?: (x: number, y: number) => string | null;
  /** Lights the trial, or none. */
  readonly light?: (trial: Trial | null) => void;
}

export interface ChartOptions {
  /** What it shows, for who cannot see it. */
  readonly label: string;
  /** Pixels at a width. */
  readonly height: (width: number) => number;
  readonly draw: (width: number) => Drawing;
  /** Whether the reader's choice of axes changes it. Default: false. */
  readonly axes?: boolean;
  /** Whether filters change it. Default: true. */
  readonly filtered?: boolean;
}

/** Calls when the browser has nothing better to do; Safari cannot tell. */
const whenIdle = (call: () => void): void => {
  if ('requestIdleCallback' in window) requestIdleCallback(call, { timeout: 2000 });
  else setTimeout(call, 200);
};

/**
 * A chart that is drawn when it comes near the screen or the browser is idle, and again when its width or the filters
 * change: a page of 10,000 trials opens before all of it is drawn, and nothing is empty that one jumps to.
 */
export function chart(view: View, options: ChartOptions): HTMLElement {
  const element = h('div', { class: 'chart' });
  let width = 0;
  let drawing: Drawing | null = null;
  let near = false;
  let stale = true;
  let asked = false;
  const draw = () => {
    asked = false;
    // Before the width is taken: one that is not drawn at would hide from the observer that it has changed.
    if (!stale) return;
    width = Math.floor(element.clientWidth);
    if (width < 40) return;
    stale = false;
    drawing = options.draw(width);
    drawing.root.setAttribute('role', 'img');
    drawing.root.setAttribute('aria-label', options.label);
    drawing.light?.(view.hovered);
    element.replaceChildren(drawing.root);
  };
  const ask = () => {
    stale = true;
    if (asked) return;
    asked = true;
    if (near) requestAnimationFrame(draw);
    else whenIdle(draw);
  };
  new ResizeObserver(() => {
    if (Math.floor(element.clientWidth) === width) return;
    element.style.minHeight = `${options.height(element.clientWidth)}px`;
    ask();
  }).observe(element);
  new IntersectionObserver(
    (entries) => {
      near = entries.some(({ isIntersecting }) => isIntersecting);
      if (near && stale) requestAnimationFrame(draw);
    },
    { rootMargin: '600px' },
  ).observe(element);
  window.addEventListener('beforeprint', draw);
  view.listen((change) => {
    if (change === 'axes' && options.axes) {
      element.style.minHeight = `${options.height(element.clientWidth)}px`;
      ask();
    }
    if (((change === 'filter' || change === 'budget') && options.filtered !== false) || change === element) ask();
    if (change === 'hover') drawing?.light?.(view.hovered);
  });
  const placeOf = (event: PointerEvent | MouseEvent): [number, number] => {
    const box = drawing!.root.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const at = (event: PointerEvent | MouseEvent): Trial | null => drawing?.find?.(...placeOf(event)) ?? null;
  element.addEventListener('pointermove', (event) => {
    const trial = at(event);
    view.hover(trial);
    element.classList.toggle('pointing', trial !== null);
    if (trial === null) hideTip();
    else showTip(view.sweep, trial, event, drawing?.note?.(...placeOf(event)) ?? null);
  });
  element.addEventListener('pointerleave', () => {
    view.hover(null);
    hideTip();
  });
  element.addEventListener('click', (event) => {
    const trial = at(event);
    if (trial !== null) view.open(trial);
  });
  return element;
}

export const drawingOf = (width: number, height: number): SVGSVGElement =>
  svg('svg', { width, height, viewBox: `0 0 ${width} ${height}` });

const short = (value: number): number => Math.round(value * 10) / 10;

/** Round dots as one path: 10,000 of them are one element. Its stroke's width is their size. */
export function dots(points: Iterable<readonly [number, number]>, className: string, size?: number): SVGPathElement {
  const pieces: string[] = [];
  for (const [x, y] of points) pieces.push(`M${short(x)},${short(y)}h0`);
  const path = svg('path', { class: `dots ${className}`, d: pieces.join('') });
  if (size !== undefined) path.style.strokeWidth = `${size}px`;
  return path;
}

/** Lines as one path; a null leaves a gap. */
export function lines(all: Iterable<Iterable<readonly [number, number] | null>>, className: string): SVGPathElement {
  const pieces: string[] = [];
  for (const points of all) {
    let pen = 'M';
    for (const point of points) {
      if (point === null) pen = 'M';
      else {
        pieces.push(`${pen}${short(point[0])},${short(point[1])}`);
        pen = 'L';
      }
    }
  }
  return svg('path', { class: `line ${className}`, d: pieces.join('') });
}

/** So many lines of one colour stay solid. */
const SOLID = 60;

/** Many lines, thinner and see-through the more they are, so that where they lie close it grows dark. */
export function sheaf(all: readonly Iterable<readonly [number, number] | null>[], className: string): SVGPathElement[] {
  if (all.length <= SOLID) return [lines(all, className)];
  // One path is one layer: its own lines do not darken each other, those of another path do.
  const size = Math.ceil(all.length / SOLID);
  const weight = Math.max(0.25, Math.sqrt(SOLID / all.length));
  return Array.from({ length: Math.ceil(all.length / size) }, (_, k) => {
    const path = lines(all.slice(k * size, (k + 1) * size), className);
    path.style.strokeOpacity = String(weight);
    path.style.strokeWidth = '1px';
    return path;
  });
}

/** Pixels of a dot where so many are drawn. */
export const dotSize = (count: number): number => Math.min(5.5, Math.max(2.2, 5.5 * (300 / count) ** 0.28));

export interface Spot {
  readonly x: number;
  readonly y: number;
  readonly trial: Trial;
}

/** Pixels around the pointer in which a dot is found. */
const REACH = 12;

export function nearest(spots: readonly Spot[], x: number, y: number, reach = REACH): Trial | null {
  let best: Trial | null = null;
  let least = reach * reach;
  for (const spot of spots) {
    const distance = (spot.x - x) ** 2 + (spot.y - y) ** 2;
    if (distance <= least) {
      least = distance;
      best = spot.trial;
    }
  }
  return best;
}

/** Rings around a trial's spots, moved as the pointer goes. */
export function ring(root: SVGElement, spots: readonly Spot[]): (trial: Trial | null) => void {
  const group = svg('g', { class: 'rings' });
  root.append(group);
  return (trial) =>
    group.replaceChildren(
      ...(trial === null
        ? []
        : spots
            .filter((spot) => spot.trial === trial)
            .map(({ x, y }) => svg('circle', { class: 'ring', cx: x, cy: y, r: 6 }))),
    );
}

/** How good a trial of this rank, from 1, is among so many, 0 the best tenth to 4 the worst quarter: one colour each. */
export function tierOf(rank: number, ranked: number): number {
  const share = (rank - 1) / Math.max(1, ranked);
  return share < 0.1 ? 0 : share < 0.25 ? 1 : share < 0.5 ? 2 : share < 0.75 ? 3 : 4;
}

export const TIERS = ['best 10 %', 'to 25 %', 'to 50 %', 'to 75 %', 'the rest'] as const;
