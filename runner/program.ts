import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import type { ProgramEnd } from '../core/failure.ts';
import { endEscaped } from './escaped.ts';
import { ToldToStop } from './told-to-stop.ts';

export interface Program {
  readonly command: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The variable whose value no other program has: what carries it was started by this program. */
  readonly mark: string;
  readonly onOutput: (chunk: Buffer) => void;
  /** Aborted: SIGTERM to the program and all it started, and after the grace SIGKILL. */
  readonly stop: AbortSignal;
  /** Unless the reason of `stop` says how long. */
  readonly graceSeconds: number;
  /** Aborted after `stop`: SIGKILL within `graceSeconds` of now, if not before. */
  readonly hurry?: AbortSignal | undefined;
}

/**
 * The program's supervisor, a few lines of shell in a process group of their own with the program. A watcher holds the
 * read end of a pipe whose only write end is ours. We write a line when the program has ended; when the pipe ends
 * without one, we were killed, however suddenly. Either way the watcher ends the whole group, so that nothing a trial
 * started outlives it; when we were killed, first what left the group (workers in sessions of their own), found by the
 * mark ($1) in its environment. The watcher lets go of the output, which otherwise would never end, and is deaf to the
 * SIGTERM that the program gets; the program does not see the pipe.
 */
const SUPERVISOR = `(trap '' TERM INT HUP
read -r _ <&3 || for p in $(grep -lsaF "$1" /proc/[0-9]*/environ); do
  read -r s <"\${p%/environ}/stat" || continue
  set -- \${s##*) }
  p=\${p%/environ}
  [ "$3" = $$ ] || kill -9 "\${p#/proc/}"
done
kill -9 -$$) >/dev/null 2>&1 & shift; exec "$@" 3<&-`;

/** What left the group may hold the output open; after so long without an end of it, the trial is over all the same. */
const OUTPUT_END_MS = 2000;

/** Runs a training program to its end. Never rejects: a program that cannot be started ends with status 127. */
export function runProgram(program: Program): Promise<Omit<ProgramEnd, 'logTail'>> {
  if (program.stop.aborted) return Promise.resolve({ exitCode: null, signal: 'SIGTERM' });
  let child: ChildProcess;
  try {
    child = start(program);
  } catch (error) {
    // A NUL in a value, or more arguments and variables than the system takes.
    program.onOutput(Buffer.from(`${(error as Error).message}\n`));
    return Promise.resolve({ exitCode: 127, signal: null });
  }
  child.stdout!.on('data', program.onOutput);
  child.stderr!.on('data', program.onOutput);
  const lifeline = child.stdio[3] as Writable;
  lifeline.on('error', () => {}); // the watcher may be gone first
  const stopping = stopWhenTold(child, program);
  return new Promise((resolve) => {
    let late: NodeJS.Timeout | undefined;
    const finish = (exitCode: number | null, signal: string | null) => {
      clearTimeout(late);
      stopping.done();
      resolve({ exitCode, signal });
    };
    child.on('error', (error) => {
      program.onOutput(Buffer.from(`${error.message}\n`));
      finish(127, null);
    });
    child.on('exit', () => {
      endEscaped(child.pid!, `${program.mark}=${program.environment[program.mark]}`);
      // What the program left in its group would hold its output open for ever: the watcher ends it.
      lifeline.write('\n', () => lifeline.destroy());
      late = setTimeout(() => {
        child.stdout!.destroy();
        child.stderr!.destroy();
      }, OUTPUT_END_MS);
    });
    child.on('close', finish);
  });
}

function start({ command, folder, environment, mark }: Program): ChildProcess {
  return spawn('/bin/sh', ['-c', SUPERVISOR, 'sh', `${mark}=${environment[mark]}`, ...command], {
    cwd: folder,
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
}

function stopWhenTold(child: ChildProcess, { stop, hurry, graceSeconds }: Program): { done(): void } {
  let timer: NodeJS.Timeout | undefined;
  let deadline = Number.POSITIVE_INFINITY;
  const killWithin = (seconds: number) => {
    const at = performance.now() + seconds * 1000;
    if (at >= deadline) return;
    deadline = at;
    clearTimeout(timer);
    timer = setTimeout(() => killGroup(child, 'SIGKILL'), seconds * 1000);
  };
  const terminate = () => {
    killGroup(child, 'SIGTERM');
    killWithin(stop.reason instanceof ToldToStop ? stop.reason.graceSeconds : graceSeconds);
  };
  const hasten = () => killWithin(graceSeconds);
  stop.addEventListener('abort', terminate, { once: true });
  hurry?.addEventListener('abort', hasten, { once: true });
  return {
    done: () => {
      clearTimeout(timer);
      stop.removeEventListener('abort', terminate);
      hurry?.removeEventListener('abort', hasten);
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
