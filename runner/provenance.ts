import { execFile } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { promisify } from 'node:util';
import * as z from 'zod';
import { fileListSchema } from '../core/layout/file-changes.ts';
import type { GitState } from '../core/layout/git-state.ts';
import { sourceListKey } from '../core/layout/inputs.ts';
import { fewPackages, gpuModels, type Provenance, pythonOf } from '../core/trial/provenance.ts';
import { readJson } from '../storage/json.ts';
import type { ObjectStore } from '../storage/store.ts';

/** Beside the program, which most often takes longer: no trial is to wait for what only its report needs. */
const TIMEOUT_MS = 20_000;

/** Names as pip compares them; of two of a name Python imports the first. */
const PROBE = `
import importlib.metadata, json, platform, re
packages = {}
for found in importlib.metadata.distributions():
    name = found.metadata["Name"]
    if name:
        packages.setdefault(re.sub(r"[-_.]+", "-", name).lower(), found.version or "")
print(json.dumps({"version": platform.python_version(), "packages": packages}))
`;
const probedSchema = z.object({ version: z.string(), packages: z.record(z.string(), z.string()) });

/** What decides which packages a Python finds. Of the program's other variables some are secrets. */
const PYTHON_VARIABLES =
  /^(PATH|HOME|LD_LIBRARY_PATH|VIRTUAL_ENV|CONDA_PREFIX|PYTHON(PATH|HOME|USERBASE|NOUSERSITE)|PYENV_.*|LANG|LC_.*)$/;

/** What is started, and with what. */
interface Started {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** Finds out, while a program runs, where it comes from and what it runs on. Omits what cannot be found out. */
export class ProvenanceWatch {
  readonly #end = new AbortController();
  #found: Promise<Provenance | undefined> = Promise.resolve(undefined);

  /** @param folder empty of Python modules: what lies where a Python starts goes before its own */
  begin(store: ObjectStore, source: string | undefined, setup: Started, folder: string): void {
    this.#found = lookAt(store, source, setup, folder, this.#end.signal).catch(() => undefined);
  }

  found(): Promise<Provenance | undefined> {
    return this.#found;
  }

  /** Of an attempt that leaves no result. */
  stop(): void {
    this.#end.abort();
  }
}

async function lookAt(
  store: ObjectStore,
  source: string | undefined,
  { command, environment }: Started,
  folder: string,
  signal: AbortSignal,
): Promise<Provenance> {
  const options = { timeout: TIMEOUT_MS, killSignal: 'SIGKILL', signal } as const;
  const [git, python, gpus] = await Promise.all([
    gitOf(store, source).catch(() => undefined),
    packagesOf(command, environment, { ...options, cwd: folder }).catch(() => undefined),
    modelsHere(environment['CUDA_VISIBLE_DEVICES'], options).catch(() => []),
  ]);
  const processors = cpus();
  return {
    ...(git === undefined ? {} : { git }),
    ...(python === undefined ? {} : { python }),
    machine: {
      cpu: processors[0]?.model.trim() || 'an unknown processor',
      cores: processors.length,
      memoryBytes: totalmem(),
      gpus,
    },
  };
}

async function gitOf(store: ObjectStore, source: string | undefined): Promise<GitState | undefined> {
  const key = source === undefined ? null : sourceListKey(source);
  return key === null ? undefined : (await readJson(store, key, fileListSchema))?.git;
}

type Options = { readonly timeout: number; readonly killSignal: 'SIGKILL'; readonly signal: AbortSignal };

async function packagesOf(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
  options: Options & { readonly cwd: string },
): Promise<Provenance['python']> {
  const python = pythonOf(command);
  if (python === null) return undefined;
  const env = Object.fromEntries(Object.entries(environment).filter(([name]) => PYTHON_VARIABLES.test(name)));
  const { stdout } = await promisify(execFile)(python, ['-c', PROBE], { ...options, env, maxBuffer: 4 * 1024 * 1024 });
  const { version, packages } = probedSchema.parse(JSON.parse(stdout));
  return { version, packages: fewPackages(packages) };
}

async function modelsHere(visible: string | undefined, options: Options): Promise<string[]> {
  if (visible === '') return [];
  return gpuModels((await promisify(execFile)('nvidia-smi', ['-L'], options)).stdout, visible);
}
