import { canonicalJson, type Json } from '../base/json.ts';
import { show } from '../base/text.ts';
import { conditionsOf, priorOf } from './choices.ts';
import { type Constraint, constraintOf } from './constraints.ts';
import { type Condition, type Dimension, valuesOf } from './dimension.ts';
import type { ParameterSpec } from './parameter.ts';
import { priorIn } from './prior.ts';
import { countPoints, groupsOf } from './size.ts';

export { type Dimension, stepCount } from './dimension.ts';
export { MAX_COUNTED_POINTS } from './size.ts';

/** One trial's hyperparameters: active ones only, keys in code-unit order. */
export type Parameters = Readonly<Record<string, Json>>;

/** What a sweep searches. The order of keys in the document it comes from changes nothing. */
export interface Space {
  /** The parameters, by name in code-unit order. */
  readonly dimensions: readonly Dimension[];
  /** Indexes of the dimensions, every condition's parent before its children; otherwise by name. */
  readonly order: readonly number[];
  /** What every point of the space keeps to beyond its parameters' own values. */
  readonly constraints: readonly Constraint[];
  /** How many distinct points there are; Infinity when that is uncountable or above MAX_COUNTED_POINTS. */
  readonly size: number;
}

/** Builds the space of a spec that was checked (resolve.ts); a condition on itself or on nothing never holds. */
export function buildSpace(
  parameters: Readonly<Record<string, ParameterSpec>>,
  constraintTexts: readonly string[] = [],
): Space {
  const constraints = constraintTexts.map((text) => constraintOf(text, parameters)).filter((found) => 'holds' in found);
  const names = Object.keys(parameters).sort();
  const indexes = new Map(names.map((name, index) => [name, index]));
  const values = names.map((name) => valuesOf(parameters[name]!));
  const dimensions = names.map((name, index) => ({
    ...values[index]!,
    name,
    prior: priorIn(values[index]!, priorOf(parameters[name]!)),
    conditions: Object.entries(conditionsOf(parameters[name]!)).map(([parent, wanted]): Condition => {
      const place = indexes.get(parent) ?? -1;
      const legal = (Array.isArray(wanted) ? wanted : [wanted]).map((value) => values[place]?.accept(value));
      return { parent: place, allowed: new Set(legal.filter((value) => value !== undefined).map(canonicalJson)) };
    }),
  }));
  const order = evaluationOrder(dimensions);
  const size = constraints.length === 0 ? countPoints(dimensions, order) : countKept(dimensions, order, constraints);
  return { dimensions, order, constraints, size };
}

