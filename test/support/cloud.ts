import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  DescribeExecutionCommand,
  type HistoryEvent,
  paginateGetExecutionHistory,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { App } from 'aws-cdk-lib';
import { parseConfig } from '../../stacks/config.ts';
import { withScheduledSweeps } from '../../stacks/scheduled-sweeps.ts';
import { SweepstackStack } from '../../stacks/sweepstack-stack.ts';
import { S3Store } from '../../storage/s3.ts';
import { newClient } from '../../storage/s3-client.ts';

const ROOT = join(import.meta.dirname, '../..');
const PROJECT = join(ROOT, 'test/python');

/** AWS on this machine with the stack deployed: moto, and real processes for functions and trials. */
export interface Cloud {
  /** What a process needs in its environment to reach it as a person with every right. */
  readonly environment: Readonly<Record<string, string>>;
  readonly stateMachine: string;
  readonly store: S3Store;
  /** Deploys the stack again, with another configuration, beside whatever runs. */
  deploy(config: unknown): Promise<void>;
  /** What a schedule does at its time, with its role's rights: the ARN of the execution. @throws Error when it could not */
  fire(schedule: string): Promise<string>;
  /** The AWS command line; its answer. @throws Error with what it said */
  aws(...args: string[]): Promise<string>;
  /**
   * Faults to come: throttled submissions, an error of every submission, `[child, attempt]` of hosts and
   * SIGTERMs, and containers that end in a way of their own, by child.
   */
  set(faults: {
    throttled?: number;
    refused?: string | null;
    reclaims?: [number, number][];
    terms?: [number, number][];
    ends?: Readonly<Record<number, { statusReason: string; reason?: string; exitCode?: number }>>;
    /** Said of every job queue, and of every compute environment, in place of what is so. */
    broken_queues?: object;
    broken_environments?: object;
  }): Promise<void>;
  /** What the account says: quotas by code, Lambda's concurrency, services that refuse a person. */
  account(facts: {
    quotas?: Readonly<Record<string, number>>;
    concurrency?: number;
    withheld?: readonly string[];
  }): Promise<void>;
  /** `definitions`: the job definition of each job by the job's name; `mails`: whom EventBridge wrote to, and of what; `people`: the
   * credentials of somebody who has nothing but the managed policy of that name. */
  get<T>(what: 'submitted' | 'seconds' | 'running' | 'denied' | 'definitions' | 'mails' | 'people'): Promise<T>;
  /** Takes an action from a role's policies; the function gives it back. */
  revoke(role: string, action: string): Promise<() => Promise<void>>;
  stop(): Promise<void>;
}

