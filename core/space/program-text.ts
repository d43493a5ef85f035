import type { Json } from '../base/json.ts';
import { toText } from '../base/text.ts';
import type { ParameterSpec } from './parameter.ts';
import type { Parameters } from './space.ts';

/** How the values of parameters are written for a program: in variables, arguments and files. */
export interface ProgramText {
  /** A string bare, anything else as JSON text. */
  readonly text: (name: string, value: Json) => string;
  /** As JSON. */
  readonly json: (name: string, value: Json) => string;
}

/** Of the parameters of a space. */
export function programText(_space: Readonly<Record<string, ParameterSpec>>): ProgramText {
  return { text: (_, value) => toText(value), json: (_, value) => JSON.stringify(value) };
}

/** All parameters of a trial as one JSON object. */
export function jsonOfParameters(write: ProgramText, parameters: Parameters): string {
  const members = Object.entries(parameters).map(
    ([name, value]) => `${JSON.stringify(name)}:${write.json(name, value)}`,
  );
  return `{${members.join(',')}}`;
}
