import type { Argument, Command, Option } from 'commander';
import { EXAMPLES } from '../cli/examples.ts';
import { commands } from '../cli/program.ts';
import { outputTo } from '../cli/terminal/output.ts';

/** Every command as its own help declares it: what it does, its options, and how people type it. */
export function commandReference(): string {
  const program = commands(outputTo(process.stdout, process.stderr, false), () => {});
  const all = [...program.commands].sort((a, b) => a.name().localeCompare(b.name()));
  return all.map(section).join('\n\n');
}

function section(command: Command): string {
  const options = command.options
    .filter(isOwn)
    .map(
      ({ flags, description, argChoices }) =>
        `| ${code(flags)} | ${cell(description)}${argChoices === undefined ? '' : `: ${argChoices.join(', ')}`} |`,
    );
  const examples = EXAMPLES[command.name()] ?? [];
  return [
    `## ${command.name()}`,
    '',
    `${code([command.name(), ...command.registeredArguments.map(written)].join(' '))}: ${command.description()}.`,
    ...(options.length === 0 ? [] : ['', '| option | does |', '| --- | --- |', ...options]),
    ...(examples.length === 0 ? [] : ['', '<!-- needs: a sweep of yours -->', '```sh', ...examples, '```']),
  ].join('\n');
}

/** Options that look the same everywhere stand once, at the top of the page. */
const isOwn = ({ long, description }: Option): boolean =>
  !['--json', '--local', '--aws'].includes(long ?? '') &&
  !/^(the stack to look in|the workdir of the sweep)/.test(description);

function written(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
const code = (text: string): string => `\`${text}\``;
