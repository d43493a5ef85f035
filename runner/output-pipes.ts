import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';

/**
 * Node gives a process sockets for its output. A program can write to one, but not open it by its name: `tee /dev/stderr`
 * and a log file `/dev/stdout` fail with "No such device or address", though they work in a shell and in a container. So
 * the output goes through pipes, where they can be made: named ones, whose names are gone before a program sees them.
 * Making them takes a process, so those that nobody writes to any more serve the next program.
 */
export interface OutputPipes {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** The ends for the program to write to. */
  readonly writers: readonly [number, number];
  /** Called when the program has them, or was not started. */
  readonly closeWriters: () => void;
  /** Called in the end. */
  readonly giveBack: () => void;
}

const NAMES = ['out', 'err'] as const;

/** An end of each pipe, to open the others by. It reads, so that a pipe ends for us when the last writer is gone. */
type Ends = readonly [number, number];

/** Whose output was read to its end. */
const free: Ends[] = [];

/**
 * Pipes for one program; null where there can be none, as where the system does not show what a process has open.
 * @param start what their names begin with while they have any
 * @throws what the system says, such as too many open files
 */
export async function outputPipes(start: string): Promise<OutputPipes | null> {
  if (start === '') return null;
  const ends = free.pop() ?? (await madeEnds(start));
  return ends === null ? null : opened(ends);
}

async function madeEnds(start: string): Promise<Ends | null> {
  const files = NAMES.map((name) => `${start}.${name}`);
  const remove = () => {
    for (const file of files) rmSync(file, { force: true });
  };
  remove();
  try {
    return (await isMade(files)) ? onBoth((index) => openSync(files[index]!, READ)) : null;
  } finally {
    remove();
  }
}

/** Without waiting for a writer. */
const READ = constants.O_RDONLY | constants.O_NONBLOCK;

async function isMade(files: readonly string[]): Promise<boolean> {
  const script = 'PATH=$PATH:/usr/bin:/bin exec mkfifo -m 600 "$@"';
  const child = spawn('/bin/sh', ['-c', script, 'sh', ...files], { stdio: 'ignore', detached: true });
  if (child.pid === undefined) throw (await once(child, 'error'))[0];
  const [status] = await once(child, 'exit');
  return status === 0;
}

function opened(ends: Ends): OutputPipes | null {
  const again = (flags: number) => onBoth((index) => openSync(`/proc/self/fd/${ends[index]}`, flags));
  let readers: Ends | null = null;
  let writers: Ends;
  try {
    readers = again(READ);
    writers = again(constants.O_WRONLY);
  } catch (error) {
    closeAll([...ends, ...(readers ?? [])]);
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null; // no /proc
    throw error;
  }
  const [stdout, stderr] = [
    new Socket({ fd: readers[0], writable: false }),
    new Socket({ fd: readers[1], writable: false }),
  ];
  return {
    stdout,
    stderr,
    writers,
    closeWriters: () => closeAll(writers),
    giveBack: () => {
      // Otherwise somebody may still write to them.
      if (stdout.readableEnded && stderr.readableEnded) free.push(ends);
      else closeAll(ends);
    },
  };
}

function closeAll(fds: readonly number[]): void {
  for (const fd of fds) closeSync(fd);
}

/** The same of both, or of neither. */
function onBoth(open: (index: 0 | 1) => number): Ends {
  const first = open(0);
  try {
    return [first, open(1)];
  } catch (error) {
    closeSync(first);
    throw error;
  }
}

/**
 * Waits until the system is told of what we read, when the event loop has come round: after what is due now, and once more.
 * A program that starts then is heard in the order in which it prints.
 */
export async function untilHeard(): Promise<void> {
  await turn();
  await turn();
}