/** The points that keep to the constraints; a space that is too large to count without them is not counted with them. */
function countKept(dimensions: readonly Dimension[], order: readonly number[], constraints: readonly Constraint[]) {
  if (countPoints(dimensions, order) === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  const isNamed = ({ name }: Dimension) => constraints.some(({ names }) => names.includes(name));
  const [tied, free] = groupsOf(dimensions, order).reduce<[number[], number[]]>(
    ([named, rest], group) =>
      group.some((index) => isNamed(dimensions[index]!)) ? [[...named, ...group], rest] : [named, [...rest, ...group]],
    [[], []],
  );
  let kept = 0;
  for (const _ of gridPoints({
    dimensions,
    order: order.filter((index) => tied.includes(index)),
    constraints,
    size: 0,
  }))
    kept++;
  return (
    kept *
    countPoints(
      dimensions,
      order.filter((index) => free.includes(index)),
    )
  );
}

/** Whether a point keeps to the constraints; of a part of one, to those that name nothing else. */
export function satisfies({ constraints }: Pick<Space, 'constraints'>, parameters: Parameters): boolean {
  return constraints.every(({ holds }) => holds(parameters));
}

function evaluationOrder(dimensions: readonly Dimension[]): number[] {
  const order: number[] = [];
  const visited = new Set<number>([-1]);
  const visit = (index: number) => {
    if (visited.has(index)) return;
    visited.add(index);
    for (const { parent } of dimensions[index]!.conditions) visit(parent);
    order.push(index);
  };
  for (let index = 0; index < dimensions.length; index++) visit(index);
  return order;
}

/** A value a dimension, undefined where it is inactive or not known yet. */
export type Row = (Json | undefined)[];

/** Whether the dimension is active, given the values of its parents. */
export function isActive({ conditions }: Dimension, row: Row): boolean {
  for (const { parent, allowed } of conditions) {
    const value = row[parent];
    if (value === undefined || !allowed.has(canonicalJson(value))) return false;
  }
  return true;
}

/** The row as parameters. */
export function parametersOf(space: Space, row: Row): Parameters {
  const parameters: Record<string, Json> = {};
  for (let index = 0; index < space.dimensions.length; index++) {
    const value = row[index];
    if (value !== undefined) parameters[space.dimensions[index]!.name] = value;
  }
  return parameters;
}

/**
 * The point at a place of the unit cube, one coordinate in [0, 1) a dimension; those of inactive ones are ignored. It may
 * break a constraint.
 */
export function pointFrom(space: Space, unit: ArrayLike<number>): Parameters {
  const row: Row = new Array(space.dimensions.length).fill(undefined);
  for (const index of space.order) {
    const dimension = space.dimensions[index]!;
    if (isActive(dimension, row)) row[index] = dimension.draw(unit[index]!);
  }
  return parametersOf(space, row);
}

/** The inverse of `pointFrom`: a place in [0, 1] for each dimension, null for those the point has no value of. */
export function unitFrom(space: Space, parameters: Parameters): (number | null)[] {
  return space.dimensions.map((dimension) => {
    const value = Object.hasOwn(parameters, dimension.name) ? dimension.accept(parameters[dimension.name]) : undefined;
    return value === undefined ? null : dimension.unitOf(value);
  });
}

/**
 * Every distinct point of a space without an active continuous range, once, that keeps to its constraints: an inactive
 * parameter has one state. The
 * last dimension in the order of evaluation (parents first, otherwise by name) runs fastest, each from its first value.
 */
export function* gridPoints(space: Space): Generator<Parameters> {
  const { dimensions, order } = space;
  const row: Row = new Array(dimensions.length).fill(undefined);
  const cells = new Array<number>(dimensions.length).fill(0);
  const restart = (from: number) => {
    for (const index of order.slice(from)) {
      const dimension = dimensions[index]!;
      cells[index] = 0;
      row[index] = isActive(dimension, row) ? dimension.at(0) : undefined;
    }
  };
  const canRise = (index: number) => row[index] !== undefined && cells[index]! + 1 < dimensions[index]!.count;
  restart(0);
  for (;;) {
    const point = parametersOf(space, row);
    if (satisfies(space, point)) yield point;
    const position = order.findLastIndex(canRise);
    if (position === -1) return;
    const index = order[position]!;
    cells[index]!++;
    row[index] = dimensions[index]!.at(cells[index]!);
    restart(position + 1);
  }
}

/** Name of the first parameter, by name, that is a continuous range: a grid cannot list it. Null when there is none. */
export function firstContinuous(space: Space): string | null {
  return space.dimensions.find(({ count }) => count === Number.POSITIVE_INFINITY)?.name ?? null;
}

/** The point's canonical JSON: one text a point, whatever the order of keys. */
export const pointKey = (parameters: Parameters): string => textsOf(parameters).key;

/** The point as JSON.stringify writes it. */
export const pointText = (parameters: Parameters): string => textsOf(parameters).text;

interface PointTexts {
  readonly parameters: Parameters;
  readonly key: string;
  readonly text: string;
}

/** A plan asks for each point's texts several times in a row: whether it is new, for its id, and for its line. */
let latest: PointTexts = { parameters: {}, key: '{}', text: '{}' };

function textsOf(parameters: Parameters): PointTexts {
  if (parameters !== latest.parameters) {
    const text = JSON.stringify(parameters);
    latest = { parameters, key: isCanonical(parameters) ? text : canonicalJson(parameters), text };
  }
  return latest;
}

/** Whether JSON.stringify writes the point as canonical JSON: names in order, and no objects among the values. */
function isCanonical(parameters: Parameters): boolean {
  let before = '';
  for (const name of Object.keys(parameters)) {
    const value = parameters[name];
    if (name < before || (typeof value === 'object' && value !== null)) return false;
    before = name;
  }
  return true;
}

export type Legality = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/**
 * Whether a point, or a part of one, lies in the space: each value is one the parameter can take, and what is left out
 * can be chosen so that every parameter given is active. The reason names the parameter, what was received, what is
 * allowed.
 */
export function contains(space: Space, parameters: Parameters): Legality {
  const demands = demandsOf(space, parameters);
  return 'reason' in demands ? { ok: false, reason: demands.reason } : { ok: true };
}

/** What a part of a point asks of the rest. */
export interface Demands {
  /** The values given, as the space spells them. */
  readonly given: Row;
  /** By dimension: the values, of which one must be chosen so that what is given is active. */
  readonly restricted: readonly (readonly Json[] | undefined)[];
}

export function demandsOf(space: Space, parameters: Parameters): Demands | { readonly reason: string } {
  const { dimensions } = space;
  const unknown = Object.keys(parameters).find((name) => !dimensions.some((dimension) => dimension.name === name));
  if (unknown !== undefined) return { reason: unknownReason(space, unknown, parameters[unknown]) };
  const given: Row = dimensions.map(({ name, accept }) =>
    Object.hasOwn(parameters, name) ? accept(parameters[name]) : undefined,
  );
  const illegal = dimensions.find(({ name }, index) => Object.hasOwn(parameters, name) && given[index] === undefined);
  if (illegal !== undefined) {
    return { reason: `${illegal.name}: received ${show(parameters[illegal.name])}; allowed: ${illegal.allowed}` };
  }
  return restrictParents(space, given);
}

function unknownReason(space: Space, name: string, value: Json | undefined): string {
  const names = space.dimensions.map((dimension) => dimension.name).join(', ');
  return `${name}: received ${show(value)}, but there is no parameter named ${name}; allowed: ${names}`;
}

/** Goes from the children to their parents, and narrows what each parent that is not given may be. */
function restrictParents({ dimensions, order }: Space, given: Row): Demands | { readonly reason: string } {
  const restricted: (readonly Json[] | undefined)[] = new Array(dimensions.length).fill(undefined);
  /** By dimension: the one given that needs it active. */
  const neededBy = given.map((value, index) => (value === undefined ? undefined : index));
  for (const index of order.toReversed()) {
    const child = neededBy[index];
    if (child === undefined) continue;
    for (const { parent, allowed } of dimensions[index]!.conditions) {
      const received = given[parent];
      const open = received === undefined ? (restricted[parent] ?? valuesIn(allowed)) : [received];
      const values = open.filter((value) => allowed.has(canonicalJson(value)));
      if (values.length === 0) {
        const name = dimensions[parent]?.name;
        const state = `${name} is ${open.map(show).join(' or ')}`;
        const needed = valuesIn(allowed).map(show).join(' or ');
        return {
          reason: `${dimensions[child]!.name}: received ${show(given[child])}, but ${state}; allowed only when ${name} is ${needed}; leave it out`,
        };
      }
      if (received !== undefined) continue;
      restricted[parent] = values;
      neededBy[parent] ??= child;
    }
  }
  return { given, restricted };
}

function valuesIn(allowed: ReadonlySet<string>): Json[] {
  return [...allowed].sort().map((text) => JSON.parse(text));
}
