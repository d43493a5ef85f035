import { abslInterface } from './absl.ts';
import { argparseInterface } from './argparse.ts';
import { argvInterface, CONSTANTS, constantsInterface } from './by-hand.ts';
import { configFileInterface } from './config-file.ts';
import {
  type ConfigFile,
  folderOf,
  globalsInterface,
  hydraInterface,
  joined,
  omegaInterface,
  variablesInterface,
  variablesRead,
} from './configuration.ts';
import { dataclassInterface, huggingFaceInterface, lightningInterface } from './dataclasses.ts';
import { docoptInterface } from './docopt.ts';
import { clickInterface, fireInterface, typerInterface } from './functions.ts';
import { lastResorts, metricsOf } from './metrics.ts';
import { type Module, moduleOf } from './module.ts';
import { type Interface, placeIn } from './option.ts';
import { readOther } from './other-languages.ts';
import type { OtherProgram } from './other-program.ts';
import { type MetricFound, metricsIn } from './printed.ts';
import { settingsFields, settingsInterface } from './pydantic.ts';
import { literalOf, nameOf, positionalOf } from './python.ts';
import { roleOf } from './roles.ts';
import { searcherInterface } from './searchers.ts';
import { wandbInterface } from './trackers.ts';

/** The texts of a folder with somebody's programs; names are relative to it, with `/`. */
export interface ProgramFolder {
  /** Python files. */
  readonly scripts: ReadonlyMap<string, string>;
  /** Scripts of a shell, R and Julia. */
  readonly others: ReadonlyMap<string, string>;
  /** Files of YAML, JSON and TOML. */
  readonly configs: readonly ConfigFile[];
  /** Every file and folder, those that are read included. */
  readonly files: ReadonlySet<string>;
  readonly folders: ReadonlySet<string>;
}

/** What is known of a script without running it. */
export interface Program {
  readonly script: string;
  /** The script first, then what it imports of the folder. */
  readonly modules: readonly Module[];
  readonly interface: Interface | null;
  readonly metrics: readonly MetricFound[];
  /** How many epochs its loop has, where no option says it; null also of one that reads the variable EPOCHS. */
  readonly ownEpochs: { readonly count: number; readonly place: string } | null;
  /** Where it reads the variable EPOCHS, and what it takes without it. */
  readonly epochsVariable: { readonly count: number | null; readonly place: string } | null;
  /** The variables of SageMaker's containers that it reads, each with where. */
  readonly sageMaker: ReadonlyMap<string, string>;
}

export function readProgram(folder: ProgramFolder, script: string): Program {
  const text = folder.others.get(script);
  return text === undefined ? readPython(folder, script) : ofOther(folder, script, readOther(script, text));
}

/** A script that hands its arguments on to one of Python takes what that takes, and prints what it prints. */
function ofOther(
  folder: ProgramFolder,
  script: string,
  { interface: own, prints, epochsVariable, started }: OtherProgram,
): Program {
  const found = [started?.script ?? '', joined(folderOf(script), started?.script ?? '')].find((name) =>
    folder.scripts.has(name),
  );
  const inner = found === undefined ? null : readPython(folder, found);
  const metrics = metricsIn(prints).map(
    ({ pattern, ...each }): MetricFound => ({ ...each, source: { kind: 'pattern', pattern } }),
  );
  const isOfInner = inner?.interface != null && started!.isGivenAll && (own === null || own.kind === CONSTANTS);
  const toDo =
    inner === null || isOfInner
      ? []
      : [`It starts ${found}, whose own settings init can read as well: sweep init --from ${found}`];
  return {
    script,
    modules: inner?.modules ?? [],
    interface: isOfInner ? inner.interface : own === null ? null : { ...own, toDo: [...(own.toDo ?? []), ...toDo] },
    metrics: [...metrics, ...(inner?.metrics ?? [])].sort((a, b) => b.score - a.score),
    ownEpochs: isOfInner ? inner.ownEpochs : null,
    epochsVariable: epochsVariable ?? inner?.epochsVariable ?? null,
    sageMaker: inner?.sageMaker ?? new Map(),
  };
}

function readPython(folder: ProgramFolder, script: string): Program {
  const modules = modulesOf(folder, script);
  const face = interfaceOf(modules, folder);
  return {
    script,
    modules,
    interface: face,
    metrics: bestMetrics(modules, face?.kind ?? ''),
    ownEpochs: epochsOfLoop(modules),
    epochsVariable: epochsRead(modules),
    sageMaker: sageMakerVariables(modules),
  };
}

