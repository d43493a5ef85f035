import { type ChildProcess, spawn } from 'node:child_process';
import { type Ended, type Start, type Started, startHere } from './start.ts';

/**
 * To start a program, the system copies the page tables of the process that starts it and waits for the program to take the
 * copy's place: of a large command a few milliseconds, in which it does nothing else. This one is small. It opens the pipes
 * that the command has for a program's output, so none of it passes through here, and holds the lifelines: when the
 * command is gone, however suddenly, its channel ends, and this process and with it the lifelines as well.
 * Plain JavaScript as text, because the command is one bundled file.
 */
const STARTER = `
process.title = 'sweep: starts programs';
const { spawn } = require('node:child_process');
const { closeSync, constants, openSync, readlinkSync } = require('node:fs');
// What is sent to all processes of a service is for the command, which asks the programs to end and waits for them.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
const lifelines = new Map();
const send = (message) => process.connected && process.send(message, () => {});
process.on('disconnect', () => process.exit());
process.on('message', ({ id, start }) => {
  if (start === undefined) {
    const lifeline = lifelines.get(id);
    lifelines.delete(id);
    lifeline.write('\\n', () => lifeline.destroy());
    return;
  }
  const { command: [file, ...args], folder, environment, output } = start;
  const refuse = ({ message, code }) => send({ id, error: { message, code } });
  const opened = [];
  try {
    for (const path of output) opened.push(openSync(path, constants.O_WRONLY));
  } catch {
    send({ id, pid: null });
  }
  if (opened.length === output.length) try {
    const stdio = ['ignore', ...opened, 'pipe'];
    const child = spawn(file, args, { cwd: folder, env: environment, detached: true, stdio });
    if (child.pid === undefined) child.on('error', refuse);
    else {
      child.on('error', () => {});
      lifelines.set(id, child.stdio[3].on('error', () => {}));
      send({ id, pid: child.pid });
      child.on('exit', (exitCode, signal) => send({ id, end: { exitCode, signal } }));
    }
  } catch (error) {
    refuse(error);
  }
  for (const fd of opened) closeSync(fd);
});
// Where /proc shows other processes than ours, what lies there is not the command's.
if (readlinkSync('/proc/self') === String(process.pid)) send({});
else process.exit();
`;

type Answer =
  | { readonly id?: never }
  | { readonly id: number; readonly pid: number | null }
  | { readonly id: number; readonly end: Ended }
  | { readonly id: number; readonly error: { readonly message: string; readonly code?: string } };

/** The end of a program whose end nobody could hear: perhaps in the middle of writing a file. */
const LOST: Ended = { exitCode: null, signal: null };

/** The starter ended while it was asked for a program, which may have begun: beside it another would share its folder and its mark. */
export class StartLost extends Error {
  readonly end = LOST;
}

/** A program from the call to its end. */
interface Pending {
  readonly begun: (pid: number | null) => void;
  readonly refused: (error: Error) => void;
  readonly ended: (end: Ended) => void;
}

class Starter {
  readonly #child: ChildProcess;
  readonly #programs = new Map<number, Pending>();
  #last = 0;
  #isReady = false;

  constructor() {
    // Apart from a terminal's group, which gets its Ctrl-C; a folder that stays; no flags that are meant for programs.
    this.#child = spawn(process.execPath, ['-e', STARTER], {
      cwd: '/',
      env: { ...process.env, NODE_OPTIONS: '' },
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#child.on('message', (answer: Answer) => this.#hear(answer));
    this.#child.on('error', () => {}); // of a message that came too late, or it did not start: then it is never ready
    this.#child.once('disconnect', () => this.#lose());
    this.#hold();
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /**
   * @returns null where it cannot open the pipes
   * @throws StartLost
   */
  async start({ output, ...start }: Start): Promise<Started | null> {
    const id = ++this.#last;
    const paths = output!.map((fd) => `/proc/${process.pid}/fd/${fd}`);
    let ended: (end: Ended) => void = () => {};
    const end = new Promise<Ended>((resolve) => {
      ended = resolve;
    });
    const pid = await new Promise<number | null>((begun, refused) => {
      this.#programs.set(id, { begun, refused, ended });
      this.#hold();
      this.#send({ id, start: { ...start, output: paths } });
    });
    if (pid === null) return null;
    return { pid, stdout: null, stderr: null, letGo: () => this.#send({ id }), ended: end };
  }

  /** Where it fails, the channel ends. */
  #send(message: object): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  /** It keeps us from ending only while a program runs. */
  #hold(): void {
    const verb = this.#programs.size === 0 ? 'unref' : 'ref';
    this.#child[verb]();
    this.#child.channel?.[verb]();
  }

  #hear(answer: Answer): void {
    if (answer.id === undefined) {
      this.#isReady = true;
      return;
    }
    const program = this.#programs.get(answer.id)!;
    if ('pid' in answer) {
      program.begun(answer.pid);
      if (answer.pid !== null) return;
      this.#isReady = false;
    } else if ('end' in answer) program.ended(answer.end);
    else program.refused(Object.assign(new Error(answer.error.message), { code: answer.error.code }));
    this.#programs.delete(answer.id);
    this.#hold();
  }

  /** How its programs end nobody will ever hear: their watchers end them, as with a host that is lost, and they run again. */
  #lose(): void {
    this.#isReady = false;
    for (const program of this.#programs.values()) {
      program.refused(new StartLost());
      program.ended(LOST);
    }
    this.#programs.clear();
  }
}

/** Programs that were over so soon that they cost most by their start. */
export class ShortPrograms {
  #count = 0;

  /** @param milliseconds that one lasted */
  add(milliseconds: number): void {
    if (milliseconds < 1000) this.#count += 1;
  }

  /** Whether a process that starts the next ones is worth its own start. */
  get areMany(): boolean {
    return this.#count >= 16;
  }
}

const short = new ShortPrograms();
/** The one of this process; when it is lost, there is no other. */
let starter: Starter | null = null;

/** Starts a process. @throws what the system says: no such folder, a NUL in a value, too many open files */
export async function start(given: Start): Promise<Started> {
  if (given.output === null) return startHere(given);
  const apart = starter?.isReady ? await starter.start(given) : null;
  return apart ?? counted(await startHere(given));
}

function counted(program: Started): Started {
  const began = performance.now();
  const ended = program.ended.then(() => {
    short.add(performance.now() - began);
    if (short.areMany) starter ??= new Starter();
  });
  ended.catch(() => {}); // where the system lacks something for it, the next program's end is another occasion
  return program;
}
