import type { Readable } from 'node:stream';
import { gentleStop } from '../core/trial/first-process.ts';
import { endEscaped } from './escaped.ts';
import { type OutputPipes, outputPipes, untilHeard } from './output-pipes.ts';
import { processesOf } from './processes.ts';
import { whenAvailable } from './scarce.ts';
import type { Ended, Started } from './start.ts';
import { StartLost, start } from './starter.ts';
import { StopRequest } from './stop-request.ts';

export const STREAMS = ['stdout', 'stderr'] as const;
export type Stream = (typeof STREAMS)[number];

export interface Program {
  readonly command: readonly string[];
  /** Of this program alone: what is still there when it has ended was started by it. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The variable whose value no other program has: what carries it was started by this program. */
  readonly mark: string;
  /** A promise: no more of that stream is read before it is fulfilled. */
  readonly onOutput: (chunk: Buffer, stream: Stream) => Promise<void> | undefined;
  /** Aborted: SIGTERM to the program (core/trial/first-process.ts says to which process), and after the grace SIGKILL to all it started. */
  readonly stop: AbortSignal;
  /** Unless the reason of `stop` says how long. */
  readonly graceSeconds: number;
  /** Aborted after `stop`: SIGKILL within `graceSeconds` of now, if not before. */
  readonly hurry?: AbortSignal | undefined;
  /** What the names of the pipes for its output begin with; where there can be none, and unless given, it gets sockets. They are gone before it starts. */
  readonly pipes?: string;
  /** Told its process, when it runs. */
  readonly onStart?: (pid: number) => void;
}

/**
 * The program's supervisor, a few lines of shell in a process group of their own with the program. A watcher holds the
 * read end of a pipe whose only write end is ours. We write a line when the program has ended; when the pipe ends
 * without one, we were killed, however suddenly. Either way the watcher ends the whole group, so that nothing a trial
 * started outlives it; when we were killed, first what left the group (workers in sessions of their own), found as
 * `endEscaped` finds it: by the mark ($1) in its environment, or by its place in the program's folder. The watcher lets go of the output, which otherwise would never end, and is deaf to the
 * SIGTERM that the program gets; the program does not see the pipe. Without a folder of its own it looks for no places: every
 * process would lie below an empty name.
 */
const SUPERVISOR = `(trap '' TERM INT HUP
own=
cd -P . && own=$PWD
stat() { read -r s <"$1/stat" && set -- \${s##*) } && group=$3 terminal=$5; }
read -r _ <&3 || {
  for p in $(grep -lsaF "$1" /proc/[0-9]*/environ); do
    p=\${p%/environ}
    stat $p && [ $group != $$ ] && kill -9 \${p#/proc/}
  done
  [ -n "$own" ] && for p in /proc/[0-9]*; do
    cd -P $p/cwd && case $PWD/ in "$own"/*) stat $p && [ $group != $$ ] && [ $terminal = 0 ] && kill -9 \${p#/proc/}; esac
  done
}
kill -9 -$$) >/dev/null 2>&1 &
shift; exec "$@" 3<&-`;

/** Processes that left the group may hold the output open; after this long without its end, the trial is over anyway. */
const OUTPUT_END_MS = 2000;

/** Between two tries to start a program for which the system lacks something. */
const SCARCE_MS = 250;

/**
 * Runs a training program to its end. Never rejects: a program that cannot start ends with status 127, one whose end nobody
 * could hear without a status and a signal.
 */
export async function runProgram(program: Program): Promise<Ended> {
  const { stop, onOutput } = program;
  const terminated = { exitCode: null, signal: 'SIGTERM' };
  if (stop.aborted) return terminated;
  const say = (text: string) => void onOutput(Buffer.from(`${text}\n`), 'stderr');
  try {
    const running = await whenAvailable(() => startedBy(program), {
      signal: stop,
      everyMs: SCARCE_MS,
      onWait: (why) => say(`sweep: waiting to start the program: ${why}`),
    });
    program.onStart?.(running.child.pid);
    return await ended(running, program);
  } catch (error) {
    if (stop.aborted) return terminated;
    if (error instanceof StartLost) return error.end;
    // It is not there; or a NUL in a value, or more arguments and variables than the system takes.
    say((error as Error).message);
    return { exitCode: 127, signal: null };
  }
}

interface Running {
  readonly child: Started;
  readonly pipes: OutputPipes | null;
  readonly outputs: readonly Heard[];
}

async function startedBy(program: Program): Promise<Running> {
  const { command, folder, environment, mark } = program;
  const supervised = ['/bin/sh', '-c', SUPERVISOR, 'sh', `${mark}=${environment[mark]}`, ...command];
  const pipes = await outputPipes(pipesOf(program));
  if (pipes === null) {
    const child = await start({ command: supervised, folder, environment, output: null });
    return { child, pipes, outputs: heard({ stdout: child.stdout!, stderr: child.stderr! }, program) };
  }
  const outputs = heard(pipes, program);
  try {
    await untilHeard();
    const child = await start({ command: supervised, folder, environment, output: pipes.writers });
    return { child, pipes, outputs };
  } catch (error) {
    for (const output of outputs) output.close();
    pipes.giveBack();
    throw error;
  } finally {
    pipes.closeWriters();
  }
}

