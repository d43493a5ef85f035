import * as z from 'zod';
import { bytesText, firstOf } from '../base/text.ts';
import { cleanText, commitText, gitStateSchema } from '../layout/git-state.ts';

/**
 * Where a sweep's code came from and what trained it, as its first trial found it: the commit, the Python and its packages,
 * the machine. It decides nothing, and says where to look when numbers differ.
 */
export const provenanceSchema = z.object({
  git: gitStateSchema.optional(),
  python: z
    .object({
      version: z.string(),
      /** Versions by name, in the order of names. */
      packages: z.record(z.string(), z.string()),
    })
    .optional(),
  machine: z.object({
    cpu: z.string(),
    cores: z.int(),
    memoryBytes: z.number(),
    /** Those that the trial could use, by model. */
    gpus: z.array(z.string()),
  }),
});

export type Provenance = z.output<typeof provenanceSchema>;

/** The trial that records it: every sweep has it, whatever its strategy. */
export const recordsProvenance = ({ trial }: { readonly trial: number }): boolean => trial === 0;

/** A Python with more of them is somebody's everything. */
const MAX_PACKAGES = 500;

/** At most so many packages, the well-known ones among them, in the order of names. */
export function fewPackages(packages: Readonly<Record<string, string>>): Record<string, string> {
  const names = wellKnownFirst(Object.keys(packages).sort()).slice(0, MAX_PACKAGES).sort();
  return Object.fromEntries(names.map((name) => [name, packages[name]!.slice(0, 100)]));
}

/**
 * The Python that a command starts, by name or path; null where it has none that is known: `uv run` makes one of its own.
 */
export function pythonOf(command: readonly string[]): string | null {
  const [program = '', ...rest] = command;
  const words = [program, ...rest.flatMap((element) => element.split(/[\s;&|]+/))];
  const name = (word: string) => word.slice(word.lastIndexOf('/') + 1);
  if (['uv', 'poetry', 'pixi', 'conda', 'mamba', 'docker', 'apptainer'].includes(name(program))) return null;
  const python = words.find((word) => /^(python|pypy)[0-9.]*$/.test(name(word)));
  if (python !== undefined) return python;
  if (!/^(torchrun|accelerate|deepspeed|horovodrun|lightning|.*\.py)$/.test(name(program))) return null;
  return /^\/.*bin\//.test(program) ? `${program.slice(0, program.lastIndexOf('/'))}/python` : 'python';
}

/** What results most often depend on, the first to be named. */
const WELL_KNOWN = [
  ...[
    'torch',
    'torchvision',
    'lightning',
    'pytorch-lightning',
    'transformers',
    'peft',
    'accelerate',
    'datasets',
    'timm',
  ],
  ...[
    'tensorflow',
    'keras',
    'jax',
    'flax',
    'numpy',
    'scipy',
    'pandas',
    'scikit-learn',
    'xgboost',
    'lightgbm',
    'catboost',
  ],
];

/** Names of packages, the well-known ones first, then as they stand. */
function wellKnownFirst(names: readonly string[]): string[] {
  const known = WELL_KNOWN.filter((name) => names.includes(name));
  return [...known, ...names.filter((name) => !known.includes(name))];
}

/** `torch 2.4.0, numpy 1.26.4`: the well-known ones; empty where there are none. */
export const mainPackages = (packages: Readonly<Record<string, string>>): string =>
  WELL_KNOWN.flatMap((name) => (Object.hasOwn(packages, name) ? [`${name} ${packages[name]}`] : [])).join(', ');

/** `2 NVIDIA H200, 16 cores of Intel Xeon, 128.0 GB of memory` */
export function machineText({ cpu, cores, memoryBytes, gpus }: Provenance['machine']): string {
  const models = [...new Set(gpus)].map((model) => {
    const count = gpus.filter((one) => one === model).length;
    return count === 1 ? model : `${count} ${model}`;
  });
  return [
    ...models,
    `${cores} ${cores === 1 ? 'core' : 'cores'} of ${cpu}`,
    `${bytesText(memoryBytes)} of memory`,
  ].join(', ');
}

/** `from commit 1a2b3c4d5e on main, no uncommitted changes; with Python 3.12.3, torch 2.4.0; on 16 cores of ...` */
export function originText({ git, python, machine }: Provenance): string {
  const packages = mainPackages(python?.packages ?? {});
  return [
    ...(git === undefined ? [] : [`from commit ${commitText(git)}, ${cleanText(git)}`]),
    ...(python === undefined ? [] : [`with Python ${python.version}${packages === '' ? '' : `, ${packages}`}`]),
    `on ${machineText(machine)}`,
  ].join('; ');
}

/**
 * The models of the GPUs that a program may use.
 * @param listing what `nvidia-smi -L` prints
 * @param visible CUDA_VISIBLE_DEVICES; left out: all
 */
export function gpuModels(listing: string, visible?: string): string[] {
  const devices: { readonly name: string; readonly uuid: string; readonly model: string }[] = [];
  let gpu = '';
  for (const line of listing.split('\n')) {
    const [, index, model, uuid] = /^GPU ([0-9]+): (.+?) \(UUID: (GPU-[^)]+)\)/.exec(line) ?? [];
    if (model !== undefined) gpu = model;
    if (model !== undefined) devices.push({ name: index!, uuid: uuid!, model });
    const [, profile, part] = /^\s+MIG (\S+) .*\(UUID: (MIG-[^)]+)\)/.exec(line) ?? [];
    if (profile !== undefined) devices.push({ name: part!, uuid: part!, model: `${gpu} MIG ${profile}` });
  }
  if (visible === undefined) return devices.filter(({ uuid }) => uuid.startsWith('GPU-')).map(({ model }) => model);
  const entries = visible.split(',').map((entry) => entry.trim());
  return entries.flatMap((entry) => {
    const device = devices.find(({ name, uuid }) =>
      /^(GPU|MIG)-/.test(entry) ? uuid.startsWith(entry) : name === entry,
    );
    return device === undefined ? [] : [device.model];
  });
}

const MAX_NAMED = 5;

/** What differs between two environments and may change numbers, a sentence each; empty where nothing is known to differ. */
export function environmentChanges(before: Provenance | undefined, now: Provenance | undefined): string[] {
  if (before === undefined || now === undefined) return [];
  const said = [...pythonChanges(before.python, now.python)];
  const models = ({ machine: { gpus } }: Provenance) => [...new Set(gpus)].join(', ') || 'no GPU';
  if (models(before) !== models(now)) said.push(`the sweep was trained on ${models(before)}; here: ${models(now)}`);
  if (before.machine.cpu !== now.machine.cpu)
    said.push(`the processor was ${before.machine.cpu}; here: ${now.machine.cpu}`);
  return said;
}

function pythonChanges(before: Provenance['python'], now: Provenance['python']): string[] {
  if (before === undefined || now === undefined) return [];
  const said = before.version === now.version ? [] : [`Python was ${before.version}; here: ${now.version}`];
  const names = [...new Set([...Object.keys(before.packages), ...Object.keys(now.packages)])].sort();
  const differing = wellKnownFirst(names.filter((name) => before.packages[name] !== now.packages[name]));
  if (differing.length > 0) {
    const version = (packages: Readonly<Record<string, string>>, name: string) => packages[name] ?? 'none';
    const named = differing.map(
      (name) => `${name} ${version(before.packages, name)} (here ${version(now.packages, name)})`,
    );
    said.push(`packages differ: ${firstOf(named, MAX_NAMED)}`);
  }
  return said;
}
