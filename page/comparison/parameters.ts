import { canonicalJson, type Json } from '../../core/base/json.ts';
import type { ReportParameter } from '../../core/report/data.ts';
import { horizontalAxis, roomBelow, roomFor, verticalAxis } from '../axis.ts';
import { chart, dotSize, dots, drawingOf } from '../chart.ts';
import { h } from '../dom.ts';
import { shorten } from '../format.ts';
import { legend, panel } from '../panel.ts';
import { choiceScale, numberScale, type Scale } from '../scale.ts';
import { choiceTexts, valueText } from '../sweep.ts';
import { domainOf } from '../variables.ts';
import type { View } from '../view.ts';
import { type Compared, leftOut, nameOf } from './compared.ts';
import { type SideRow, sideTable } from './side-table.ts';

const parameterOf = ({ sweep }: Compared, name: string): ReportParameter | undefined =>
  sweep.data.parameters.find((parameter) => parameter.name === name);

const namesOf = (compared: readonly Compared[]): string[] => [
  ...new Set(compared.flatMap(({ sweep }) => sweep.data.parameters.map(({ name }) => name))),
];

/** The best trial's parameters, a column a sweep. */
export function bestParameters(compared: readonly Compared[]): HTMLElement | null {
  const rows = namesOf(compared).map((name): SideRow => {
    const cells = compared.map((one) => {
      const { winner } = one.sweep;
      const parameter = parameterOf(one, name);
      if (parameter === undefined) return 'not searched';
      return (winner === null ? null : valueText(parameter, winner)) ?? '';
    });
    return { name, cells };
  });
  if (rows.length === 0) return null;
  return panel(
    'best',
    'Best trials',
    'The parameters of the best trial of each sweep.',
    sideTable('Best trials', compared, rows),
  );
}

const HEIGHT = 230;
/** Longer lists of choices are one grey field. */
const MAX_CHOICES = 40;

/** Each parameter that two sweeps searched, value against objective, a colour a sweep; null where there is none. */
export function parameterCharts(view: View, compared: readonly Compared[]): HTMLElement | null {
  const drawn = compared.filter(({ isComparable, budget }) => isComparable && budget.ranked.length > 0);
  const charts = namesOf(drawn).flatMap((name) => {
    const axis = axisOf(drawn, name);
    return axis === null ? [] : [figure(view, drawn, axis)];
  });
  if (charts.length === 0) return null;
  return panel(
    'parameters',
    'Each parameter',
    `Its value against ${shorten(view.sweep.metric, 60)}, of every trial at the largest budget of its sweep.${leftOut(compared, drawn)}`,
    h('div', { class: 'multiples' }, ...charts),
    legend(drawn.map((one) => [one.color, nameOf(one)] as const)),
  );
}

interface Axis {
  readonly name: string;
  /** null of a range. */
  readonly choices: readonly Json[] | null;
  readonly extent: readonly [number, number];
  readonly log: boolean;
  readonly integer: boolean;
}

/** What they have in common; null where fewer than two searched it, or one as a list and another as a range. */
function axisOf(drawn: readonly Compared[], name: string): Axis | null {
  const all = drawn.flatMap((one) => parameterOf(one, name) ?? []);
  if (all.length < 2) return null;
  const lists = all.flatMap(({ choices }) => (choices === null ? [] : [choices]));
  if (lists.length > 0 && lists.length < all.length) return null;
  const choices =
    lists.length === 0 ? null : [...new Map(lists.flat().map((one) => [canonicalJson(one), one])).values()];
  if (choices !== null && choices.length > MAX_CHOICES) return null;
  const values = all.flatMap((parameter) => parameter.values.filter((value) => value !== null));
  if (values.length === 0) return null;
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) [least, most] = [Math.min(least, value), Math.max(most, value)];
  const log = all.every((parameter) => parameter.log) && least > 0;
  return { name, choices, extent: [least, most], log, integer: all.every(({ integer }) => integer) };
}

function figure(view: View, drawn: readonly Compared[], axis: Axis): HTMLElement {
  const label = `${axis.name} against ${view.sweep.metric}, by sweep`;
  return h(
    'figure',
    {},
    h('figcaption', {}, h('bdi', {}, shorten(axis.name, 60))),
    chart(view, {
      label,
      height: () => HEIGHT,
      filtered: false,
      draw: (width) => ({ root: draw(drawn, axis, width) }),
    }),
  );
}

function draw(drawn: readonly Compared[], axis: Axis, width: number): SVGSVGElement {
  const [top, bottom] = [10, HEIGHT - 26];
  const values = drawn.flatMap(({ budget }) => budget.ranked.map((trial) => budget.judgedBy(trial)!));
  const domain = domainOf(values, drawn[0]!.sweep.maximize);
  const y = numberScale(domain.extent, [bottom, top], { ...domain, nice: true });
  const left = roomFor(y, bottom - top);
  const range: [number, number] = [left + 6, width - 10];
  const x =
    axis.choices === null ? numberScale(axis.extent, range, axis) : choiceScale(choiceTexts(axis.choices), range);
  const root = drawingOf(width, HEIGHT + (axis.choices === null ? 0 : roomBelow(x, range)));
  root.append(
    verticalAxis({ scale: y, at: left, range: [top, bottom], grid: width - 10 - left }),
    horizontalAxis({ scale: x, at: bottom, range, grid: bottom - top, choices: axis.choices !== null }),
    ...drawn.map((one, index) =>
      dots(spots(one, axis, { x, y, index, of: drawn.length }), one.color, dotSize(values.length)),
    ),
  );
  return root;
}

/** Where each of a sweep's choices stands among those of all sweeps. */
function placesAmong(all: readonly Json[], own: readonly Json[]): number[] {
  const places = new Map(all.map((choice, place) => [canonicalJson(choice), place]));
  return own.map((choice) => places.get(canonicalJson(choice))!);
}

interface Place {
  readonly x: Scale;
  readonly y: Scale;
  readonly index: number;
  readonly of: number;
}

/** Of a list each sweep has its own share of a choice's width, in which its dots are spread. */
function* spots(one: Compared, axis: Axis, { x, y, index, of }: Place): Iterable<readonly [number, number]> {
  const parameter = parameterOf(one, axis.name);
  if (parameter === undefined) return;
  const places = parameter.choices === null ? null : placesAmong(axis.choices!, parameter.choices);
  const share = axis.choices === null ? 0 : (Math.min(120, Math.abs(x(1) - x(0))) * 0.8) / of;
  for (const trial of one.budget.ranked) {
    const value = parameter.values[trial.index];
    if (value == null) continue;
    const at = places === null ? value : places[value]!;
    const aside = share === 0 ? 0 : share * (index - (of - 1) / 2 + 0.8 * (((trial.number * 0.618034) % 1) - 0.5));
    yield [x(at) + aside, y(one.budget.judgedBy(trial)!)];
  }
}
