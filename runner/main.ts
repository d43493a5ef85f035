import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { markOf } from '../core/trial/child-log.ts';
import { usableCores, VCPUS_VARIABLE } from '../core/trial/cores.ts';
import { DENIED_STATUS, INTERRUPTED_STATUS } from '../core/trial/failure.ts';
import { noticeEnd, noticeGraceSeconds, SIGTERM_GRACE_SECONDS } from '../core/trial/grace.ts';
import { SPOT_TAKEN_BACK } from '../core/trial/interruption.ts';
import packageJson from '../package.json' with { type: 'json' };
import { AccessDenied } from '../storage/errors.ts';
import { openStore } from '../storage/open.ts';
import { ChildStart } from './child-start.ts';
import { pullingSeconds } from './container-metadata.ts';
import { LimitedOutput } from './limited-output.ts';
import { Mps } from './mps.ts';
import { ownInstance } from './own-instance.ts';
import { PrefixedLines } from './prefixed-lines.ts';
import { runTrial } from './run-trial.ts';
import { secretsManager } from './secrets.ts';
import { pollSpotNotice } from './spot-notice.ts';
import { StopRequest } from './stop-request.ts';
import type { TrialOutcome, TrialRun } from './types.ts';
import { laneOptions, slotOfLane, type TrainUnit, trainUnits } from './units.ts';
import { childUnits } from './wave-units.ts';

// The container's entrypoint: what one child of an AWS Batch job trains. Exit status 0 succeeded, 1 failed, 75 interrupted, 77 denied.

/** The built-in trainer, where the image has it. */
const TRAINER = ['python', '/opt/sweepstack/trainer/train.py'];

if (process.argv.includes('--version')) {
  console.log(packageJson.version);
  process.exit(0);
}

/** Milliseconds between tries to store a result, 10 minutes in all: what this container trained is lost with it. */
const STORE_PAUSES = [1, 2, 4, 8, 16, 32, ...Array<number>(9).fill(60)].map((seconds) => seconds * 1000);

/** After a Spot notice the host has two minutes; a container that is started anew meanwhile would be lost with it. */
const HOLD_SECONDS = 150;

const interruption = new AbortController();
const termination = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    interruption.abort(new StopRequest(`its container received ${signal}`, SIGTERM_GRACE_SECONDS));
    termination.abort();
  });
}
const spot = pollSpotNotice(process.env);
let noticed = false;
void spot.notice.then((notice) => {
  noticed = true;
  const end = noticeEnd(notice);
  const graceSeconds = end === null ? SIGTERM_GRACE_SECONDS : noticeGraceSeconds(end, Date.now());
  console.log(JSON.stringify({ type: 'spot-notice', notice, graceSeconds }));
  interruption.abort(new StopRequest(SPOT_TAKEN_BACK, graceSeconds));
});

async function train(): Promise<number> {
  const { env } = process;
  const work = join(env['SWEEP_WORK'] ?? tmpdir(), `sweepstack-${process.pid}`);
  const child = {
    environment: env,
    inherited: env,
    store: await openStore(env['S3_OUTPUT_PATH'] ?? ''),
    cacheFolder: env['SWEEP_CACHE'] ?? '/var/cache/sweepstack',
    slot: { cores: usableCores(availableParallelism(), env[VCPUS_VARIABLE]), gpus: null },
    instance: ownInstance(env, termination.signal),
    childStart: new ChildStart(env, pullingSeconds(env, termination.signal)),
    requiredGpus: Number(env['SWEEP_GPUS'] ?? 0),
    builtInCommand: async () => TRAINER,
    secrets: secretsManager(),
    storePauses: STORE_PAUSES,
    signal: interruption.signal,
    hurry: termination.signal,
  };
  const units = await childUnits(child);
  const options = await laneOptions(child, units.sweepId);
  const mps =
    options.hasGpu && options.lanes !== 1 && options.hasOwnMps !== true
      ? new Mps(env, (message) => console.log(JSON.stringify({ type: 'mps', message })), interruption.signal)
      : null;
  let count = 0;
  const train: TrainUnit = async (unit, lane) => {
    const { hasNeighbours, stopQueue } = lane;
    const sharing = lane.mayShare ? ((await mps?.share()) ?? undefined) : undefined;
    const place = {
      workFolder: `${work}-${count++}`,
      slot: slotOfLane(child.slot, lane, options.lanes),
      hasNeighbours,
      sharing,
      stopQueue,
    };
    const mark = options.lanes === 1 ? null : markOf(unit.trial.id);
    const outcome = await printed(mark, (hearing) => runTrial({ ...child, ...place, ...hearing }, unit));
    if (sharing !== undefined) await mps?.heard(outcome);
    return outcome;
  };
  return trainUnits(units, train, interruption.signal, options).finally(() => mps?.end());
}

/** Prints what is said of a training, by its program and of it. `mark`: before each line, where several train at once. */
async function printed(
  mark: string | null,
  training: (hearing: Pick<TrialRun, 'onOutput' | 'onEvent'>) => Promise<TrialOutcome>,
): Promise<TrialOutcome> {
  const output = new LimitedOutput();
  const lines = mark === null ? null : new PrefixedLines(mark);
  const say = (chunk: Buffer) => void process.stdout.write(lines?.add(chunk) ?? chunk);
  const tell = (event: object) => Buffer.from(`${JSON.stringify(event)}\n`);
  const outcome = await training({
    onOutput: (chunk) => say(output.add(chunk)),
    // A sample every ten seconds would fill the log, and the result tells what they come to.
    onEvent: (event) => event.type !== 'gpu' && say(output.add(tell(event))),
  }).finally(() => {
    say(output.end());
    if (lines !== null) process.stdout.write(lines.end());
  });
  say(tell({ type: 'ended', status: outcome.status, failure: outcome.result?.failure ?? null }));
  return outcome;
}

let status: number = INTERRUPTED_STATUS;
try {
  status = await train();
} catch (error) {
  console.error(error);
  // Neither the program nor its parameters are to blame, and the next attempt may find the store or the network back;
  // a permission that is missing stays missing.
  if (error instanceof AccessDenied) status = DENIED_STATUS;
}
spot.stop();
// Leaving at once would let Batch start the next attempt on this same host, which is about to go.
if (noticed && status === INTERRUPTED_STATUS) {
  const seconds = Number(process.env['SWEEP_HOLD_SECONDS'] ?? HOLD_SECONDS);
  await sleep(seconds * 1000, undefined, { signal: termination.signal }).catch(() => {});
}
process.exit(status);
