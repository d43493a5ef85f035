import { fitted, horizontalAxis, widthOf } from '../axis.ts';
import { chart, type Drawing, drawingOf } from '../chart.ts';
import { svg } from '../dom.ts';
import { count, duration, plural } from '../format.ts';
import { legend, panel } from '../panel.ts';
import type { Sweep, Trial } from '../sweep.ts';
import { type Stretch, stretchesOf, type TimeScale, timeScale } from '../time.ts';
import type { View } from '../view.ts';

/** One training in its row. */
interface Bar {
  readonly row: number;
  readonly from: number;
  readonly to: number;
  readonly status: number;
  readonly attempt: number;
  readonly lane: string;
  /** Of an interrupted one. */
  readonly why: string | null;
  /** Trains another again with a new seed. */
  readonly again: boolean;
  readonly trial: Trial | null;
}

interface Rows {
  readonly bars: readonly Bar[];
  /** For each lane its first row and how many it has: a machine may run several trials at once. */
  readonly lanes: readonly { readonly name: string; readonly first: number; readonly rows: number }[];
  readonly rows: number;
}

const CLASSES = ['done', 'failed', 'interrupted'] as const;
const MAX_HEIGHT = 640;

/** When each trial ran and where, interruptions among them. */
export function timeline(view: View): HTMLElement | null {
  const { sweep } = view;
  const { runs } = sweep.data;
  if (runs.trial.length < 2) return null;
  const rows = packed(sweep);
  const stretches = stretchesOf(runs);
  if (!rows.bars.some(({ to }) => to > 0)) return null;
  const step = Math.min(20, MAX_HEIGHT / rows.rows);
  const height = rows.rows * step + 48;
  const seen = CLASSES.filter((_, status) => runs.status.includes(status as 0 | 1 | 2));
  const names = { done: 'succeeded', failed: 'failed', interrupted: 'interrupted, then tried again' };
  const left = runs.total > runs.trial.length ? ` Of ${count(runs.total)} trainings, an even sample is drawn.` : '';
  const pauses = stretches.length > 1 ? ' Dashed lines mark long pauses that were cut out.' : '';
  const unrecorded =
    runs.untold === 0
      ? ''
      : ` ${plural(runs.untold, 'attempt')} before them ${runs.untold === 1 ? 'was' : 'were'} killed and recorded no times.`;
  return panel(
    'time',
    'Timeline',
    `Each bar is a training: where it ran, and when.${pauses}${unrecorded}${left}`,
    chart(view, {
      label: `Timeline of ${runs.trial.length} trainings over ${plural(rows.lanes.length, 'place')}`,
      height: () => height,
      draw: (width) => draw(view, { ...rows, stretches }, step, width, height),
    }),
    legend([
      ...seen.map((name) => [`run-${name}`, names[name]] as const),
      ...(sweep.winner === null ? [] : [['winner', 'the best trial'] as const]),
    ]),
  );
}

/** Trainings of one lane that overlap get rows of their own. */
function packed({ data: { runs }, byNumber }: Sweep): Rows {
  const byLane = runs.lanes.map(() => [] as number[]);
  runs.lane.forEach((lane, index) => {
    byLane[lane]!.push(index);
  });
  const bars: Bar[] = [];
  const lanes: Rows['lanes'][number][] = [];
  let first = 0;
  byLane.forEach((indexes, lane) => {
    const ends: number[] = [];
    for (const index of indexes) {
      const from = runs.start[index]!;
      const to = from + runs.seconds[index]!;
      let row = ends.findIndex((end) => end <= from + 0.1);
      if (row === -1) row = ends.length;
      ends[row] = to;
      bars.push({
        row: first + row,
        from,
        to,
        status: runs.status[index]!,
        attempt: runs.attempt[index]!,
        lane: runs.lanes[lane]!,
        why: runs.why[index] ?? null,
        again: runs.epochs[index] === 0,
        trial: byNumber.get(runs.trial[index]!) ?? null,
      });
    }
    lanes.push({ name: runs.lanes[lane]!, first, rows: ends.length });
    first += ends.length;
  });
  return { bars, lanes, rows: first };
}

