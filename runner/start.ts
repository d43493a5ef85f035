import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { ProgramEnd } from '../core/trial/failure.ts';

export type Ended = Omit<ProgramEnd, 'logTail'>;

/** What is to be started, in a session of its own. */
export interface Start {
  readonly command: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What it writes its output and its errors to; null: sockets, which `Started` has. */
  readonly output: readonly [number, number] | null;
}

/** A process that runs. */
export interface Started {
  readonly pid: number;
  /** Null where it writes to what it was given. */
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  /** Says to its watcher that it has ended. */
  readonly letGo: () => void;
  /** How it ended; its output may not have been read yet. */
  readonly ended: Promise<Ended>;
}

/**
 * Starts a process as a child of this one. Its lifeline is what it reads as descriptor 3, not its standard input: Node closes
 * that by itself when the process has ended.
 * @throws what the system says: no such folder, a NUL in a value, too many open files
 */
export async function startHere({ command: [file, ...args], folder, environment, output }: Start): Promise<Started> {
  const child = spawn(file!, args, {
    cwd: folder,
    env: environment,
    detached: true,
    stdio: ['ignore', ...(output ?? ['pipe' as const, 'pipe' as const]), 'pipe'],
  });
  // Without a descriptor or process to spare there are no pipes, and the error comes as an event.
  if (child.pid === undefined) throw (await once(child, 'error'))[0];
  child.on('error', () => {}); // of a signal that came too late
  const ended = new Promise<Ended>((resolve) => {
    child.on('exit', (exitCode, signal) => resolve({ exitCode, signal }));
  });
  const lifeline = child.stdio[3] as Writable;
  lifeline.on('error', () => {}); // the watcher may be gone first
  const letGo = () => void lifeline.write('\n', () => lifeline.destroy());
  return { pid: child.pid, stdout: child.stdout, stderr: child.stderr, letGo, ended };
}
