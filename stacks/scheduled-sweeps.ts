import { readdirSync, statSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { App } from 'aws-cdk-lib';
import { DISABLE_ASSET_STAGING_CONTEXT } from 'aws-cdk-lib/cx-api';
import { checkDeployable } from '../core/aws/deployable.ts';
import { BadInput, formatProblem, type Problem, SweepstackError } from '../core/base/errors.ts';
import { show } from '../core/base/text.ts';
import type { Spec } from '../core/spec/spec.ts';
import { packInputs } from '../inputs/pack.ts';
import { inTemporary } from '../storage/temporary.ts';
import type { Config, ScheduleConfig } from './config.ts';
import { budgetProblems } from './scheduled-budget.ts';

/** A schedule of the configuration, with everything its sweeps start from. */
export interface ScheduledSweep {
  readonly schedule: ScheduleConfig;
  /** The input of each execution. */
  readonly spec: Spec;
  /** Source and data, under the keys that they have in the store. */
  readonly folder: string;
  /** Size of all files in the folder. */
  readonly bytes: number;
}

/**
 * Checks the specs of all schedules and lays out their source and data, then calls `synthesize`: a construct's constructor
 * cannot await that. The folders exist until `synthesize` has copied them into the assembly.
 * @throws BadInput naming the schedule and what is wrong with its spec
 */
export async function withScheduledSweeps<Result>(
  app: App,
  config: Config,
  synthesize: (sweeps: readonly ScheduledSweep[]) => Result,
): Promise<Result> {
  if (config.schedules.length === 0) return synthesize([]);
  const work = async (folder: string) => synthesize(await packAll(config, folder));
  // With --no-staging, CDK uploads the folders in place, after this process has ended.
  const isCopied = app.node.tryGetContext(DISABLE_ASSET_STAGING_CONTEXT) === undefined;
  return isCopied ? inTemporary(work) : work(await mkdtemp(join(tmpdir(), 'sweepstack-schedules-')));
}

async function packAll(config: Config, parent: string): Promise<ScheduledSweep[]> {
  const sweeps: ScheduledSweep[] = [];
  for (const schedule of config.schedules) sweeps.push(await pack(schedule, config, join(parent, schedule.name)));
  return sweeps;
}

async function pack(schedule: ScheduleConfig, config: Config, folder: string): Promise<ScheduledSweep> {
  try {
    const { spec } = await packInputs(resolve(schedule.spec), folder, () => {});
    const { profiles, secrets, bucket, dataBuckets } = config;
    const data = { store: bucket === undefined ? null : `s3://${bucket}`, dataBuckets };
    const problems = [...idProblems(spec), ...budgetProblems(spec, config, schedule)];
    checkDeployable(spec, { profiles, secrets, stack: null, data }, problems);
    return { schedule, spec, folder, bytes: bytesIn(folder) };
  } catch (error) {
    // Neither bad input nor a file system error, so it is our bug: keep the stack trace.
    if (!(error instanceof SweepstackError) && (error as NodeJS.ErrnoException).code === undefined) throw error;
    throw badSchedule(schedule, error as Error);
  }
}

/** An id would be the same at every start. */
function idProblems({ sweepId }: Spec): Problem[] {
  if (sweepId === undefined) return [];
  return [
    {
      field: 'sweepId',
      message: `received ${show(sweepId)}; not allowed in a schedule, because every start would resume the same sweep; remove it, and each start becomes a new sweep`,
    },
  ];
}

/** The error as problems of the configuration. */
function badSchedule({ name, spec }: ScheduleConfig, cause: Error): BadInput {
  const problems = cause instanceof BadInput ? cause.problems : [{ field: '', message: cause.message }];
  const error = new BadInput(
    problems.map((problem) => ({
      field: `sweepstack.schedules.${name}.spec`,
      message: `${spec}: ${formatProblem(problem)}`,
    })),
  );
  error.cause = cause;
  return error;
}

function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}
