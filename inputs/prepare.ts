import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { BadInput, type Problem } from '../core/base/errors.ts';
import { didYouMean, show } from '../core/base/text.ts';
import { sourceKey } from '../core/layout/inputs.ts';
import { pathsNamed } from '../core/layout/source-files.ts';
import { placed } from '../core/spec/command.ts';
import { BUCKET_NAME } from '../core/spec/patterns.ts';
import { resolveSpec } from '../core/spec/resolve.ts';
import { s3Notes } from '../core/spec/s3-notes.ts';
import { unfitSecret } from '../core/spec/secrets.ts';
import type { Spec } from '../core/spec/spec.ts';
import { trainingNotes } from '../core/spec/training-notes.ts';
import { defaultSweepId } from '../core/sweep/identity.ts';
import { type FolderIdentity, identifyFolder } from '../storage/folder-digest.ts';
import { checkBeside, replacedNotes } from './check-beside.ts';
import { environmentProblems, projectProblems, requirementsFlaw, versionNotes } from './check-environment.ts';
import { cacheFolder, workdirOf } from './paths.ts';
import { dataMakers } from './script/data-makers.ts';
import { gitUserName } from './source/git.ts';
import { missedNotes } from './source/left-out.ts';
import { ownSearches } from './source/own-search.ts';
import { s3Mentions } from './source/s3-mentions.ts';
import { type Snapshot, takeSnapshot, withheldNote } from './source/snapshot.ts';
import { readSpecFile } from './spec-file.ts';
import { type IsWritten, readWritten } from './written.ts';

/** A spec of a file, with everything beside the file found and named. Nothing was written. */
export interface Prepared {
  /** As the state machine gets it: ids filled in, the source a snapshot's key, the data an absolute folder or s3://. */
  readonly spec: Spec & { readonly sweepId: string };
  readonly snapshot: Snapshot | null;
  /** A data folder; null without data, and for data in a bucket, which the first round lists. */
  readonly data: FolderIdentity | null;
  readonly workdir: string;
  /** Whether the id follows from the experiment; else the spec names it. */
  readonly hasDefaultId: boolean;
  /** What source and data lack; what is allowed and most likely not meant, or good to know; a sentence each. */
  readonly notes: readonly string[];
}

/** @throws BadInput with every problem found */
export async function prepare(
  specPath: string,
  options: {
    readonly workdir?: string | undefined;
    /** Where secrets come from; null: not from here. */
    readonly environment: NodeJS.ProcessEnv | null;
    /** Whether the store is a bucket; left out: not known yet. */
    readonly inBucket?: boolean;
  },
): Promise<Prepared> {
  const path = resolve(specPath);
  const spec = resolveSpec(readSpecFile(path));
  const folder = resolve(path, '..');
  const workdir = workdirOf(path, options.workdir);
  const author = spec.author === 'git' ? await gitUserName(folder) : spec.author;
  const problems = [
    ...(author === null ? [NO_USER_NAME] : []),
    ...checkData(spec, folder),
    ...checkSource(spec, folder, options.environment !== null),
    ...(options.environment === null ? [] : checkSecrets(spec, options.environment)),
  ];
  if (problems.length > 0) throw new BadInput(problems);
  const { data: dataPath, source: sourcePath, requirements, ...training } = spec.training;
  const isWritten = readWritten(workdir);
  const data = await locateData(dataPath, folder, isWritten);
  const named = pathsNamed(textsOf([spec.search.space, training, requirements]), training.workdir);
  const snapshot =
    sourcePath === undefined
      ? null
      : await takeSnapshot(resolve(folder, sourcePath), {
          except: [workdir, ...(data?.identity ? [data.uri] : [])],
          spec: path,
          named,
          isOwnOutput: isWritten,
        });
  const sourceFiles = snapshot?.files.map(({ name }) => name) ?? [];
  const misplaced = [
    ...checkBeside(spec, sourceFiles, data?.identity ? data.uri : null),
    ...(snapshot === null ? [] : environmentProblems(spec, snapshot)),
    ...(snapshot === null || requirements === undefined
      ? []
      : await projectProblems(findRequirements(folder, snapshot.folder, requirements))),
  ];
  if (misplaced.length > 0) throw new BadInput(misplaced);
  const resolved: Spec = {
    ...spec,
    ...(author == null ? {} : { author }),
    training: {
      ...training,
      ...(data === null ? {} : { data: data.uri }),
      ...(snapshot === null ? {} : { source: sourceKey(snapshot) }),
      ...(requirements === undefined || snapshot === null
        ? {}
        : { requirements: relative(snapshot.folder, findRequirements(folder, snapshot.folder, requirements)!) }),
    },
  };
  const sweepId = resolved.sweepId ?? defaultSweepId(resolved, data?.identity?.digest ?? data?.uri ?? null);
  return {
    spec: { ...resolved, sweepId },
    snapshot,
    data: data?.identity ?? null,
    workdir,
    hasDefaultId: resolved.sweepId === undefined,
    notes: [
      ...trainingNotes(spec),
      ...versionNotes(spec),
      ...replacedNotes(spec, sourceFiles),
      ...s3Notes(snapshot === null ? [] : await s3Mentions(snapshot), data?.uri, options.inBucket),
      ...(snapshot === null ? [] : await ownSearches(snapshot, named, spec.training)),
      ...notesOf(snapshot, data, named),
    ],
  };
}

const NO_USER_NAME: Problem = {
  field: 'author',
  message:
    'received "git", but git knows no user.name here; allowed: a name, or git where git config user.name prints one; write the name, or leave author out',
};

