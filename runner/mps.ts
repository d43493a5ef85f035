import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

// NVIDIA's Multi-Process Service lets the programs on a GPU run at the same moment instead of in turns. A CUDA program uses
// it if it finds the control daemon in CUDA_MPS_PIPE_DIRECTORY, and runs as usual if it finds none:
// https://docs.nvidia.com/deploy/mps and the manual page nvidia-cuda-mps-control(1), of driver 510 for `-f`.

const CONTROL = 'nvidia-cuda-mps-control';

/** Set by whoever runs a daemon of their own, or wants none. */
export const MPS_VARIABLE = 'CUDA_MPS_PIPE_DIRECTORY';

/** For the daemon to answer, and to end. */
const PATIENCE_MS = 10_000;
const LOOK_EVERY_MS = 50;

/** What a program needs to share its GPU through the daemon, and whether one has succeeded that way. */
export interface Sharing {
  readonly environment: Readonly<Record<string, string>>;
  hasWorked(): boolean;
}

interface Daemon {
  readonly process: ChildProcess;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * The MPS daemon of a child's lanes: started when the first two may train at once, and no longer offered after a trial failed
 * that shared the GPU through it.
 */
export class Mps {
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #say: (message: string) => void;
  readonly #signal: AbortSignal;
  readonly #patienceMs: number;
  #daemon: Promise<Daemon | null> | null = null;
  #hasWorked = false;
  #isOff = false;

  /** @param environment the container's; @param say hears once whether it runs, and why it is not used any more */
  constructor(
    environment: Readonly<Record<string, string | undefined>>,
    say: (message: string) => void,
    signal: AbortSignal,
    patienceMs: number = PATIENCE_MS,
  ) {
    this.#environment = environment;
    this.#say = say;
    this.#signal = signal;
    this.#patienceMs = patienceMs;
  }

  /** Null: programs share the GPU by time slices. */
  async share(): Promise<Sharing | null> {
    if (this.#isOff || this.#environment[MPS_VARIABLE] !== undefined) return null;
    this.#daemon ??= this.#start();
    const daemon = await this.#daemon;
    if (daemon === null || this.#isOff) return null;
    return { environment: daemon.environment, hasWorked: () => this.#hasWorked };
  }

  /** How a trial that shared the GPU through the daemon has ended. */
  async heard({ status }: { readonly status: string }): Promise<void> {
    if (status === 'succeeded') this.#hasWorked = true;
    if (status !== 'crowded' || this.#isOff) return;
    this.#isOff = true;
    const daemon = await this.#daemon;
    const log = daemon === null ? '' : await readFile(join(daemon.folder, 'log', 'server.log'), 'utf8').catch(() => '');
    const said = log.trim().split('\n').slice(-3).join('; ').slice(-500);
    this.#say(`MPS is no longer used: a trial that used it failed${said === '' ? '' : `. Its log ends: ${said}`}`);
  }

  /** Ends the daemon, and the server that it started. */
  async end(): Promise<void> {
    this.#isOff = true;
    const daemon = await this.#daemon;
    if (daemon === null) return;
    const { process, folder, environment } = daemon;
    if (isRunning(process)) {
      await ask('quit', { ...this.#environment, ...environment }, this.#patienceMs);
      await exited(process, this.#patienceMs);
    }
    kill(process);
    await rm(folder, { recursive: true, force: true }).catch(() => {});
  }

  async #start(): Promise<Daemon | null> {
    // Sockets lie in it, whose paths may have no more than 107 characters.
    const folder = await mkdtemp(join(tmpdir(), 'mps-'));
    const environment = { [MPS_VARIABLE]: join(folder, 'pipe'), CUDA_MPS_LOG_DIRECTORY: join(folder, 'log') };
    // The manual does not say that the daemon makes them.
    await Promise.all(['pipe', 'log'].map((name) => mkdir(join(folder, name))));
    // The daemon numbers the GPUs that it sees anew; programs number them as the container does.
    const inherited = { ...this.#environment, ...environment, CUDA_VISIBLE_DEVICES: undefined };
    const process = spawn(CONTROL, ['-f'], { env: inherited, stdio: 'ignore', detached: true });
    const ready = await this.#answers(process, inherited);
    if (ready === null) {
      this.#say('MPS runs: trials use the GPU at the same time');
      return { process, folder, environment };
    }
    this.#say(`trials share the GPU by time slices: ${ready}`);
    kill(process);
    await rm(folder, { recursive: true, force: true }).catch(() => {});
    return null;
  }

  /** Null once the daemon answers, else why it does not. */
  async #answers(
    process: ChildProcess,
    environment: Readonly<Record<string, string | undefined>>,
  ): Promise<string | null> {
    const failed = await Promise.race([
      once(process, 'spawn').then(() => null),
      once(process, 'error').then(([e]) => e),
    ]).catch((error: unknown) => error);
    if (failed !== null)
      return (failed as NodeJS.ErrnoException).code === 'ENOENT'
        ? `there is no ${CONTROL} in the image`
        : `${CONTROL} does not start: ${(failed as Error).message}`;
    const end = Date.now() + this.#patienceMs;
    while (Date.now() < end && !this.#signal.aborted) {
      if (!isRunning(process)) return `${CONTROL} ended with ${process.exitCode ?? process.signalCode}`;
      if (await ask('get_server_list', environment, this.#patienceMs)) return null;
      await sleep(LOOK_EVERY_MS, undefined, { signal: this.#signal }).catch(() => {});
    }
    return this.#signal.aborted ? 'the container has to stop' : `${CONTROL} does not answer`;
  }
}

const isRunning = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode === null && signalCode === null;

async function exited(process: ChildProcess, ms: number): Promise<void> {
  if (isRunning(process)) await once(process, 'exit', { signal: AbortSignal.timeout(ms) }).catch(() => {});
}

/** With the server, which is of its group. */
function kill({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

/** Whether the daemon takes a command. */
async function ask(
  command: string,
  environment: Readonly<Record<string, string | undefined>>,
  timeout: number,
): Promise<boolean> {
  const control = spawn(CONTROL, [], {
    env: environment,
    stdio: ['pipe', 'ignore', 'ignore'],
    timeout,
    killSignal: 'SIGKILL',
  });
  control.stdin.on('error', () => {}); // it has ended without reading
  control.stdin.end(`${command}\n`);
  const [status] = await once(control, 'exit').catch(() => [null]);
  return status === 0;
}
