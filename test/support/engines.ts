import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import type { SpecInput } from '../../core/spec/spec.ts';
import { openStore } from '../../storage/open.ts';
import type { ObjectStore } from '../../storage/store.ts';
import { type Cloud, endOf, startByCommandLine, startExecution } from './cloud.ts';
import { SWEEP } from './sweep-command.ts';

/** How a sweep ended, wherever it ran. */
export interface SweepEnd {
  readonly status: 'succeeded' | 'failed' | 'stopped';
  /** What the execution answered; null when it did not come to its end. */
  // biome-ignore lint/suspicious/noExplicitAny: any JSON
  readonly output: any;
  readonly error?: string;
  readonly cause?: string;
}

export interface RunningSweep {
  readonly ended: Promise<SweepEnd>;
  stop(): Promise<void>;
}

/** What runs whole sweeps: this machine, or AWS. */
export interface Engine {
  readonly name: string;
  readonly store: ObjectStore;
  begin(spec: SpecInput & { readonly sweepId: string }): Promise<RunningSweep>;
  /** `sweep remove`. */
  remove(sweepId: string): Promise<void>;
  stop(): Promise<void>;
}

export async function run(engine: Engine, spec: SpecInput & { readonly sweepId: string }): Promise<SweepEnd> {
  return (await engine.begin(spec)).ended;
}

/** The local engine, with two slots, in a folder of its own. */
export async function localEngine(): Promise<Engine> {
  const workdir = await mkdtemp(join(tmpdir(), 'sweepstack-engine-'));
  const store = await openStore(pathToFileURL(join(workdir, 'store')).href);
  return {
    name: 'local',
    store,
    async begin(spec) {
      const program = join(import.meta.dirname, 'local-sweep.ts');
      const child = spawn(process.execPath, [program, workdir, JSON.stringify(spec)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = json(child.stdout).then((said): SweepEnd => {
        const { status, output = null, ...why } = said as SweepEnd;
        return { ...why, output, status: (status as string) === 'interrupted' ? 'stopped' : status };
      });
      return {
        ended,
        async stop() {
          child.kill('SIGTERM');
          await ended;
        },
      };
    },
    async remove(sweepId) {
      await sweepCommand(['remove', sweepId, '--yes', '--workdir', workdir], {});
    },
    stop: () => rm(workdir, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** Sweeps as people start them on AWS: by `aws stepfunctions start-execution` the first, by the SDK the others. */
export function awsEngine(cloud: Cloud): Engine {
  let executions = 0;
  return {
    name: 'aws',
    store: cloud.store,
    async begin(spec) {
      const start = executions === 0 ? startByCommandLine : startExecution;
      const arn = await start(cloud, `${spec.sweepId}-x${++executions}`, spec);
      const ended = endOf(cloud, arn).then(({ arn: _, status, ...end }): SweepEnd => {
        if (status === 'SUCCEEDED') return { ...end, status: 'succeeded' };
        return { ...end, status: status === 'ABORTED' ? 'stopped' : 'failed' };
      });
      return {
        ended,
        async stop() {
          // Step Functions stops the jobs as a best effort, moto does not: the command ends each by itself.
          await sweepCommand(['stop', spec.sweepId, '--aws'], cloud.environment);
          await ended;
        },
      };
    },
    async remove(sweepId) {
      await sweepCommand(['remove', sweepId, '--yes', '--aws'], cloud.environment);
    },
    stop: async () => undefined,
  };
}

/** The command as it is shipped; what it printed. */
function sweepCommand(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [SWEEP, ...args],
      { env: { ...process.env, ...environment } },
      (error, stdout, stderr) => (error === null ? resolve(stdout) : reject(new Error(`sweep ${args[0]}: ${stderr}`))),
    );
  });
}
