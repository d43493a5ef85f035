import { shellQuoted } from '../spec/shell-script.ts';
import type { Draft } from './draft.ts';
import type { Entry } from './foreign.ts';
import {
  explicitDocument,
  explicitJson,
  explicitWords,
  type ForeignParameter,
  isPlainInPython,
  isPlainOrTruth,
  keepsName,
  literal,
} from './names.ts';

/**
 * The command of a W&B sweep. Macros: https://docs.wandb.ai/models/sweeps/define-sweep-configuration; the words that they
 * become: https://github.com/wandb/wandb, wandb/sdk/launch/sweeps/utils.py.
 */
export function wandbCommand(
  draft: Draft,
  program: Entry | undefined,
  command: Entry | undefined,
  parameters: readonly ForeignParameter[],
): void {
  const place = ['training', 'command'];
  const elements = command?.list().map((element) => element.string()) ?? DEFAULT;
  const file = program?.string();
  if (file === undefined && elements.includes('${program}'))
    draft.remark(place, command ?? null, 'program', 'the file names none; replace train.py with yours');
  const macros = new Macros(draft, command ?? program ?? null, parameters);
  const pieces = elements.flatMap((element, index): Piece[] => {
    // A variable is set by env alone; otherwise it would only find the program, as the start does anyway.
    if (element === '${env}') return elements[index + 1]?.includes('=') ? [{ text: '/usr/bin/env' }] : [];
    if (element === '${interpreter}') return [{ text: 'python' }];
    if (element === '${program}') return [{ text: literal(file ?? 'train.py') }];
    const macro = /^\$\{(\w+)\}$/.exec(element)?.[1];
    if (macro !== undefined) return macros.words(macro).map((text) => ({ text }));
    return [{ text: literal(element), isOwn: true }];
  });
  const variables = pieces.some(({ text, isOwn }) => isOwn && ENVVAR.test(text));
  const words = pieces.map(({ text }) => text);
  draft.set(
    place,
    variables ? ['sh', '-c', script(pieces)] : words,
    command ?? program ?? null,
    command === undefined ? "W&B's default command" : null,
  );
  draft.set(['training', 'source'], '.', null, 'the folder of this file');
  configFile(draft, parameters);
  if (variables)
    draft.remark(
      place,
      command!,
      '${envvar:...}',
      'is read on the machine that runs the trial; on AWS, set it in training.environment',
    );
}

/**
 * What W&B's agent gives a program: values for wandb.config, in a file that this variable names. A form of `{args}` writes it
 * where names are the same; otherwise it is written out.
 */
function configFile(draft: Draft, parameters: readonly ForeignParameter[]): void {
  const variable = ['training', 'environment', 'WANDB_SWEEP_PARAM_PATH'];
  if (parameters.every(keepsName)) {
    draft.set(variable, '{args_wandb_file}', null, 'the values of wandb.config');
    return;
  }
  const values = Object.entries(explicitDocument(parameters)).map(([name, value]) => [name, { value }]);
  draft.set(['training', 'files', CONFIG_FILE], { wandb_version: 1n, ...Object.fromEntries(values) }, null);
  draft.set(variable, CONFIG_FILE, null, 'the values of wandb.config');
}

const CONFIG_FILE = 'wandb-config.json';

const DEFAULT = ['${env}', '${interpreter}', '${program}', '${args}'];

interface Piece {
  /** With our placeholders. */
  readonly text: string;
  /** An element of the file's own, in which a variable may be named. */
  readonly isOwn?: boolean;
}

const ENVVAR = /\$\{envvar:([A-Za-z_]\w*)\}/;

/** For a shell, which alone can put a variable into an argument. */
function script(pieces: readonly Piece[]): string {
  const words = pieces.map(({ text, isOwn }) => {
    if (!isOwn || !ENVVAR.test(text)) return /^[\w\-=./:{}]+$/.test(text) ? text : shellQuoted(text);
    return text
      .split(/(\$\{envvar:\w+\})/)
      .filter((part) => part !== '')
      .map((part) => {
        const [, variable] = ENVVAR.exec(part) ?? [];
        return variable === undefined ? shellQuoted(part) : `"$${variable}"`;
      })
      .join('');
  });
  return `exec ${words.join(' ')}`;
}

/** The macros that stand for parameters. */
class Macros {
  readonly #draft: Draft;
  readonly #from: Entry | null;
  readonly #parameters: readonly ForeignParameter[];

  constructor(draft: Draft, from: Entry | null, parameters: readonly ForeignParameter[]) {
    this.#draft = draft;
    this.#from = from;
    this.#parameters = parameters;
  }

  words(macro: string): string[] {
    const isAsNamed = this.#parameters.every(keepsName);
    switch (macro) {
      case 'args':
        return isAsNamed
          ? [this.#parameters.every(isPlainInPython) ? '{args}' : '{args_python}']
          : this.#explicit('--');
      case 'args_no_boolean_flags':
        return isAsNamed ? this.#asJson(['{args_no_boolean_flags}'], isPlainOrTruth) : this.#explicit('--');
      case 'args_no_hyphens':
        return isAsNamed ? this.#asJson(['{args_no_hyphens}']) : this.#explicit('');
      case 'args_append_hydra':
        return this.#explicit('+');
      case 'args_override_hydra':
        return this.#explicit('++');
      case 'args_json':
        return [isAsNamed ? '{args_json}' : explicitJson(this.#parameters)];
      case 'args_json_file':
        return [isAsNamed ? '{args_json_file}' : this.#file()];
      default:
        this.#remark(`\${${macro}}`, 'is not a W&B macro, so it is left out, as W&B does');
        return [];
    }
  }

  #explicit(hyphens: string): string[] {
    return this.#asJson(explicitWords(this.#parameters, (name) => `${hyphens}${name}=`));
  }

  /** Words in which a value that is not plain stands as JSON; W&B writes Python's form of it. */
  #asJson(words: readonly string[], isPlain = isPlainInPython): string[] {
    const odd = this.#parameters.filter((parameter) => !isPlain(parameter)).map(({ placeholder }) => placeholder);
    if (odd.length > 0)
      this.#remark('args', `${odd.join(', ')} reach the program as JSON (true, null), not as Python (True, None)`);
    return [...words];
  }

  #file(): string {
    const file = 'wandb-args.json';
    this.#draft.set(['training', 'files', file], explicitDocument(this.#parameters), this.#from);
    return file;
  }

  #remark(subject: string, message: string): void {
    this.#draft.remark(['training', 'command'], this.#from, subject, message);
  }
}
