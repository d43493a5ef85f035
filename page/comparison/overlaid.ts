import { horizontalAxis, roomFor, verticalAxis } from '../axis.ts';
import { chart, drawingOf, lines } from '../chart.ts';
import { h, svg } from '../dom.ts';
import { legend, panel } from '../panel.ts';
import { type Found, foundOver, isPaid, type Over, steps, UNITS } from '../panels/progress.ts';
import { dollarScale, numberScale } from '../scale.ts';
import { timeScale } from '../time.ts';
import { domainOf } from '../variables.ts';
import type { View } from '../view.ts';
import { type Compared, leftOut, nameOf } from './compared.ts';

const HEIGHT = 300;

/** The best so far of each sweep in one chart, over trials, time or dollars; null where nothing compares. */
export function overlaid(view: View, compared: readonly Compared[]): HTMLElement | null {
  const drawn = compared.filter((one) => one.isComparable && foundOver(one, 'trials').length > 0);
  if (drawn.length < 2) return null;
  let over: Over = 'trials';
  const content = chart(view, {
    label: `Best ${view.sweep.metric} so far of ${drawn.length} sweeps, by what was spent`,
    height: () => HEIGHT,
    filtered: false,
    draw: (width) => ({ root: draw(drawn, over, width) }),
  });
  const option = (text: string, wanted: Over) => {
    const change = () => {
      over = wanted;
      view.redraw(content);
    };
    return h('label', {}, h('input', { type: 'radio', name: 'over', checked: wanted === over, change }), text);
  };
  return panel(
    'progress',
    'Best so far',
    `Each line is the best so far of a sweep, counted from its own start. Each sweep is drawn at its largest budget.${leftOut(compared, drawn)}`,
    h(
      'fieldset',
      { class: 'choice' },
      h('legend', { class: 'unseen' }, 'Best so far by'),
      option('Trials', 'trials'),
      option('Time', 'time'),
      drawn.every(isPaid) ? option('Cost', 'dollars') : null,
    ),
    content,
    legend(drawn.map((one) => [one.color, nameOf(one)] as const)),
  );
}

function draw(drawn: readonly Compared[], over: Over, width: number): SVGSVGElement {
  const root = drawingOf(width, HEIGHT);
  const [top, bottom] = [16, HEIGHT - 40];
  const found = drawn.map((one): Found[] => foundOver(one, over));
  const domain = domainOf(
    found.flatMap((all) => all.map(({ value }) => value)),
    drawn[0]!.sweep.maximize,
  );
  const y = numberScale(domain.extent, [bottom, top], { ...domain, nice: true });
  const range: [number, number] = [roomFor(y, bottom - top), width - 12];
  const last = Math.max(1, ...found.map((all) => all.at(-1)?.at ?? 0));
  const x =
    over === 'time'
      ? timeScale([{ from: 0, to: last }], range)
      : over === 'dollars'
        ? dollarScale([0, last], range)
        : numberScale([1, last], range, { integer: true });
  root.append(
    verticalAxis({ scale: y, at: range[0], range: [top, bottom], grid: range[1] - range[0] }),
    horizontalAxis({ scale: x, at: bottom, range }),
    svg('text', { class: 'name', x: (range[0] + range[1]) / 2, y: HEIGHT - 6, 'text-anchor': 'middle' }, UNITS[over]),
    // A line ends where its sweep did, so that the shorter one is seen to be shorter.
    ...drawn.map(({ sweep, color }, index) =>
      lines([steps(sweep, found[index]!, x, y, x(found[index]!.at(-1)?.at ?? 0))], `${color} compared`),
    ),
  );
  return root;
}
