import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import type { ProgramEnd } from '../core/failure.ts';

export interface Program {
  readonly command: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly onOutput: (chunk: Buffer) => void;
  /** Aborted: SIGTERM to the program and all it started, and after the grace SIGKILL. */
  readonly stop: AbortSignal;
  readonly graceSeconds: number;
}

/**
 * The program's supervisor, a few lines of shell in a process group of their own with the program. A watcher holds the
 * read end of a pipe whose only write end is ours: when that end closes, because the program has ended or because we
 * were killed, however suddenly, the watcher ends the whole group, so that nothing a trial started outlives it. The
 * watcher lets go of the output, which otherwise would never end, and is deaf to the SIGTERM that the program gets; the
 * program does not see the pipe.
 */
const SUPERVISOR = `(trap '' TERM INT HUP; read -r _ <&3; kill -9 -$$) >/dev/null 2>&1 & exec "$@" 3<&-`;

/** Runs a training program to its end. Never rejects: a program that cannot be started ends with status 127. */
export function runProgram(program: Program): Promise<Omit<ProgramEnd, 'logTail'>> {
  const child = spawn('sh', ['-c', SUPERVISOR, 'sh', ...program.command], {
    cwd: program.folder,
    env: program.environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const lifeline = child.stdio[3] as Writable;
  lifeline.on('error', () => {}); // the watcher may be gone first
  child.stdout!.on('data', program.onOutput);
  child.stderr!.on('data', program.onOutput);
  const stopping = stopWhenTold(child, program);
  return new Promise((resolve) => {
    const finish = (exitCode: number | null, signal: string | null) => {
      stopping.done();
      resolve({ exitCode, signal });
    };
    child.on('error', (error) => {
      program.onOutput(Buffer.from(`${error.message}\n`));
      finish(127, null);
    });
    // What the program left in its group would hold its output open for ever: the watcher ends it.
    child.on('exit', () => lifeline.destroy());
    child.on('close', finish);
  });
}

function stopWhenTold(child: ChildProcess, { stop, graceSeconds }: Program): { done(): void } {
  let timer: NodeJS.Timeout | undefined;
  const terminate = () => {
    killGroup(child, 'SIGTERM');
    timer = setTimeout(() => killGroup(child, 'SIGKILL'), graceSeconds * 1000);
  };
  if (stop.aborted) terminate();
  else stop.addEventListener('abort', terminate, { once: true });
  return {
    done: () => {
      clearTimeout(timer);
      stop.removeEventListener('abort', terminate);
    },
  };
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone.
  }
}
