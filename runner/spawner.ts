import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { INTERRUPTED_STATUS } from '../core/trial/failure.ts';
import { type Ended, type Start, type Started, type StartProcess, startHere } from './start.ts';

/**
 * To start a program the system copies the page tables of the process that starts it: some milliseconds of a command of
 * 200 MB, during which it does nothing else. So a small process of its own starts them. It connects to our socket once for
 * each of a program's streams, waits until we have taken them all, and hands them to the program, so that no output
 * passes through it. When we are gone, however suddenly, its channel ends, and it ends as well; its programs end by their
 * watchers, whose pipes we held. Plain JavaScript as text: the command is one bundled file.
 */
const PROGRAM = `
process.title = 'sweep: starts programs';
const { spawn } = require('node:child_process');
const { connect } = require('node:net');
const { rmSync } = require('node:fs');
const [folder, address] = process.argv.slice(1);
process.on('disconnect', () => {
  rmSync(folder, { recursive: true, force: true });
  process.exit();
});
const send = (message) => process.connected && process.send(message, () => {});
const connected = (id, stream) => new Promise((resolve, reject) => {
  const socket = connect(address);
  socket.once('data', () => resolve(socket));
  socket.on('error', reject);
  // Whoever has no descriptor left for it closes it.
  socket.once('close', () => reject(Object.assign(new Error('too many open files'), { code: 'EMFILE' })));
  socket.write(JSON.stringify({ id, stream }));
});
process.on('message', async ({ id, start: { command: [file, ...args], folder, environment } }) => {
  const opened = await Promise.allSettled(['stdin', 'stdout', 'stderr'].map((stream) => connected(id, stream)));
  try {
    const stdio = opened.map(({ value, reason }) => {
      if (reason !== undefined) throw reason;
      return value;
    });
    const child = spawn(file, args, { cwd: folder, env: environment, detached: true, stdio });
    child.on('error', ({ message, code }) => child.pid === undefined && send({ id, error: { message, code } }));
    if (child.pid !== undefined) send({ id, pid: child.pid });
    child.on('exit', (exitCode, signal) => send({ id, end: { exitCode, signal } }));
  } catch ({ message, code }) {
    send({ id, error: { message, code } });
  }
  for (const { value } of opened) value?.destroy();
});
send({});
`;

type Answer =
  | { readonly id: number; readonly pid: number }
  | { readonly id: number; readonly end: Ended }
  | { readonly id: number; readonly error: { readonly message: string; readonly code?: string } };

type Stream = 'stdin' | 'stdout' | 'stderr';

/** A program from the call to its end. */
interface Pending {
  readonly sockets: Partial<Record<Stream, Socket>>;
  pid: number | null;
  readonly started: (program: Started) => void;
  readonly refused: (error: Error) => void;
  readonly ended: (end: Ended) => void;
  readonly whenEnded: Promise<Ended>;
}

class Spawner {
  readonly #child: ChildProcess;
  readonly #server: Server;
  readonly #programs = new Map<number, Pending>();
  #last = 0;
  isLost = false;

  private constructor(child: ChildProcess, server: Server) {
    this.#child = child;
    this.#server = server;
    child.on('message', (answer: Answer) => this.#hear(answer));
    child.once('disconnect', () => this.#lose());
    server.on('connection', (socket) => this.#take(socket));
    this.#hold();
  }

  /** Rejects where there can be none. */
  static async open(onLost: () => void): Promise<Spawner> {
    // Nobody else may look into it, so nobody else connects.
    const folder = mkdtempSync(join(tmpdir(), 'sweepstack-'));
    const server = createServer();
    try {
      const address = join(folder, 'streams');
      server.listen(address);
      await once(server, 'listening');
      // Apart from a terminal's group, which gets its Ctrl-C; a folder that stays; no flags that are meant for programs.
      const child = spawn(process.execPath, ['-e', PROGRAM, '--', folder, address], {
        cwd: '/',
        env: { ...process.env, NODE_OPTIONS: '' },
        detached: true,
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      });
      await new Promise((resolve, reject) => {
        child.once('message', resolve);
        child.once('error', reject);
        child.once('exit', () => reject(new Error('it ended at once')));
      });
      child.on('error', () => {}); // of a message that came too late
      child.once('disconnect', onLost);
      return new Spawner(child, server);
    } catch (error) {
      server.close();
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  start(start: Start): Promise<Started> {
    const id = ++this.#last;
    return new Promise((started, refused) => {
      let ended: (end: Ended) => void = () => {};
      const whenEnded = new Promise<Ended>((resolve) => {
        ended = resolve;
      });
      this.#programs.set(id, { sockets: {}, pid: null, started, refused, ended, whenEnded });
      this.#hold();
      this.#child.send({ id, start }, () => {}); // where it fails, the channel ends
    });
  }

  /** Neither the process nor the socket keeps us from ending, unless a program runs. */
  #hold(): void {
    const verb = this.#programs.size === 0 ? 'unref' : 'ref';
    this.#child[verb]();
    this.#child.channel?.[verb]();
    this.#server[verb]();
  }

  #take(socket: Socket): void {
    socket.on('error', () => {}); // who reads it hears of its end
    socket.once('data', (chunk: Buffer) => {
      socket.pause();
      const { id, stream } = JSON.parse(chunk.toString()) as { id: number; stream: Stream };
      const pending = this.#programs.get(id);
      if (pending === undefined) return socket.destroy();
      pending.sockets[stream] = socket;
      socket.write('\n');
    });
  }

  #hear(answer: Answer): void {
    const pending = this.#programs.get(answer.id);
    if (pending === undefined) return;
    if ('pid' in answer) {
      const { stdin, stdout, stderr } = pending.sockets;
      pending.pid = answer.pid;
      pending.started({ pid: answer.pid, stdin: stdin!, stdout: stdout!, stderr: stderr!, ended: pending.whenEnded });
      return;
    }
    if ('end' in answer) pending.ended(answer.end);
    else this.#refuse(pending, Object.assign(new Error(answer.error.message), { code: answer.error.code }));
    this.#programs.delete(answer.id);
    this.#hold();
  }

  #refuse({ sockets, refused }: Pending, error: Error): void {
    for (const socket of Object.values(sockets)) socket.destroy();
    refused(error);
  }

  /** How its programs end nobody will ever hear: they end now, as with a host that is lost, and run again. */
  #lose(): void {
    this.isLost = true;
    this.#server.close();
    for (const pending of this.#programs.values()) {
      if (pending.pid === null) this.#refuse(pending, new Error('the process that starts programs has ended'));
      else {
        killGroup(pending.pid);
        pending.ended({ exitCode: INTERRUPTED_STATUS, signal: null });
      }
    }
    this.#programs.clear();
  }
}

function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

/** The one of this process, which begins with the first call; null within it: there can be none. */
let spawner: Promise<Spawner | null> | null = null;

function running(): Promise<Spawner | null> {
  spawner ??= Spawner.open(() => {
    spawner = null;
  }).catch(() => null);
  return spawner;
}

/**
 * Starts a process through a small process, as `startHere` where there can be none. Linux only: other systems start
 * processes without a copy of anything.
 */
export const startApart: StartProcess = async (start) => {
  const mine = process.platform === 'linux' ? await running() : null;
  if (mine === null) return startHere(start);
  try {
    return await mine.start(start);
  } catch (error) {
    if (!mine.isLost) throw error;
    // It has ended meanwhile; what it may have started ends with the pipes.
    return startHere(start);
  }
};