const heard = ({ stdout, stderr }: Pick<OutputPipes, 'stdout' | 'stderr'>, { onOutput }: Program): readonly Heard[] => [
  hear(stdout, 'stdout', onOutput),
  hear(stderr, 'stderr', onOutput),
];

/** On Linux: elsewhere, what a process has open cannot be opened again as something else. */
const pipesOf = ({ pipes = '' }: Program): string => (process.platform === 'linux' ? pipes : '');

async function ended({ child, pipes, outputs }: Running, program: Program): Promise<Ended> {
  const stopping = terminateOnAbort(child.pid, program);
  const end = await child.ended;
  endEscaped(child.pid, `${program.mark}=${program.environment[program.mark]}`, program.folder);
  // What the program left in its group would hold its output open for ever: the watcher ends it.
  child.letGo();
  // Output that waits for its reader is none that is held open.
  const giveUp = () => {
    if (outputs.some((output) => output.isWaiting())) late = setTimeout(giveUp, OUTPUT_END_MS);
    else for (const output of outputs) output.close();
  };
  let late = setTimeout(giveUp, OUTPUT_END_MS);
  await Promise.all(outputs.map(({ closed }) => closed));
  clearTimeout(late);
  stopping.done();
  pipes?.giveBack();
  return end;
}

interface Heard {
  readonly closed: Promise<void>;
  isWaiting(): boolean;
  close(): void;
}

/** Reads one stream of the program, no faster than its consumer takes it. */
function hear(stream: Readable, name: Stream, onOutput: Program['onOutput']): Heard {
  let waiting = 0;
  stream.on('data', (chunk: Buffer) => {
    const taken = onOutput(chunk, name);
    if (taken === undefined) return;
    waiting += 1;
    stream.pause();
    void taken.finally(() => {
      waiting -= 1;
      if (waiting === 0) stream.resume();
    });
  });
  const closed = stream.closed
    ? Promise.resolve()
    : new Promise<void>((resolve) => void stream.once('close', () => resolve()));
  stream.resume();
  return { closed, isWaiting: () => waiting > 0, close: () => stream.destroy() };
}

function terminateOnAbort(group: number, { stop, hurry, graceSeconds }: Program): { done(): void } {
  let timer: NodeJS.Timeout | undefined;
  let deadline = Number.POSITIVE_INFINITY;
  let letGo = () => {};
  const killWithin = (seconds: number) => {
    const at = performance.now() + seconds * 1000;
    if (at >= deadline) return;
    deadline = at;
    clearTimeout(timer);
    timer = setTimeout(() => kill(-group, 'SIGKILL'), seconds * 1000);
  };
  const terminate = () => {
    letGo = terminateGroup(group);
    killWithin(stop.reason instanceof StopRequest ? stop.reason.graceSeconds : graceSeconds);
  };
  const hasten = () => killWithin(graceSeconds);
  if (stop.aborted) terminate();
  else stop.addEventListener('abort', terminate, { once: true });
  hurry?.addEventListener('abort', hasten, { once: true });
  return {
    done: () => {
      clearTimeout(timer);
      letGo();
      stop.removeEventListener('abort', terminate);
      hurry?.removeEventListener('abort', hasten);
    },
  };
}

/** Between two looks whether what a shell waits for has ended. */
const WAITED_FOR_MS = 50;

/** SIGTERM, gently (core/trial/first-process.ts). Returns what ends the watch over shells that wait. */
function terminateGroup(group: number): () => void {
  const { signalled, held } = holdShells(group);
  const waiting = held.filter((pid) => !signalled.includes(pid));
  for (const pid of signalled) {
    kill(pid, 'SIGTERM');
    // A shell may have been held just when it had nothing left to wait for.
    if (held.includes(pid)) kill(pid, 'SIGCONT');
  }
  if (waiting.length === 0) return () => {};
  const looks = setInterval(() => {
    const running = new Set(processesOf(group).map(({ pid }) => pid));
    if (signalled.some((pid) => running.has(pid))) return;
    clearInterval(looks);
    for (const pid of waiting) {
      kill(pid, 'SIGTERM');
      kill(pid, 'SIGCONT');
    }
  }, WAITED_FOR_MS);
  return () => clearInterval(looks);
}

/**
 * Holds the shells that wait. Looks again until a look finds no further one: a script goes from step to step meanwhile,
 * and whom to signal is right only of a look after which nothing had to be held.
 */
function holdShells(group: number): { signalled: readonly number[]; held: readonly number[] } {
  const held: number[] = [];
  for (;;) {
    const { signalled, waiting } = gentleStop(group, processesOf(group));
    const further = waiting.filter((pid) => !held.includes(pid));
    if (further.length === 0) return { signalled, held };
    for (const pid of further) kill(pid, 'SIGSTOP');
    held.push(...further);
  }
}

/** @param target a process, or, below zero, a group */
function kill(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch {
    // It has ended.
  }
}
