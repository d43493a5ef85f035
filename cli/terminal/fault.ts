import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BadInput, PlanTooLarge, SweepLocked, SweepstackError } from '../../core/base/errors.ts';
import { cacheFolder, packageVersion } from '../../inputs/paths.ts';
import { makeFolder } from '../../storage/files.ts';

/**
 * Whose error it is. input: what a person gave, mended by giving something else. outside: the machine, AWS or the sweep's
 * own objects refused something. fault: this program is wrong.
 */
export type Blame = 'input' | 'outside' | 'fault';

export function blameOf(error: unknown): Blame {
  if (!(error instanceof Error)) return 'fault';
  const { name } = error;
  // An execution ends with a name and a sentence: of an error that was a handler's, only these are left.
  if (error instanceof BadInput || error instanceof PlanTooLarge || error instanceof SweepLocked) return 'input';
  if (name === 'PlanTooLarge' || name === 'SweepLocked') return 'input';
  if (error instanceof SweepstackError || refusal(error) !== null) return 'outside';
  // What JavaScript and its libraries throw when a program is wrong; any other name is a service's.
  return /^(\$?Zod)?(Error|TypeError|RangeError|ReferenceError|SyntaxError|EvalError|URIError|AggregateError|AssertionError)$/.test(
    name,
  )
    ? 'fault'
    : 'outside';
}

/** What to do when the system refuses, by its error code. */
const REMEDIES: Readonly<Record<string, string>> = {
  EACCES: 'choose a place you can read and write',
  EDQUOT: 'free disk space',
  EEXIST: 'choose another name',
  EISDIR: 'name a file',
  EMFILE: 'raise the limit of open files (ulimit -n)',
  ENFILE: 'raise the limit of open files (ulimit -n)',
  ENOENT: 'create the folder, or correct the path',
  ENOMEM: 'free memory, or use a larger machine',
  ENOSPC: 'free disk space; the same command continues where it stopped',
  ENOTDIR: 'a part of the path is a file; correct the path',
  EPERM: 'choose a place you can read and write',
  EROFS: 'choose a place you can write to',
};

/** The system's refusal as a sentence that says what to do; null when it is none. */
export function refusal({ message }: Error): string | null {
  const code = /^(E[A-Z]{2,}): /.exec(message)?.[1];
  const remedy = code === undefined ? undefined : REMEDIES[code];
  return remedy === undefined ? null : `${message}; ${remedy}`;
}

export interface FaultReport {
  readonly file: string | null;
  readonly text: string;
}

/** What somebody needs who mends it, in a file of the cache folder; `file` null: it could not be written. */
export function reportFault(error: unknown, argv: readonly string[], now: Date): FaultReport {
  const stack = error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : String(error);
  const cause = error instanceof Error && error.cause !== undefined ? `\ncaused by ${String(error.cause)}` : '';
  const text = [
    `sweep    ${packageVersion()}`,
    `node     ${process.version} ${process.platform}-${process.arch}`,
    `command  sweep ${argv.join(' ')}`,
    `time     ${now.toISOString()}`,
    '',
    `${stack}${cause}`,
    '',
  ].join('\n');
  const cache = cacheFolder();
  if (cache === null) return { file: null, text };
  const folder = join(cache, 'faults');
  const file = join(folder, `${now.toISOString().replaceAll(/[-:]|\..*/g, '')}-${process.pid}.txt`);
  try {
    makeFolder(folder);
    writeFileSync(file, text);
    return { file, text };
  } catch {
    return { file: null, text };
  }
}