function draw(
  view: View,
  { bars, lanes, stretches }: Rows & { readonly stretches: readonly Stretch[] },
  step: number,
  width: number,
  height: number,
): Drawing {
  const root = drawingOf(width, height);
  const room = Math.min(width / 3, 160, Math.max(...lanes.slice(0, 500).map(({ name }) => widthOf(name))) + 12);
  const range: [number, number] = [room, width - 12];
  const x = timeScale(stretches, range);
  const [top, bottom] = [8, height - 36];
  root.append(horizontalAxis({ scale: x, at: bottom, range, grid: bottom - top }));
  for (const at of x.cuts) root.append(svg('line', { class: 'cut', x1: at, x2: at, y1: top, y2: bottom }));
  root.append(...laneNames(lanes, room, (row) => top + row * step));
  const thick = Math.max(1.5, step - (step > 8 ? 4 : step > 4 ? 1 : 0.5));
  const { winner } = view.sweep;
  const shown = (bar: Bar) => bar.trial === null || view.isShown(bar.trial);
  const path = (some: readonly Bar[], className: string, size = thick) =>
    svg('path', { class: className, 'stroke-width': size, d: some.map((bar) => strokeOf(bar, x, top, step)).join('') });
  root.append(
    path(
      bars.filter((bar) => !shown(bar)),
      'run run-out',
    ),
    ...CLASSES.map((name, status) =>
      path(
        bars.filter((bar) => shown(bar) && bar.status === status && (bar.trial !== winner || status !== 0)),
        `run run-${name}`,
        status === 2 ? thick / 2 : thick,
      ),
    ),
    path(
      bars.filter((bar) => bar.trial !== null && bar.trial === winner && bar.status === 0),
      'run run-winner',
    ),
  );
  const rings = svg('g');
  root.append(rings);
  const barAt = (px: number, py: number): Bar | undefined => {
    const row = Math.floor((py - top) / step);
    return bars.find((bar) => bar.row === row && x(bar.from) - 1 <= px && px <= x(bar.to) + 1);
  };
  return {
    root,
    find: (px, py) => barAt(px, py)?.trial ?? null,
    note: (px, py) => noteOf(barAt(px, py)),
    light: (trial) =>
      rings.replaceChildren(
        ...(trial === null
          ? []
          : [
              path(
                bars.filter((bar) => bar.trial === trial),
                'run run-lit',
              ),
            ]),
      ),
  };
}

/** As many as have room. */
function laneNames(lanes: Rows['lanes'], room: number, y: (row: number) => number): SVGTextElement[] {
  let free = Number.NEGATIVE_INFINITY;
  return lanes.flatMap(({ name, first, rows }) => {
    const middle = y(first + rows / 2);
    if (middle - free < 15) return [];
    free = middle;
    const place = { x: room - 8, y: middle, dy: '0.32em', 'text-anchor': 'end' };
    return [svg('text', { class: 'tick', ...place }, fitted(name, room - 12), svg('title', {}, name))];
  });
}

function noteOf(bar: Bar | undefined): string | null {
  if (bar === undefined) return null;
  const { from, to, lane, attempt, why, again } = bar;
  const when = `on ${lane} for ${duration(to - from)}, ${duration(from)} after the start`;
  const which = again ? 'with a new seed, ' : attempt > 1 ? `attempt ${attempt}, ` : '';
  return why === null ? `${which}${when}` : `interrupted ${when}: ${why}`;
}

/** At least a pixel long, and a pixel short of the next. */
function strokeOf({ row, from, to }: Bar, x: TimeScale, top: number, step: number): string {
  const start = x(from);
  const length = Math.max(1, x(to) - start - 1);
  return `M${start.toFixed(1)},${(top + (row + 0.5) * step).toFixed(1)}h${length.toFixed(1)}`;
}
