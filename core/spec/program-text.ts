import type { Json } from '../base/json.ts';
import { toText } from '../base/text.ts';

/** How the value of a parameter is written for a program, wherever a placeholder asks for it. */
export interface ProgramText {
  /** As an argument carries it: a string bare, anything else as JSON text. */
  readonly text: (name: string, value: Json) => string;
  /** As JSON. */
  readonly json: (name: string, value: Json) => string;
}

export const programText: ProgramText = {
  text: (_, value) => toText(value),
  json: (_, value) => JSON.stringify(value),
};