const MAX_MODULES = 30;

function modulesOf({ scripts }: ProgramFolder, script: string): Module[] {
  const modules: Module[] = [];
  const wanted = [script];
  for (const file of wanted) {
    const text = scripts.get(file);
    if (text === undefined || modules.length === MAX_MODULES) continue;
    const module = moduleOf(file, text);
    modules.push(module);
    for (const name of module.imports)
      for (const found of filesOf(name, file, script, scripts)) if (!wanted.includes(found)) wanted.push(found);
  }
  return modules;
}

/** The files that an import may mean: beside the script, beside the importing file, or from the folder. */
function filesOf(name: string, from: string, script: string, scripts: ReadonlyMap<string, string>): string[] {
  const dots = /^\.*/.exec(name)![0].length;
  let base = folderOf(from);
  for (let up = 1; up < dots; up++) base = folderOf(base);
  const path = name.slice(dots).replaceAll('.', '/');
  const bases = dots > 0 ? [base] : [folderOf(script), ''];
  const candidates = bases.flatMap((at) => {
    const stem = [at, path].filter((part) => part !== '').join('/');
    return [`${stem}.py`, `${stem}/__init__.py`];
  });
  return candidates.filter((file) => scripts.has(file));
}

/**
 * How the program takes its settings: of several ways the first that has something to search. Those that own the command
 * line come before those that any program may use as well.
 */
function interfaceOf(
  modules: readonly Module[],
  { configs, scripts }: Pick<ProgramFolder, 'configs' | 'scripts'>,
): Interface | null {
  const all = [
    hydraInterface(modules, configs),
    lightningInterface(modules),
    huggingFaceInterface(modules),
    fireInterface(modules),
    typerInterface(modules),
    clickInterface(modules),
    abslInterface(modules, scripts),
    dataclassInterface(modules),
    docoptInterface(modules),
    argparseInterface(modules),
    globalsInterface(modules),
    omegaInterface(modules, configs),
    searcherInterface(modules),
    wandbInterface(modules),
    argvInterface(modules),
    settingsInterface(modules),
    variablesInterface(modules),
  ].filter((each) => each !== null);
  const searched = all.find(({ options }) => options.some((option) => roleOf(option) === 'parameter'));
  const [first = null] = all;
  if (searched !== undefined) return searched;
  const constants = first === null || first.options.length > 0 ? constantsInterface(modules, first) : null;
  return configFileInterface(modules, configs, first) ?? constants ?? first;
}

function bestMetrics(modules: readonly Module[], kind: string): MetricFound[] {
  const found = metricsOf(modules, kind);
  const others = lastResorts(modules, kind);
  return [...found, ...others].sort((a, b) => b.score - a.score);
}

/** `for epoch in range(10)`, `range(1, EPOCHS + 1)` */
function epochsOfLoop(modules: readonly Module[]): Program['ownEpochs'] {
  for (const module of modules)
    for (const { tokens, line } of module.statements) {
      const at = tokens.findIndex(({ text }) => text === 'range');
      if (tokens[0]?.text !== 'for' || !/^epochs?(_|$)|^ep$/.test(tokens[1]?.text ?? '') || at < 0) continue;
      const call = module.calls.find(({ callee, line: on }) => callee === 'range' && on === tokens[at]!.line);
      const last = call === undefined ? undefined : positionalOf(call).at(-1);
      const name = nameOf(last?.slice(0, 1));
      const count =
        literalOf(last, module.constants) ??
        (name === null ? undefined : literalOf(last!.slice(0, 1), module.constants));
      if (typeof count === 'number' && Number.isInteger(count) && count > 0)
        return { count, place: placeIn(module, line) };
    }
  return null;
}

function epochsRead(modules: readonly Module[]): Program['epochsVariable'] {
  for (const module of modules) {
    const fields = settingsFields(module).map(({ variable, fallback, line }) => ({ name: variable, fallback, line }));
    for (const { name, fallback, line } of [...variablesRead(module), ...fields]) {
      const count = Number(literalOf(fallback ?? undefined, module.constants) ?? Number.NaN);
      if (name === 'EPOCHS')
        return { count: Number.isInteger(count) && count > 0 ? count : null, place: placeIn(module, line) };
    }
  }
  return null;
}

function sageMakerVariables(modules: readonly Module[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const module of modules)
    for (const { name, line } of variablesRead(module))
      if (name.startsWith('SM_') && !found.has(name)) found.set(name, placeIn(module, line));
  return found;
}
