import { documentFlaw } from '../base/document.ts';
import { BadInput, type Problem } from '../base/errors.ts';
import { floatText, withPlainNumbers } from '../base/numbers.ts';
import type { AddProblem } from './problems.ts';

/**
 * What a spec's text says beyond its values: 1.0 is a float and 1 a whole number, and a whole number may have more digits
 * than JavaScript keeps. A parser tells them apart by giving whole numbers as bigints; from here on they are plain
 * numbers, and what would be lost is said in the document (`type: float`) or refused.
 */

type Document = Readonly<Record<string, unknown>>;

/** @throws BadInput naming each number that cannot be kept as it is written */
export function plainSpec(written: unknown): unknown {
  const document = withoutNotes(written);
  // One that is not fit to be looked into is refused with the reason by resolveSpec.
  if (!isDocument(document) || documentFlaw(document) !== null) return document;
  const problems: Problem[] = [];
  const addProblem: AddProblem = (field, message) => problems.push({ field, message });
  const { search, training } = document;
  const said = {
    ...document,
    ...(isDocument(search) && isDocument(search['space'])
      ? { search: withTypes(search, search['space'], addProblem) }
      : {}),
    ...(isDocument(training) ? { training: withTexts(training) } : {}),
  };
  const plain = withPlainNumbers(said, '', problems);
  if (problems.length > 0) throw new BadInput(problems);
  return plain;
}

/** Top-level keys that begin with x- are the writer's own, a place for YAML anchors: nothing reads them. */
export function withoutNotes(given: unknown): unknown {
  if (!isDocument(given)) return given;
  return Object.fromEntries(Object.entries(given).filter(([key]) => !key.startsWith('x-')));
}

const isDocument = (value: unknown): value is Document =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

function withTypes(search: Document, space: Document, addProblem: AddProblem): Document {
  const typed = Object.entries(space).map(([name, parameter]) => [name, withType(name, parameter, addProblem)]);
  return { ...search, space: Object.fromEntries(typed) };
}

/** The parameter with `type: float` where its numbers are written as floats and their values do not show it. */
function withType(name: string, parameter: unknown, addProblem: AddProblem): unknown {
  const choices = isDocument(parameter) ? parameter['choices'] : parameter;
  if (isDocument(parameter) && isFloatRange(parameter)) return { ...parameter, type: 'float' };
  if (!Array.isArray(choices) || (isDocument(parameter) && parameter['type'] !== undefined)) return parameter;
  const numbers = choices.flatMap((choice) => [...numbersIn(choice, '')]);
  const lost = wholeFloatPlaces(numbers);
  if (lost.size === 0) return parameter;
  const ofChoices = numbers.filter(({ place }) => place === '');
  // `type` speaks for the choices that are numbers, or, where none of them is, for all numbers inside them.
  const isSaid =
    ofChoices.length > 0
      ? [...lost].every((place) => place === '')
      : numbers.every(({ place }) => numbers.some((other) => other.isFloat && other.place === place));
  if (isSaid) return isDocument(parameter) ? { ...parameter, type: 'float' } : { choices, type: 'float' };
  addProblem(
    `search.space.${name}`,
    'has a float such as 1.0 among whole numbers inside its choices, where it would lose its type; make it a separate parameter, or write each such choice as text: "[64, 1.0]"',
  );
  return parameter;
}

/** One of the numbers of a range is written as a float, and nothing else says its type. */
const isFloatRange = ({ type, min, max, step }: Document): boolean =>
  type === undefined && step !== undefined && [min, max, step].some((number) => typeof number === 'number');

interface WrittenNumber {
  /** As in core/space/program-text.ts. */
  readonly place: string;
  readonly isFloat: boolean;
  readonly isWhole: boolean;
}

/** Places where a float is written, though each value there is whole. */
function wholeFloatPlaces(numbers: readonly WrittenNumber[]): Set<string> {
  const fractions = new Set(numbers.filter(({ isWhole }) => !isWhole).map(({ place }) => place));
  return new Set(numbers.filter(({ isFloat, place }) => isFloat && !fractions.has(place)).map(({ place }) => place));
}

function* numbersIn(value: unknown, place: string): Generator<WrittenNumber> {
  if (typeof value === 'number') yield { place, isFloat: true, isWhole: Number.isInteger(value) };
  else if (typeof value === 'bigint') yield { place, isFloat: false, isWhole: true };
  else if (value !== null && typeof value === 'object')
    for (const [key, item] of Object.entries(value)) yield* numbersIn(item, `${place}/${key}`);
}

/** Floats of the command and the environment, which reach the program as texts and nowhere else. */
function withTexts({ command, environment, ...training }: Document): Document {
  return {
    ...training,
    ...(command === undefined ? {} : { command: asTexts(command) }),
    ...(environment === undefined ? {} : { environment: isDocument(environment) ? mapped(environment) : environment }),
  };
}

const asTexts = (value: unknown): unknown => (Array.isArray(value) ? value.map(asTexts) : asText(value));
const mapped = (values: Document): Document =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, asText(value)]));

/** The text of a float that String() would write as something else. */
const asText = (value: unknown): unknown =>
  typeof value === 'number' && Number.isFinite(value) && floatText(value) !== String(value) ? floatText(value) : value;
