import { fstatSync, readdirSync, readFileSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * The files that this command's output goes to: `sweep run > run.txt`, and, where the system tells, `sweep run | tee run.txt`.
 * Absolute paths; elsewhere than on Linux only those in the current folder are found.
 */
export function redirectedOutputs(): string[] {
  const found = [1, 2].flatMap((descriptor) => {
    const info = quietly(() => fstatSync(descriptor));
    if (info?.isFile()) return [fileOf(descriptor, info)];
    return info?.isFIFO() ? filesBehind(info.ino) : [];
  });
  return [...new Set(found.filter((path) => path !== null))];
}

function fileOf(descriptor: number, { dev, ino }: Stats): string | null {
  const isIt = (path: string) => {
    const info = quietly(() => statSync(path));
    return info?.dev === dev && info.ino === ino;
  };
  const names = quietly(() => readdirSync('.')) ?? [];
  const paths = [quietly(() => readlinkSync(`/proc/self/fd/${descriptor}`)), ...names.map((name) => resolve(name))];
  return paths.find((path) => path !== null && isIt(path)) ?? null;
}

/** What the other end of a pipe writes: regular files that are open in a process of this job that reads the pipe. */
function filesBehind(pipe: number): string[] {
  const group = groupOf('self');
  if (group === null) return [];
  return (quietly(() => readdirSync('/proc')) ?? [])
    .filter((pid) => /^\d+$/.test(pid) && groupOf(pid) === group)
    .filter((pid) => quietly(() => readlinkSync(`/proc/${pid}/fd/0`)) === `pipe:[${pipe}]`)
    .flatMap((pid) => {
      const folder = `/proc/${pid}/fd`;
      return (quietly(() => readdirSync(folder)) ?? []).map((name) => join(folder, name));
    })
    .filter((link) => quietly(() => statSync(link))?.isFile() ?? false)
    .flatMap((link) => quietly(() => readlinkSync(link)) ?? []);
}

/** The process group; a command's name, in brackets, may hold spaces. */
const groupOf = (pid: string): string | null =>
  quietly(() => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[2] ?? null);

function quietly<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    return null; // ended meanwhile, no right to look, or no such place on this system
  }
}