function notesOf(snapshot: Snapshot | null, data: LocatedData | null, named: ReadonlySet<string>): string[] {
  const ofData = (data?.identity?.notes ?? []).map((note) => `data: ${note}`);
  if (snapshot === null) return ofData;
  const withheld = withheldNote(snapshot);
  const missed = missedNotes(snapshot.leftOut, named, data === null ? null : relative(snapshot.folder, data.uri));
  return [
    ...(withheld === null ? [] : [withheld]),
    ...missed,
    ...snapshot.notes.map((note) => `source: ${note}`),
    ...ofData,
  ];
}

/** Every text in a part of a spec, keys of its maps left out. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

interface LocatedData {
  /** An absolute folder, or s3://. */
  readonly uri: string;
  readonly identity: FolderIdentity | null;
}

async function locateData(data: string | undefined, folder: string, isWritten: IsWritten): Promise<LocatedData | null> {
  if (data === undefined) return null;
  if (data.startsWith('s3://')) return { uri: data, identity: null };
  const uri = resolve(folder, data);
  return { uri, identity: await identifyData(uri, isWritten) };
}

/** A data folder's identity: less the files that trials wrote into it, as long as they are as those left them. */
export function identifyData(folder: string, isWritten: IsWritten): Promise<FolderIdentity> {
  return identifyFolder(folder, dataDigestCache(), (name, digest) => isWritten(join(folder, name), digest));
}

/** Where files' digests are remembered; one file for all sweeps of a machine. Null: nowhere. */
function dataDigestCache(): string | null {
  const cache = cacheFolder();
  return cache === null ? null : join(cache, 'data-digests.json');
}

function checkData(spec: Spec, folder: string): Problem[] {
  const { data, command } = spec.training;
  const field = 'training.data';
  if (data === undefined) {
    if (command !== undefined) return [];
    return [
      {
        field,
        message:
          'is missing; the built-in trainer needs a folder with one folder of images per class; add data: ./data, or set training.command to train with your own program',
      },
    ];
  }
  if (/^s3:\/\//.test(data)) {
    return BUCKET_NAME.test(data.split('/')[2] ?? '')
      ? []
      : [{ field, message: `received ${show(data)}; allowed: s3://bucket/prefix; correct the bucket name` }];
  }
  if (/^[a-z0-9]+:\/\//i.test(data))
    return [
      {
        field,
        message: `received ${show(data)}; allowed: a folder, or s3://bucket/prefix; copy the data there`,
      },
    ];
  const path = resolve(folder, data);
  const [maker] = existsSync(path) ? [] : dataMakers(namesIn(folder));
  const made = maker === undefined ? 'create it' : `run ${maker}, if that makes it`;
  return checkFolder(field, data, path, `${made}, or correct the path`);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // another's
  }
}

function checkFolder(field: string, received: string, path: string, remedy: string): Problem[] {
  if (!existsSync(path))
    return [{ field, message: `received ${show(received)}, but there is no folder ${path}; ${remedy}` }];
  if (!statSync(path).isDirectory())
    return [
      {
        field,
        message: `received ${show(received)}, which is a file; allowed: a folder; name the folder that contains it`,
      },
    ];
  return [];
}

function checkSource(spec: Spec, folder: string, isHere: boolean): Problem[] {
  const { source, command, requirements } = spec.training;
  if (source === undefined) return command === undefined ? [] : missingSource(placed(command), folder);
  const root = resolve(folder, source);
  const problems = checkFolder('training.source', source, root, 'correct the path; it is relative to the spec');
  if (problems.length > 0 || requirements === undefined) return problems;
  if (findRequirements(folder, root, requirements) === null) {
    problems.push({
      field: 'training.requirements',
      message: `received ${show(requirements)}, but there is no such file in the source ${root}; allowed: a requirements.txt, uv.lock or pyproject.toml in it; correct the path`,
    });
  } else {
    const flaw = requirementsFlaw(requirements, isHere);
    if (flaw !== null) problems.push({ field: 'training.requirements', message: flaw });
  }
  return problems;
}

/** The requirements file, relative to the spec or to the source; null when it is in neither or outside the source. */
function findRequirements(folder: string, root: string, requirements: string): string | null {
  const inside = [resolve(folder, requirements), resolve(root, requirements)].find(
    (path) => existsSync(path) && !relative(root, path).startsWith('..'),
  );
  return inside ?? null;
}

/** A command that names a file beside the spec, without the source that would bring it along. */
function missingSource(command: ReturnType<typeof placed>, folder: string): Problem[] {
  const { element: file } =
    command.find(
      ({ element }) =>
        /^[\w./-]+\.\w+$/.test(element) && !element.startsWith('/') && existsSync(resolve(folder, element)),
    ) ?? {};
  if (file === undefined) return [];
  return [
    {
      field: 'training.source',
      message: `is missing, but training.command names ${file}, which is beside the spec; add source: . so that each trial gets a copy`,
    },
  ];
}

/** Secrets that a run on this machine would not find among the caller's variables. */
export function checkSecrets(spec: Spec, environment: NodeJS.ProcessEnv): Problem[] {
  return Object.entries(spec.training.environment).flatMap(([name, value]) => {
    if (typeof value !== 'object') return [];
    const given = environment[name];
    const unfit = given === undefined ? null : unfitSecret(given);
    if (unfit !== null)
      return [{ field: `training.environment.${name}`, message: `your variable ${name}, which is a secret, ${unfit}` }];
    if (given !== undefined) return [];
    return [
      {
        field: `training.environment.${name}`,
        message: `is a secret (${value.secret}), which on this machine is read from your variable ${name}, but that is not set; export ${name}${didYouMean(name, Object.keys(environment))}`,
      },
    ];
  });
}
