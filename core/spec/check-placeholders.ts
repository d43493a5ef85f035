import type { Json } from '../base/json.ts';
import { didYouMean, show } from '../base/text.ts';
import { ARGS_FORMS } from './args.ts';
import { CONTRACT_PLACEHOLDERS, isContractPlaceholder } from './contract-values.ts';
import { placeholdersIn } from './placeholders.ts';
import type { AddProblem } from './problems.ts';
import type { ParsedSpec } from './spec.ts';
import { quotesFor, unquotedPlaceholder } from './unquoted.ts';

const inBraces = (name: string) => `{${name}}`;

/** Reports every placeholder of a text that nothing fills. */
export function checkPlaceholders(text: string, field: string, spec: ParsedSpec, addProblem: AddProblem): void {
  for (const name of placeholdersIn(text)) {
    const flaw = placeholderFlaw(name, spec);
    if (flaw !== null) addProblem(field, `received {${name}}, ${flaw}`);
  }
}

function placeholderFlaw(name: string, { search, training }: ParsedSpec): string | null {
  const isParameter = Object.hasOwn(search.space, name);
  if (ARGS_FORMS.includes(name))
    return isParameter
      ? `which stands for all parameters, but there is a parameter of that name too; rename the parameter`
      : null;
  if (isParameter) return null;
  if (name === 'DATA_DIR' && training.data === undefined)
    return 'but the sweep has no data; add training.data, or remove it';
  if (isContractPlaceholder(name)) return null;
  const parameters = Object.keys(search.space);
  const candidates = [...ARGS_FORMS, ...parameters, ...CONTRACT_PLACEHOLDERS];
  return `but there is no parameter named ${name}; allowed: ${['args', ...parameters].map(inBraces).join(', ')}, the other forms of {args}, and ${CONTRACT_PLACEHOLDERS.map(inBraces).join(', ')}${didYouMean(name, candidates, inBraces)} (write {{${name}}} for a literal {${name}})`;
}

/** Of a document: every string in it is filled, no key is. */
export function checkPlaceholdersWithin(value: Json, field: string, spec: ParsedSpec, addProblem: AddProblem): void {
  if (typeof value === 'string') checkPlaceholders(value, field, spec, addProblem);
  else if (Array.isArray(value))
    for (const [index, item] of value.entries()) checkPlaceholdersWithin(item, `${field}[${index}]`, spec, addProblem);
  else if (value !== null && typeof value === 'object') {
    const bare = unquotedPlaceholder(value);
    if (bare !== null && isFilled(bare, spec)) addProblem(field, `received ${show(value)}; ${quotesFor(bare)}`);
    for (const [key, item] of Object.entries(value)) {
      if (placeholdersIn(key).length > 0)
        addProblem(
          field,
          `received the key ${key}; allowed: placeholders in values only; write the file as one text to have them in keys`,
        );
      checkPlaceholdersWithin(item, `${field}.${key}`, spec, addProblem);
    }
  }
}

const isFilled = (name: string, { search }: ParsedSpec): boolean =>
  ARGS_FORMS.includes(name) || isContractPlaceholder(name) || Object.hasOwn(search.space, name);
