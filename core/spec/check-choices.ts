import { canonicalJson, type Json } from '../base/json.ts';
import { inexact } from '../base/numbers.ts';
import { show } from '../base/text.ts';
import { choicesOf } from '../space/choices.ts';
import type { ParameterSpec } from '../space/parameter.ts';
import { floatPlaces, jsonOfValue, numbersOf, textOfValue } from '../space/program-text.ts';
import type { AddProblem } from './problems.ts';
import type { ParsedSpec } from './spec.ts';

/** The choices of one parameter: distinct for the program, and no more than it can be given. */
export function checkChoices(name: string, parameter: ParameterSpec, addProblem: AddProblem): void {
  const choices = choicesOf(parameter)!;
  const field = `search.space.${name}`;
  checkType(`${field}.type`, parameter, choices, addProblem);
  checkDistinct(field, parameter, choices, addProblem);
  const places = floatPlaces(parameter);
  for (const { place, value, index } of numbersOf(choices))
    if (Number.isInteger(value) && !Number.isSafeInteger(value) && !places.has(place))
      addProblem(`${field}[${index}]`, inexact(value));
  for (const [index, choice] of choices.entries()) {
    if (typeof choice === 'string' && choice.includes('\0'))
      addProblem(
        `${field}[${index}]`,
        'received a text with a NUL character, which no environment variable or argument can hold; remove it',
      );
    const bytes = byteLength(`--${name}=${textOfValue(parameter, choice)}`);
    if (bytes > MAX_TEXT_BYTES)
      addProblem(
        `${field}[${index}]`,
        `received a value of ${bytes.toLocaleString('en-US')} bytes with its name; ${limit()}; put it into a file of training.source and list the names of such files`,
      );
  }
}

/** MAX_ARG_STRLEN of Linux (execve(2)): one argument or variable, less the NUL at its end. */
const MAX_TEXT_BYTES = 131_071;
/** A function, because the first number in a language's spelling takes 8 ms, and every Lambda function starts with this module. */
const limit = () =>
  `allowed: at most ${MAX_TEXT_BYTES.toLocaleString('en-US')} bytes, the longest that Linux gives a program`;

const byteLength = (text: string): number => Buffer.byteLength(text);

function checkType(field: string, parameter: ParameterSpec, choices: readonly Json[], addProblem: AddProblem): void {
  const type = Array.isArray(parameter) ? undefined : parameter.type;
  if (type === undefined) return;
  const numbers = [...numbersOf(choices)];
  if (numbers.length === 0) addProblem(field, `received ${type}, but none of the choices is a number; remove it`);
  const fraction = numbers.find(({ place, value }) => place === '' && !Number.isInteger(value));
  if (type === 'integer' && fraction !== undefined)
    addProblem(field, `received integer, but one of the choices is ${fraction.value}; round it, or use type: float`);
}

function checkDistinct(
  field: string,
  parameter: ParameterSpec,
  choices: readonly Json[],
  addProblem: AddProblem,
): void {
  const values = new Set<string>();
  const texts = new Map<string, Json>();
  for (const choice of choices) {
    // An environment is of bytes: what is no Unicode becomes U+FFFD there.
    const text = textOfValue(parameter, choice).toWellFormed();
    const value = canonicalJson(choice);
    const before = texts.get(text);
    if (values.has(value)) addProblem(field, `received ${show(choice)} twice; allowed: each value once; remove one`);
    else if (before !== undefined)
      addProblem(
        field,
        `received ${show(before)} and ${show(choice)}, which reach the program as the same text, ${show(text)}; keep one of them, or write one differently`,
      );
    values.add(value);
    if (before === undefined) texts.set(text, choice);
  }
}

/** What SWEEP_PARAMETERS, the one variable that carries all of them, comes to with the longest of all choices. */
export function checkTogether(space: ParsedSpec['search']['space'], addProblem: AddProblem): void {
  const longest = Object.entries(space).map(([name, parameter]) => {
    const choices = choicesOf(parameter);
    const sizes = choices?.map((choice) => byteLength(jsonOfValue(parameter, choice))) ?? [LONGEST_NUMBER];
    return {
      name,
      bytes: byteLength(JSON.stringify(name)) + 2 + sizes.reduce((most, size) => Math.max(most, size), 0),
    };
  });
  const bytes = longest.reduce((sum, each) => sum + each.bytes, byteLength('SWEEP_PARAMETERS={}'));
  if (bytes <= MAX_TEXT_BYTES) return;
  const [most] = longest.toSorted((a, b) => b.bytes - a.bytes);
  addProblem(
    'search.space',
    `all parameters together may come to ${bytes.toLocaleString('en-US')} bytes in SWEEP_PARAMETERS (${most?.name}: ${most?.bytes.toLocaleString('en-US')}); ${limit()}; shorten the values`,
  );
}

/** `-1.2345678901234567e-100` */
const LONGEST_NUMBER = 24;
