import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { expect } from 'vitest';

/** The command as it is shipped, used through real processes by somebody who has only a folder and a spec. */
export const SWEEP = join(import.meta.dirname, '../../dist/sweep.mjs');

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

export interface CommandOptions {
  /** More variables; undefined takes one away. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Default: the spec's folder. */
  readonly folder?: string;
  /** A process group of its own, so that all of it can be killed at once. */
  readonly detached?: boolean;
}

/** What `run --json` prints. */
export interface Summary {
  readonly sweepId: string;
  readonly status: string;
  readonly trials: {
    readonly planned: number;
    readonly trained: number;
    readonly reused: number;
    readonly failed: number;
  };
  readonly best: {
    readonly trialId: string;
    readonly parameters: Readonly<Record<string, unknown>>;
    readonly metric: string;
    readonly value: number;
    readonly epoch: number | null;
    readonly model: string | null;
  } | null;
  readonly leaderboard: string;
  readonly report: string;
  readonly error?: string;
}

export interface BoardTrial {
  readonly rank: number | null;
  readonly trial: number;
  readonly id: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly value: number | null;
  readonly epochs: number;
  readonly status: string;
  readonly diverged?: true;
  readonly failureClass?: string;
}

/** A temporary home: `project/` holds the spec and the code, `out/` what programs leave for the test, outside the source. */
export class Place {
  readonly root = mkdtempSync(join(tmpdir(), 'sweepstack-cli-'));
  readonly project = join(this.root, 'project');
  readonly out = join(this.root, 'out');
  readonly #children = new Set<ChildProcess>();

  constructor() {
    mkdirSync(this.project);
    mkdirSync(this.out);
  }

  write(files: Readonly<Record<string, string>>): this {
    for (const [name, text] of Object.entries(files)) {
      const file = join(this.project, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    return this;
  }

  /** Starts a command in the project; its cache and home lie here, so nothing leaks into the user's own. */
  start(args: readonly string[], options: CommandOptions = {}): Running {
    const folders = { XDG_CACHE_HOME: join(this.root, 'cache'), OUT: this.out, SWEEPSTACK_CACHE: undefined };
    const child = spawn(process.execPath, [SWEEP, ...args], {
      cwd: options.folder ?? this.project,
      env: { ...process.env, ...folders, ...options.environment },
      detached: options.detached ?? false,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#children.add(child);
    const text = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        text[name] += chunk;
      });
    }
    const ended = new Promise<Ended>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (status) => {
        this.#children.delete(child);
        resolve({ status, ...text });
      });
    });
    return { child, ended };
  }

  sweep(args: readonly string[], options: CommandOptions = {}): Promise<Ended> {
    return this.start(args, options).ended;
  }

  /** `sweep run sweep.yaml --json`, which has to end with `status`; the document it printed. */
  async run(args: readonly string[] = [], options: CommandOptions = {}, status = 0): Promise<Summary> {
    const ended = await this.sweep(['run', 'sweep.yaml', '--json', ...args], options);
    expect(ended.status, ended.stderr).toBe(status);
    return JSON.parse(ended.stdout) as Summary;
  }

  /** Resolves when a program has made the file `out/<name>`; fails when the command ends before. */
  async appears(name: string, running: Running): Promise<void> {
    const file = join(this.out, name);
    const controller = new AbortController();
    const made = new Promise<void>((resolve) => {
      watch(this.out, { signal: controller.signal }, () => existsSync(file) && resolve());
      if (existsSync(file)) resolve();
    });
    const over = running.ended.then(({ status, stderr }) => {
      throw new Error(`the command ended with ${status} before ${name} was there:\n${stderr}`);
    });
    try {
      await Promise.race([made, over]);
    } finally {
      controller.abort();
      over.catch(() => {});
    }
  }

  /** Makes `out/<name>`: what a held program waits for. */
  release(name: string): void {
    writeFileSync(join(this.out, name), '');
  }

  /** The lines of `out/<name>`; none when it is not there. */
  lines(name: string): string[] {
    const file = join(this.out, name);
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
  }

  clearLines(name: string): void {
    rmSync(join(this.out, name), { force: true });
  }

  /** Every file and folder below the project. */
  listing(): string[] {
    return (readdirSync(this.project, { recursive: true }) as string[]).sort();
  }

  remove(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
  }
}

export function trialsOf(summary: Summary): BoardTrial[] {
  return (JSON.parse(readFileSync(summary.leaderboard, 'utf8')) as { trials: BoardTrial[] }).trials;
}

/** Command lines of this machine's processes that hold the text. */
export function processesWith(text: string): string[] {
  if (!existsSync('/proc')) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return `${basename(pid)}: ${readFileSync(join('/proc', pid, 'cmdline'), 'utf8').replaceAll('\0', ' ')}`;
      } catch {
        return ''; // ended meanwhile
      }
    })
    .filter((line) => line.includes(text));
}
