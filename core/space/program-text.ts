import type { Json } from '../base/json.ts';
import { floatText } from '../base/numbers.ts';
import { choicesOf } from './choices.ts';
import type { ParameterSpec, Range } from './parameter.ts';
import type { Parameters } from './space.ts';

/** How the values of parameters are written for a program: in variables, arguments and files. */
export interface ProgramText {
  /** A string bare, anything else as JSON text. */
  readonly text: (name: string, value: Json) => string;
  /** As JSON. */
  readonly json: (name: string, value: Json) => string;
}

/** Of the parameters of a space; a name that it does not have is written as JavaScript would. */
export function programText(space: Readonly<Record<string, ParameterSpec>>): ProgramText {
  const parameterOf = (name: string) => (Object.hasOwn(space, name) ? space[name] : undefined);
  return {
    text: (name, value) => textOfValue(parameterOf(name), value),
    json: (name, value) => jsonOfValue(parameterOf(name), value),
  };
}

/** One value as a program gets it in a variable or an argument. */
export function textOfValue(parameter: ParameterSpec | undefined, value: Json): string {
  return typeof value === 'string' ? value : jsonOfValue(parameter, value);
}

/** One value as JSON. A float is written with a point, so that Python, YAML 1.1 and JSON alike read a float. */
export function jsonOfValue(parameter: ParameterSpec | undefined, value: Json): string {
  return written(value, TOP, parameter === undefined ? NONE : floatPlaces(parameter));
}

/** All parameters of a trial as one JSON object. */
export function jsonOfParameters(write: ProgramText, parameters: Parameters): string {
  const members = Object.entries(parameters).map(
    ([name, value]) => `${JSON.stringify(name)}:${write.json(name, value)}`,
  );
  return `{${members.join(',')}}`;
}

/** Where in a value a number stands: `/1` is the second item of a list. The value itself is at the top. */
const TOP = '';
const NONE: ReadonlySet<string> = new Set();

function written(value: Json, place: string, floats: ReadonlySet<string>): string {
  if (typeof value === 'number') return floats.has(place) ? floatText(value) : JSON.stringify(value);
  if (floats.size === 0 || value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value))
    return `[${value.map((item, index) => written(item, `${place}/${index}`, floats)).join(',')}]`;
  const members = Object.entries(value).map(
    ([key, item]) => `${JSON.stringify(key)}:${written(item, `${place}/${key}`, floats)}`,
  );
  return `{${members.join(',')}}`;
}

/**
 * The places at which a parameter's values hold floats. A place is of floats where one of the choices has a fraction
 * there, so `[[64, 0.5], [128, 0.25]]` keeps its whole numbers. `type` decides for the choices that are numbers, or,
 * where none of them is, for the numbers inside them.
 */
export function floatPlaces(parameter: ParameterSpec): ReadonlySet<string> {
  const known = placesKnown.get(parameter);
  if (known !== undefined) return known;
  const places = findFloatPlaces(parameter);
  placesKnown.set(parameter, places);
  return places;
}

/** A list may be long, and is asked about for each of a million trials. */
const placesKnown = new WeakMap<ParameterSpec, ReadonlySet<string>>();

function findFloatPlaces(parameter: ParameterSpec): ReadonlySet<string> {
  const choices = choicesOf(parameter);
  const type = Array.isArray(parameter) ? undefined : parameter.type;
  if (choices === null) return type === 'integer' ? NONE : new Set([TOP]);
  const numbers = [...numbersOf(choices)];
  const floats = new Set(numbers.flatMap(({ place, value }) => (Number.isInteger(value) ? [] : [place])));
  if (type === 'integer') floats.delete(TOP);
  if (type === 'float') {
    const ofChoices = numbers.filter(({ place }) => place === TOP);
    for (const { place } of ofChoices.length > 0 ? ofChoices : numbers) floats.add(place);
  }
  return floats;
}

/** Every number of some values, with its place. */
export function* numbersOf(
  values: readonly Json[],
): Generator<{ readonly place: string; readonly value: number; readonly index: number }> {
  for (const [index, value] of values.entries()) for (const found of numbersIn(value, TOP)) yield { ...found, index };
}

function* numbersIn(value: Json, place: string): Generator<{ readonly place: string; readonly value: number }> {
  if (typeof value === 'number') yield { place, value };
  else if (value !== null && typeof value === 'object')
    for (const [key, item] of Object.entries(value)) yield* numbersIn(item, `${place}/${key}`);
}

/**
 * The parameter with its type said, of choices where they show that they are floats: JSON cannot tell 1.0 from 1. A range
 * whose steps are all whole is of whole numbers, as a list of them would be.
 */
export function typed(parameter: ParameterSpec): ParameterSpec {
  if (!Array.isArray(parameter) && 'min' in parameter)
    return { ...parameter, type: parameter.type ?? (hasWholeSteps(parameter) ? 'integer' : 'float') };
  if (!floatPlaces(parameter).has(TOP)) return parameter;
  return Array.isArray(parameter) ? { choices: parameter, type: 'float' } : { ...parameter, type: 'float' };
}

const hasWholeSteps = ({ min, max, step }: Range): boolean => [min, max, step].every(Number.isInteger);