/** Synthesizes the stack with this configuration and deploys it. It ends with `stop`, and with this process at the latest. */
export async function startCloud(config: unknown = {}): Promise<Cloud> {
  const assembly = await synthesize(config);
  const command = ['run', '--frozen', '--project', PROJECT, 'python', join(PROJECT, 'cloud_server.py')];
  const programs = [process.execPath, join(ROOT, 'dist/runner.mjs'), join(ROOT, 'test/support/warm-runner.ts')];
  const server = spawn(process.env['UV'] ?? 'uv', [...command, assembly, ...programs], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  server.stderr.on('data', (text) => {
    said = (said + text).slice(-8000);
  });
  const exited = once(server, 'exit');
  const failed = exited.then(([code]) => {
    throw new Error(`the cloud ended with status ${code}:\n${said}`);
  });
  failed.catch(() => undefined);
  const lines = createInterface(server.stdout)[Symbol.asyncIterator]();
  const nextLine = async () => {
    const { done, value } = await lines.next();
    return done ? failed : JSON.parse(value);
  };
  const deployed = await nextLine();
  const environment = {
    AWS_ACCESS_KEY_ID: 'person',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_REGION: deployed.region as string,
    AWS_DEFAULT_REGION: deployed.region as string,
    AWS_ENDPOINT_URL: deployed.endpoint as string,
    AWS_PAGER: '',
  };
  Object.assign(process.env, environment);
  let turn: Promise<unknown> = Promise.resolve();
  // One question at a time: answers come in the order of the questions.
  // biome-ignore lint/suspicious/noExplicitAny: any JSON
  const ask = (question: object): Promise<any> => {
    const answer = turn.then(async () => {
      server.stdin.write(`${JSON.stringify(question)}\n`);
      const said = await nextLine();
      if (said.error !== undefined) throw new Error(said.error);
      return said;
    });
    turn = answer.catch(() => undefined);
    return answer;
  };
  return {
    environment,
    stateMachine: deployed.outputs.StateMachine,
    store: new S3Store(deployed.outputs.Store, newClient()),
    deploy: async (config) => {
      const next = await synthesize(config);
      try {
        await ask({ deploy: next });
      } finally {
        rmSync(next, { recursive: true, force: true });
      }
    },
    fire: async (schedule) => {
      const { execution, ...failed } = await ask({ fire: `Sweepstack-${schedule}` });
      if (execution === null) throw new Error(JSON.stringify(failed));
      return execution;
    },
    aws: (...args) => awsCommand(args, environment),
    set: async (faults) => void (await ask({ set: faults })),
    account: async (facts) => void (await ask({ account: facts })),
    get: async (what) => (await ask({ get: what }))[what],
    revoke: async (role, action) => {
      const { before } = await ask({ revoke: [role, action] });
      return async () => void (await ask({ restore: [role, before] }));
    },
    stop: async () => {
      server.stdin.end();
      await exited;
      rmSync(assembly, { recursive: true, force: true });
    },
  };
}

/** The folder of the assembly. */
async function synthesize(configuration: unknown): Promise<string> {
  const assembly = mkdtempSync(join(tmpdir(), 'sweepstack-assembly-'));
  const app = new App({ outdir: assembly });
  const config = parseConfig(configuration);
  await withScheduledSweeps(app, config, (scheduledSweeps) => {
    new SweepstackStack(app, 'Sweepstack', { config, scheduledSweeps });
    app.synth();
  });
  return assembly;
}

let python: string | undefined;

function awsCommand(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<string> {
  // The interpreter of the project: uv itself would be started anew for each call.
  python ??= spawnSync(
    process.env['UV'] ?? 'uv',
    ['run', '--frozen', '--project', PROJECT, 'python', '-c', 'import sys; print(sys.executable)'],
    { encoding: 'utf8' },
  ).stdout.trim();
  return new Promise((resolve, reject) => {
    execFile(
      python!,
      ['-m', 'awscli', ...args],
      { env: { ...process.env, ...environment } },
      (error, stdout, stderr) => (error === null ? resolve(stdout) : reject(new Error(`aws ${args[0]}: ${stderr}`))),
    );
  });
}

/** How an execution ended. */
export interface Ended {
  readonly arn: string;
  readonly status: string;
  // biome-ignore lint/suspicious/noExplicitAny: any JSON
  readonly output: any;
  readonly error?: string;
  readonly cause?: string;
}

/** Starts an execution by the AWS command line, which takes a second or two of a core; its ARN. */
export async function startByCommandLine(cloud: Cloud, name: string, input: unknown): Promise<string> {
  const said = await cloud.aws(
    ...['stepfunctions', 'start-execution', '--state-machine-arn', cloud.stateMachine],
    ...['--name', name, '--input', JSON.stringify(input)],
  );
  return JSON.parse(said).executionArn;
}

const stepFunctions = ({ environment }: Cloud) =>
  new SFNClient({ region: environment['AWS_REGION']!, endpoint: environment['AWS_ENDPOINT_URL']! });

/** The same by the SDK. */
export async function startExecution(cloud: Cloud, name: string, input: unknown): Promise<string> {
  const client = stepFunctions(cloud);
  const execution = { stateMachineArn: cloud.stateMachine, name, input: JSON.stringify(input) };
  const { executionArn } = await client.send(new StartExecutionCommand(execution));
  client.destroy();
  return executionArn!;
}

/** Waits for an execution's end. */
export async function endOf(cloud: Cloud, arn: string, seconds = 120): Promise<Ended> {
  const client = stepFunctions(cloud);
  for (let waited = 0; waited < seconds * 5; waited++) {
    const { status, output, error, cause } = await client.send(new DescribeExecutionCommand({ executionArn: arn }));
    if (status !== 'RUNNING') {
      client.destroy();
      return {
        arn,
        status: status ?? '',
        output: output === undefined ? null : JSON.parse(output),
        ...(error === undefined ? {} : { error }),
        ...(cause === undefined ? {} : { cause }),
      };
    }
    await new Promise((next) => setTimeout(next, 200));
  }
  throw new Error(`the execution ${arn} still runs after ${seconds} s`);
}

/** The events of an execution, of every page. */
export async function historyOf(cloud: Cloud, arn: string): Promise<HistoryEvent[]> {
  const client = stepFunctions(cloud);
  const pages = await Array.fromAsync(paginateGetExecutionHistory({ client }, { executionArn: arn }));
  client.destroy();
  return pages.flatMap(({ events = [] }) => events);
}

export async function runExecution(cloud: Cloud, name: string, input: unknown, seconds?: number): Promise<Ended> {
  return endOf(cloud, await startExecution(cloud, name, input), seconds);
}
