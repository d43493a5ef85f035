import { variableOf } from '../../core/spec/variables.ts';
import { optionOf } from './configuration.ts';
import type { Interface, Option } from './option.ts';
import type { Print } from './printed.ts';
import type { literalOf } from './python.ts';
import { roleOf } from './roles.ts';

/** The place of a line, as `train.R:12`. */
export type Places = (line: number) => string;

export interface OtherProgram {
  readonly interface: Interface | null;
  readonly prints: readonly Print[];
  /** Where it reads the variable EPOCHS, and what it takes without it. */
  readonly epochsVariable: { readonly count: number | null; readonly place: string } | null;
  /** The Python script that it starts. */
  readonly started: { readonly script: string; readonly isGivenAll: boolean } | null;
}

/**
 * A variable that a script reads from its environment.
 * @param fallback what it takes without it; a text that is a number counts as one
 */
export function variableRead(variable: string, fallback: ReturnType<typeof literalOf>, place: string): Option {
  const isNumber = fallback !== undefined && fallback !== '' && Number.isFinite(Number(fallback));
  const value = isNumber ? Number(fallback) : fallback;
  return { ...optionOf(variable.toLowerCase(), 'variable', value, undefined, place), variable };
}

/** Arguments by their places; none where one of the places is not known. */
export function inOrder(options: readonly Option[]): Option[] {
  const sorted = options
    .filter(({ position }, index) => options.findIndex((other) => other.position === position) === index)
    .sort((a, b) => a.position! - b.position!);
  return sorted.some(({ position }, index) => position !== index + 1) ? [] : sorted;
}

/**
 * What a script sets itself and reads from nowhere.
 * @param written the line that reads it from a variable
 */
export function constantsOf(
  settings: readonly Option[],
  written: (option: Option, value: number, variable: string) => string,
): Interface | null {
  const options = settings.filter(
    (option, index) =>
      typeof option.fallback === 'number' &&
      /^(parameter|epochs|seed)$/.test(roleOf(option)) &&
      settings.findIndex(({ name }) => name === option.name) === index,
  );
  if (!options.some((option) => roleOf(option) === 'parameter')) return null;
  const lines = options.map((option) => {
    const role = roleOf(option);
    const variable = role === 'epochs' ? 'EPOCHS' : role === 'seed' ? 'SEED' : variableOf(option.name);
    return `${written(option, option.fallback as number, variable)} (${option.place})`;
  });
  return {
    kind: 'constants',
    form: null,
    words: [],
    options,
    notes: [],
    toDo: [`Make the script read what it sets itself: ${lines.join(', ')}. Until then every trial trains the same.`],
  };
}

/** Of variables and places, what the trial's own EPOCHS fills left out. */
export function ofGiven(
  given: readonly Option[],
): Pick<OtherProgram, 'epochsVariable'> & { readonly interface: Interface | null } {
  const epochs = given.find(({ variable }) => variable === 'EPOCHS');
  const options = given.filter((option) => option !== epochs);
  // A trial has its parameters in capitals.
  const small = options.filter(
    (option) =>
      option.variable !== null && option.variable !== option.variable.toUpperCase() && roleOf(option) === 'parameter',
  );
  return {
    interface:
      options.length === 0
        ? null
        : {
            kind: 'environment variables',
            form: null,
            words: [],
            options,
            notes: [],
            environment: Object.fromEntries(small.map(({ name, variable }) => [variable!, `{${name}}`])),
          },
    epochsVariable:
      epochs === undefined
        ? null
        : { count: typeof epochs.fallback === 'number' ? epochs.fallback : null, place: epochs.place },
  };
}
