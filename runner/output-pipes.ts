import { closeSync, constants, lstatSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import type { Started } from './start.ts';

/**
 * Node gives a process sockets for its output. A program can write to one, but not open it by its name: `tee /dev/stderr`
 * and a log file `/dev/stdout` fail with "No such device or address", though they work in a shell and in a container. So
 * the output goes through named pipes, where they can be made.
 */

export interface Outputs {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Called once both are read: the program waits for it, so that what it prints first is heard first. */
  readonly begin: () => void;
}

const NAMES = ['out', 'err'] as const;
const MADE = 'p';
const NONE = 's';

/**
 * Shell that makes pipes whose names begin with $2, and says whether there are any. Where there are, it waits for a line
 * from us on descriptor 3; when we are gone, it ends.
 */
export const MAKE_PIPES = `if [ -n "$2" ]; then
  if PATH=$PATH:/usr/bin:/bin mkfifo -m 600 ${NAMES.map((name) => `"$2.${name}"`).join(' ')} 2>/dev/null
  then printf ${MADE}; (read -r _) <&3 || exit
  else printf ${NONE}; fi
fi`;

/** Shell that leads its output into them. We read them by then, so it does not wait. */
export const LEAD_OUTPUT = `[ -n "$2" ] && [ -p "$2.${NAMES[0]}" ] && exec >"$2.${NAMES[0]}" 2>"$2.${NAMES[1]}"`;

/**
 * Takes away pipes of an earlier attempt, or of a program that has ended. Not through a link that the program has put in
 * place of their folder.
 */
export function removePipes(start: string): void {
  if (start === '' || lstatSync(dirname(start), { throwIfNoEntry: false })?.isDirectory() !== true) return;
  for (const name of NAMES) rmSync(`${start}.${name}`, { force: true });
}

/** The output of a program that `MAKE_PIPES` began. @throws what the system says, such as too many open files */
export async function outputsOf({ lifeline, stdout, stderr }: Started, start: string): Promise<Outputs> {
  if (start === '' || (await firstOf(stdout)) !== MADE) return { stdout, stderr, begin: () => {} };
  const fds: number[] = [];
  try {
    // Without waiting for a writer, who waits for us.
    for (const name of NAMES) fds.push(openSync(`${start}.${name}`, constants.O_RDONLY | constants.O_NONBLOCK));
  } catch (error) {
    for (const fd of fds) closeSync(fd);
    throw error;
  }
  for (const socket of [stdout, stderr]) socket.destroy();
  const [out, err] = fds.map((fd) => new Socket({ fd, readable: true, writable: false }));
  // The system is told of what we read when the event loop has come round: after what is due now, and once more.
  const begin = () => void setImmediate(() => setImmediate(() => lifeline.write('\n')));
  return { stdout: out!, stderr: err!, begin };
}

/** The first character of a stream, which is taken from it; empty: it ended before. */
function firstOf(stream: Readable): Promise<string> {
  return new Promise((resolve) => {
    const take = () => {
      const first: Buffer | null = stream.read(1);
      if (first !== null) done(first.toString());
    };
    const end = () => done('');
    const done = (first: string) => {
      stream.off('readable', take).off('close', end).off('end', end);
      resolve(first);
    };
    stream.on('readable', take).on('close', end).on('end', end);
  });
}
