import { PARAMETER_NAME } from '../spec/patterns.ts';
import { freeName, reservedBecause, variableOf } from '../spec/variables.ts';
import { isMap, type Written, type WrittenMap } from './foreign.ts';

/** A parameter of the other tool. */
export interface ForeignParameter {
  /** As the other tool names it, a nested one by its keys. */
  readonly keys: readonly string[];
  /** What stands for it in a command: its name here, or a value of the contract such as EPOCHS. */
  readonly placeholder: string;
  /** Its values, as the spec has them; null: a value of the contract. */
  readonly values: Written | null;
}

/** How one tool hands parameters to its program, a word each. */
export type WordForm = (name: string) => string;

/**
 * Names here for the names there, in their order: characters that we have not become `_`, and a name whose variable means
 * something to others gets a free one.
 */
export function namesFor(names: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set<string>();
  const found = new Map<string, string>();
  for (const name of names) {
    const cleaned = name.replaceAll(/[^A-Za-z0-9_.-]/g, '_');
    const legal = PARAMETER_NAME.test(cleaned) ? cleaned : `p_${cleaned}`;
    let own = reservedBecause(variableOf(legal)) === null ? legal : freeName(legal);
    while (taken.has(variableOf(own))) own += '_2';
    taken.add(variableOf(own));
    found.set(name, own);
  }
  return found;
}

/** Whether a form such as `{args}` hands a parameter over by the name that the program knows. */
export const keepsName = ({ keys, placeholder, values }: ForeignParameter): boolean =>
  values !== null && keys.length === 1 && keys[0] === placeholder;

/** The words for parameters that no form of `{args}` fits: one for each, nested ones together as a dictionary of Python. */
export function explicitWords(parameters: readonly ForeignParameter[], form: WordForm): string[] {
  const tops = new Set(parameters.map(({ keys }) => keys[0]!));
  return [...tops].map((top) => {
    const own = parameters.filter(({ keys }) => keys[0] === top);
    const isNested = own.some(({ keys }) => keys.length > 1);
    return `${form(top)}${isNested ? nested(own, 1, "'") : `{${own[0]!.placeholder}}`}`;
  });
}

/** All parameters as a document of `training.files`, nested as they are there. */
export function explicitDocument(parameters: readonly ForeignParameter[], depth = 0): WrittenMap {
  const keys = [...new Set(parameters.map((parameter) => parameter.keys[depth]!))];
  return Object.fromEntries(
    keys.map((key) => {
      const below = parameters.filter((parameter) => parameter.keys[depth] === key);
      const isLeaf = below.length === 1 && below[0]!.keys.length === depth + 1;
      return [key, isLeaf ? `{${below[0]!.placeholder}}` : explicitDocument(below, depth + 1)];
    }),
  );
}

/** All parameters as one JSON object, nested as they are there. */
export const explicitJson = (parameters: readonly ForeignParameter[]): string => nested(parameters, 0, '"');

/** Those below one key as Python writes a dictionary (`'`), or as JSON (`"`). */
function nested(parameters: readonly ForeignParameter[], depth: number, quote: string): string {
  const [first] = parameters;
  if (parameters.length === 1 && first!.keys.length === depth)
    return isText(first!.values) ? `${quote}{${first!.placeholder}}${quote}` : `{${first!.placeholder}}`;
  const members = [...new Set(parameters.map(({ keys }) => keys[depth]!))].map((key) => {
    const below = parameters.filter(({ keys }) => keys[depth] === key);
    return `${quote}${key}${quote}: ${nested(below, depth + 1, quote)}`;
  });
  // The blank keeps our own braces from being read as a placeholder's.
  return `{ ${members.join(', ')} }`;
}

/** The values of a list; none of a range. */
const listed = (values: Written | null): readonly Written[] => {
  const list = isMap(values ?? undefined) ? (values as WrittenMap)['choices'] : values;
  return Array.isArray(list) ? (list as readonly Written[]) : [];
};

const isText = (values: Written | null): boolean =>
  listed(values).length > 0 && listed(values).every((value) => typeof value === 'string');

/** Whether the values reach a Python program alike as JSON and as Python writes them: numbers and texts. */
export const isPlainInPython = ({ values }: ForeignParameter): boolean => listed(values).every(isPlain);

/** The same where true and false are not written at all: a flag is given, or not. */
export const isPlainOrTruth = ({ values }: ForeignParameter): boolean =>
  listed(values).every((value) => typeof value === 'boolean' || isPlain(value));

const isPlain = (value: Written): boolean => ['string', 'number', 'bigint'].includes(typeof value);

/** Text of the other tool's command in which nothing is a placeholder of ours. */
export const literal = (text: string): string => text.replaceAll(/\{([A-Za-z_][A-Za-z0-9_.-]*)\}/g, '{{$1}}');
