import type { Command } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** A command as a shell completes it. */
interface Completed {
  readonly name: string;
  readonly description: string;
  readonly options: readonly {
    readonly long: string;
    readonly description: string;
    readonly values: readonly string[];
  }[];
  /** Whether its first argument is a sweep. */
  readonly takesSweep: boolean;
}

/** Lists the sweeps of this folder; asking the command itself would make each press of the key wait for Node. */
const SWEEPS = 'ls .sweepstack/store/sweeps 2>/dev/null';

/** The text that makes a shell complete commands, options, their values and the sweeps of this folder; else files. */
export function completionText(shell: Shell, program: Command): string {
  const commands = program.commands.map(completed);
  return { bash, zsh, fish }[shell](commands);
}

function completed(command: Command): Completed {
  const [argument] = command.registeredArguments;
  return {
    name: command.name(),
    description: command.description(),
    options: command.options.flatMap(({ long, description, argChoices }) =>
      long == null ? [] : [{ long, description, values: argChoices ?? [] }],
    ),
    takesSweep: argument !== undefined && /^ids?$/.test(argument.name()),
  };
}

function bash(commands: readonly Completed[]): string {
  const words = (list: readonly string[]) => `COMPREPLY=($(compgen -W '${list.join(' ')}' -- "$word"))`;
  const values = commands.flatMap(({ name, options }) =>
    options.filter((option) => option.values.length > 0).map((option) => ({ name, ...option })),
  );
  return `# sweep completion bash: source it, or put it into ~/.local/share/bash-completion/completions/sweep
_sweep() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]}
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    ${words(commands.map(({ name }) => name))}
    return
  fi
  case "$command $before" in
${values.map(({ name, long, values: allowed }) => `    '${name} ${long}') ${words(allowed)}; return ;;`).join('\n')}
  esac
  case "$word" in
    -*)
      case "$command" in
${commands.map(({ name, options }) => `        ${name}) ${words([...options.map(({ long }) => long), '--help'])} ;;`).join('\n')}
      esac
      return
      ;;
  esac
  case "$command" in
    ${sweepNames(commands).join('|')}) COMPREPLY=($(compgen -W "$(${SWEEPS})" -- "$word")) ;;
  esac
}
complete -o default -F _sweep sweep sweepstack
`;
}

const sweepNames = (commands: readonly Completed[]) =>
  commands.filter(({ takesSweep }) => takesSweep).map(({ name }) => name);

/** In single quotes, for a shell and for the brackets and colons of zsh's own syntax. */
const zshText = (text: string) => text.replaceAll("'", '’').replaceAll(/[[\]:\\]/g, '\\$&');

function zsh(commands: readonly Completed[]): string {
  const option = ({ long, description, values }: Completed['options'][number]) =>
    `'${long}[${zshText(description)}]${values.length === 0 ? '' : `:value:(${values.join(' ')})`}'`;
  const rest = ({ takesSweep }: Completed) =>
    takesSweep ? `'1:sweep:($(${SWEEPS}))' '*:file:_files'` : "'*:file:_files'";
  return `#compdef sweep sweepstack
# sweep completion zsh: put it into a folder of $fpath, as _sweep
_sweep() {
  local -a commands
  commands=(
${commands.map(({ name, description }) => `    '${name}:${zshText(description)}'`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${commands.map((command) => `    ${command.name}) _arguments ${[...command.options.map(option), rest(command)].join(' ')} ;;`).join('\n')}
  esac
}
compdef _sweep sweep sweepstack
`;
}

function fish(commands: readonly Completed[]): string {
  const text = (words: string) => `'${words.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = commands.flatMap(({ name, description, options, takesSweep }) => {
    const within = `-n '__fish_seen_subcommand_from ${name}'`;
    return [
      `complete -c sweep -f -n __fish_use_subcommand -a ${name} -d ${text(description)}`,
      ...options.map(({ long, description: what, values }) =>
        [
          `complete -c sweep ${within} -l ${long.slice(2)} -d ${text(what)}`,
          ...(values.length === 0 ? [] : [`-x -a '${values.join(' ')}'`]),
        ].join(' '),
      ),
      ...(takesSweep ? [`complete -c sweep ${within} -a '(${SWEEPS})'`] : []),
    ];
  });
  return `# sweep completion fish: put it into ~/.config/fish/completions/sweep.fish
${lines.join('\n')}
complete -c sweepstack -w sweep
`;
}
