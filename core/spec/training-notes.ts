import { placed } from './command.ts';
import { isContractPlaceholder } from './contract-values.ts';
import { scriptIn } from './shell-script.ts';
import type { Spec } from './spec.ts';
import { CONTRACT_VARIABLES, variableOf } from './variables.ts';

/**
 * What is allowed in a spec's training and most likely not meant: variables where no shell reads them. `$EPOCHS` reaches
 * the program as these seven characters.
 */
export function trainingNotes({ training, search }: Pick<Spec, 'training' | 'search'>): string[] {
  const parameters = new Map(Object.keys(search.space).map((name) => [variableOf(name), name]));
  const readable = new Set<string>([...CONTRACT_VARIABLES, ...parameters.keys()]);
  const elements = placed(training.command ?? []);
  const script = scriptIn(elements.map(({ element }) => element));
  const texts = [
    ...elements.flatMap(({ element, index }, place) =>
      place === script ? [] : [{ field: `training.command[${index}]`, text: element }],
    ),
    ...Object.entries(training.environment).flatMap(([name, value]) =>
      typeof value === 'string' ? [{ field: `training.environment.${name}`, text: value }] : [],
    ),
  ];
  return texts.flatMap(({ field, text }) => {
    const variable = variableIn(text, readable);
    if (variable === null) return [];
    const { written, name } = variable;
    return [
      `${field}: ${written} reaches the program as it stands here, because no shell reads it; ${remedy(name, parameters.get(name))}`,
    ];
  });
}

function remedy(variable: string, parameter: string | undefined): string {
  const placeholder = parameter ?? (isContractPlaceholder(variable) ? variable : null);
  return placeholder === null ? `have the program read its variable ${variable}` : `write {${placeholder}} instead`;
}

/** The first known variable that a text names as a shell would. */
function variableIn(text: string, readable: ReadonlySet<string>): { written: string; name: string } | null {
  for (const [written, braced, bare] of text.matchAll(/\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))/g)) {
    const name = braced ?? bare!;
    if (readable.has(name)) return { written, name };
  }
  return null;
}
