import { variablesTable } from '../core/spec/runner-variables.ts';
import { configTable } from '../stacks/config-table.ts';
import { commandReference } from './command-reference.ts';
import { specReference } from './spec-reference.ts';

/** The parts of docs/ that are made of schemas, declarations, and the commands' own help. */
export const GENERATED: readonly { readonly file: string; readonly name: string; readonly text: () => string }[] = [
  { file: 'docs/spec-reference.md', name: 'spec', text: specReference },
  { file: 'docs/commands.md', name: 'commands', text: commandReference },
  { file: 'docs/running-on-aws.md', name: 'configuration', text: configTable },
  { file: 'docs/your-own-training-code.md', name: 'variables', text: variablesTable },
];

/** The page with the text between its marks `<!-- generated: NAME, by tools/docs.ts -->` and `<!-- end: NAME -->`. */
export function withGenerated(page: string, name: string, text: string): string {
  const begin = `<!-- generated: ${name}, by tools/docs.ts -->\n`;
  const end = `\n<!-- end: ${name} -->`;
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from === -1 || to === -1) throw new Error(`the page lacks the marks of ${name}`);
  return page.slice(0, from + begin.length) + text + page.slice(to);
}
