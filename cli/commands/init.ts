import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { badInput } from '../../core/base/errors.ts';
import { show } from '../../core/base/text.ts';
import { specName } from '../../core/import/common.ts';
import { shellQuoted } from '../../core/spec/shell-script.ts';
import { packageRoot } from '../../inputs/paths.ts';
import { draftSpec } from '../../inputs/script/draft.ts';
import { readProgramFolder } from '../../inputs/script/folder.ts';
import { launcherOf } from '../../inputs/script/parts.ts';
import { yamlValue } from '../../inputs/script/roles.ts';
import { filePlace } from '../lookup/file-place.ts';

export interface InitOptions {
  /** The training script; default: the likeliest in the folder. */
  readonly from?: string;
}

/**
 * Writes a first spec for the program beside it. Never overwrites a file. If `named` is a script, that is the program
 * and the spec is sweep.yaml.
 */
export function init(named: string, given: InitOptions): { readonly file: string; readonly script?: string } {
  const isProgram = launcherOf(named) !== null && given.from === undefined;
  const file = isProgram ? 'sweep.yaml' : named;
  const options = isProgram ? { from: named } : given;
  const path = resolve(file);
  const isOther = !/\.\w*ya?ml$|\.json$/.test(file) && statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  if (file.endsWith('.ipynb') || isOther) throw badInput('', `received ${show(file)}; ${otherProgram(file)}`);
  if (!/\.ya?ml$/.test(file))
    throw badInput(
      '',
      `received ${show(file)}; allowed: a file that ends in .yaml or .yml, as in sweep init other.yaml, or the script that trains`,
    );
  filePlace('', file, 'sweep.yaml');
  if (existsSync(path)) throw badInput('', `${path} already exists; name another file: sweep init other.yaml`);
  const folder = dirname(path);
  const from = options.from === undefined ? null : scriptIn(folder, options.from);
  const name = yamlValue(specName(basename(folder)));
  const schema = pathToFileURL(`${packageRoot}/sweep.schema.json`).href;
  const start = `# yaml-language-server: $schema=${schema}\nname: ${name}\n`;
  const { text, script } = draftSpec(readProgramFolder(folder), from, start, TEMPLATE);
  writeFileSync(path, text, { flag: 'wx' });
  return { file: path, ...(script === null ? {} : { script }) };
}

function scriptIn(folder: string, from: string): string {
  const path = resolve(from);
  const name = relative(folder, path).split(sep).join('/');
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true)
    throw badInput('--from', `received ${show(from)}, but there is no such file; name the script that trains`);
  if (launcherOf(path) === null) throw badInput('--from', `received ${show(from)}; ${otherProgram(from)}`);
  if (name.startsWith('../'))
    throw badInput(
      '--from',
      `received ${show(from)}, which is not in ${folder}; put the spec in the script's folder or one above it`,
    );
  return name;
}

const converted = (notebook: string): string =>
  `make a script of the notebook: jupyter nbconvert --to script ${shellQuoted(notebook)}`;

const otherProgram = (from: string): string =>
  from.endsWith('.ipynb')
    ? `allowed: a script; ${converted(from)}`
    : 'allowed: a script of Python, a shell, R, Julia, Perl, Ruby, Lua or Node; for another program, run sweep init without it, and name its command in training.command';

/** What is said where no script was found. */
export function generalStart(file: string): string {
  const notebook = readdirSync(dirname(file)).find((name) => name.endsWith('.ipynb'));
  const remedy =
    notebook === undefined
      ? 'to have yours read, name it: sweep init other.yaml --from SCRIPT'
      : `${converted(notebook)} && sweep init other.yaml`;
  return `, a general start, because no script here looks as if it trained a model; ${remedy}`;
}

const TEMPLATE = `search:
  strategy: sobol                # grid | random | sobol | bayesian | halving
  trials: 16
  space:
    learning_rate: { min: 0.0001, max: 0.1, scale: log }
    batch_size: [32, 64, 128]
objective:
  metric: val_accuracy           # a key in the metrics lines
  goal: maximize
training:
  # The built-in trainer needs one folder of images per class.
  # To run your own program, set its command; {args} becomes --learning_rate=0.01 --batch_size=64:
  #   command: [python, train.py, "{args}"]
  #   source: .
  data: ./data
  epochs: 10
tolerance: { failedTrials: 25% }
`;
