import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { MAX_TIMER_MS } from '../core/base/timer.ts';
import { HELD_BACK } from '../core/layout/control.ts';
import type { Spec } from '../core/spec/spec.ts';
import { BadMetrics } from '../core/trial/bad-metrics.ts';
import { earlyStop } from '../core/trial/early-stop.ts';
import { epochWarnings } from '../core/trial/epoch-warnings.ts';
import { type Failure, INTERRUPTED_STATUS, type ProgramEnd } from '../core/trial/failure.ts';
import { SIGTERM_GRACE_SECONDS } from '../core/trial/grace.ts';
import { mayBeNeighbours, mayBeSharing } from '../core/trial/lanes.ts';
import { parseMetrics } from '../core/trial/metrics.ts';
import { readMetricsText } from '../core/trial/metrics-text.ts';
import { whereItMayBe } from '../core/trial/missing-metric.ts';
import { orderBefore } from '../core/trial/orders.ts';
import { PhaseClock } from '../core/trial/phases.ts';
import { recordsProvenance } from '../core/trial/provenance.ts';
import { type SweepObjects, sweepObjects } from '../objects/sweep-objects.ts';
import { removeTree } from '../storage/files.ts';
import { inTurn, saveCheckpoint } from './at-stop.ts';
import type { Attempt } from './attempt.ts';
import { type AttemptFolders, makeFolders, reclaimFolders } from './attempt-folders.ts';
import { beginUnderBudget } from './budget-watch.ts';
import { Checkpoints } from './checkpoint.ts';
import { UNTOLD } from './child-start.ts';
import { markFinite, reasonNotToStart } from './doomed.ts';
import { FileMetrics } from './file-metrics.ts';
import { noteInterruption } from './interruptions.ts';
import { existingResult, leaveKept, leaveResult, leaveUntrained } from './leave-result.ts';
import { Log } from './log.ts';
import { MemoryWatch } from './memory-watch.ts';
import { monitor } from './monitor.ts';
import { NumberFiles } from './number-files.ts';
import { LEFT, orderOf } from './orders.ts';
import { Outputs } from './outputs.ts';
import { PrintedMetrics } from './printed-metrics.ts';
import { runProgram, STREAMS, type Stream } from './program.ts';
import { ProvenanceWatch } from './provenance.ts';
import { Veil } from './redact.ts';
import { trialWaits, whenAvailable } from './scarce.ts';
import { setUpInTime, setupFailure, type TrialSetup } from './setup.ts';
import type { TrialOutcome, TrialRun } from './types.ts';
import type { Unit } from './units.ts';
import { type AllReported, readAllReported } from './uploads.ts';
import { memoryHere, UsageWatch } from './usage-watch.ts';
import { judgeEnd, type ProgramVerdict } from './verdict.ts';
import { watchClaim } from './watch-claim.ts';

export type { RunnerEvent, TrialOutcome, TrialRun } from './types.ts';

/**
 * Trains one unit: prepares a private folder, runs the training command and leaves a result. An interrupted attempt leaves
 * a checkpoint but no result. @throws if the store cannot be read or written
 */
export async function runTrial(given: TrialRun, unit: Unit): Promise<TrialOutcome> {
  if (unit.search === undefined) return runUnit(given, unit);
  const watch = watchClaim(sweepObjects(given.store, unit.sweepId).search, unit.search.claim);
  try {
    const outcome = await runUnit({ ...given, signal: AbortSignal.any([given.signal, watch.superseded]) }, unit);
    // Whoever trains it now leaves its result; this child is free for another unit.
    const isTheirs = outcome.status === 'interrupted' && watch.superseded.aborted && !given.signal.aborted;
    return isTheirs ? { ...outcome, exitCode: 0 } : outcome;
  } finally {
    watch.stop();
  }
}

async function runUnit(run: TrialRun, { sweepId, round, trial, search }: Unit): Promise<TrialOutcome> {
  const existing = await existingResult(run, sweepId, trial);
  if (existing !== null)
    return { status: 'reused', exitCode: existing.status === 'succeeded' ? 0 : 1, result: existing };
  if (run.signal.aborted) {
    // Nothing of it was trained, so it is no start that counts.
    if (search !== undefined) await sweepObjects(run.store, sweepId).search.release(search.claim);
    return INTERRUPTED;
  }
  const kept = await leaveKept(run, sweepId, round, trial);
  if (kept !== null) return kept;
  const objects = sweepObjects(run.store, sweepId);
  const spec = await objects.definition.sharedSpec();
  const order = orderBefore(await objects.control.readable(HELD_BACK), trial.trial);
  if (order?.kind === 'leave') return LEFT;
  if (order !== null) return leaveUntrained(run, spec, sweepId, trial, { class: 'skipped', reason: order.because });
  const name = { trialId: trial.id, epochs: trial.epochs };
  if ((await objects.budget.endBefore(spec, name, new Date().toISOString())) !== null) return LEFT;
  const reason = search === undefined ? await reasonNotToStart(objects, round, spec, trial) : null;
  if (reason !== null) return leaveUntrained(run, spec, sweepId, trial, { class: 'not-run', reason });
  const number = search?.claim.generation ?? Number(run.environment['AWS_BATCH_JOB_ATTEMPT'] ?? 1);
  const attemptName = `${number}-${randomBytes(3).toString('hex')}`;
  const budget = await beginUnderBudget(objects.budget, spec, { ...name, attempt: attemptName }, run);
  if (budget === null) return LEFT;
  run.onEvent?.({ type: 'started', ...trial });
  const folders = await makeFolders(resolve(run.workFolder));
  const memory = new MemoryWatch(gpusToWatch(run));
  const attempt: Attempt = {
    run,
    sweepId,
    round,
    spec,
    trial,
    number,
    name: attemptName,
    folders,
    log: new Log(),
    printed: spec.objective.pattern === undefined ? null : new PrintedMetrics(spec.objective),
    written:
      spec.objective.file === undefined ? null : new FileMetrics(spec.objective.file, folders, spec.training.workdir),
    memory,
    usage: new UsageWatch(gpusToWatch(run), run.slot.cores, run.slot.id === undefined ? memoryHere() : null, memory),
    provenance: new ProvenanceWatch(),
    checkpoints: checkpointsOf(objects, trial, search, folders, spec.objective.metric),
    startedAt: new Date(),
    before: run.childStart?.begins(search === undefined) ?? Promise.resolve(UNTOLD),
    phases: new PhaseClock(Date.now()),
    medians: search === undefined ? await mediansOf(objects, spec, round) : search.medians,
    budget,
    early: new AbortController(),
    spoiled: new AbortController(),
    ordered: new AbortController(),
    veil: new Veil(),
  };
  try {
    return await train(attempt);
  } finally {
    attempt.printed?.close();
    await budget.leave(Date.now(), run.signal);
    attempt.provenance.stop();
    // What cannot be removed (a program took the right to) is no reason to doubt the result that is written.
    await removeTree(folders.root).catch(() => {});
  }
}

const mediansOf = async ({ rounds }: SweepObjects, spec: Spec, round: number) =>
  spec.training.stop?.median ? rounds.medians(round) : null;

/**
 * Starts of a unit of a search may overlap, where Batch takes a child for dead that still works: each has a place of its
 * own for checkpoints, and begins from the newest whole one that lies below.
 */
function checkpointsOf(
  { checkpoints }: SweepObjects,
  { id, epochs }: Unit['trial'],
  search: Unit['search'],
  folders: AttemptFolders,
  metric: string,
): Checkpoints {
  const of = { metric, epochs };
  if (search === undefined) return new Checkpoints(checkpoints.ofTrial(id), folders, of);
  const { claim } = search;
  return new Checkpoints(checkpoints.ofUnit(id, claim), folders, of, () => checkpoints.below(id, claim));
}

/** Those of its slot; in a container all that it has. */
const gpusToWatch = ({ slot, requiredGpus }: TrialRun): readonly string[] =>
  slot.gpus ?? Array.from({ length: requiredGpus }, (_, index) => String(index));

async function train(attempt: Attempt): Promise<TrialOutcome> {
  const { run, log } = attempt;
  const waits = trialWaits(run.signal, log);
  let setup: TrialSetup;
  try {
    setup = await whenAvailable(() => setUpInTime(attempt), waits);
  } catch (error) {
    if (run.signal.aborted) return leaveInterrupted(attempt);
    log.add(`sweep: ${attempt.veil.text((error as Error).message)}\n`);
    return leaveResult(attempt, { status: 'failed', failure: setupFailure(error) }, NOTHING);
  }
  await attempt.written?.begin();
  const numberFiles = new NumberFiles(attempt.folders);
  await numberFiles.begin();
  const outputs = new Outputs(attempt);
  await outputs.begin();
  if (recordsProvenance(attempt.trial))
    attempt.provenance.begin(run.store, attempt.spec.training.source, setup, attempt.folders.root);
  attempt.phases.programBegins(Date.now());
  const { end, timedOut } = await execute(attempt, setup);
  attempt.phases.programEnded(Date.now());
  if (await reclaimFolders(attempt.folders))
    log.add('sweep: the program replaced the folder of METRICS_FILE with a link, which is not followed\n');
  const reported = await whenAvailable(() => readAllReported(attempt, setup.metrics), waits).catch((error: unknown) => {
    if (!(error instanceof BadMetrics)) throw error;
    return { text: '', epochs: [], since: [], file: null, uploads: 0, bad: error.message };
  });
  const { text, epochs } = reported;
  // Also of a trial that failed in the end: the program can work.
  if (epochs.some(({ values }) => typeof values[attempt.spec.objective.metric] === 'number'))
    await markFinite(run.store, attempt.sweepId).catch(() => {});
  const signalled = attempt.early.signal.aborted;
  const stop = earlyStop(attempt.spec, epochs, attempt.medians, attempt.trial.epochs);
  const order = orderOf(attempt);
  const verdict = judgeEnd(attempt.spec, end, epochs, {
    stop: stop === null ? null : { ...stop, signalled },
    skipped: order?.kind === 'skip' ? order.because : null,
    interrupted: run.signal.aborted || order?.kind === 'leave',
    timedOut,
    epochs: attempt.trial.epochs,
    spoiled: 'bad' in reported ? { reason: reported.bad, signalled: attempt.spoiled.signal.aborted } : null,
  });
  // Also of a trial that failed: trained again, or longer, it goes on from here.
  const orderly = end.exitCode === 0 || end.exitCode === INTERRUPTED_STATUS;
  if (!('bad' in reported))
    await saveCheckpoint(attempt, async () => text, orderly ? 'ended' : 'broke off').catch((error: Error) => {
      // What it trained is there all the same; only an interrupted one needs it to go on.
      log.add(`sweep: its last checkpoint was not stored: ${error.message}\n`);
    });
  if (verdict.status === 'interrupted') {
    const interrupted = await leaveInterrupted(attempt, outputs);
    return order === null ? interrupted : LEFT;
  }
  if (verdict.status === 'failed' && isProvisional(run, verdict.failure, end.logTail))
    return leaveCrowded(attempt, verdict.failure);
  const all = { ...reported, notes: await outputs.collect() };
  return inTurn(attempt, 'training', () => leaveJudged(attempt, setup.metrics, verdict, all, numberFiles));
}

/** Whether a failure counts only if the trial also fails when it runs alone. */
function isProvisional({ hasNeighbours, sharing }: TrialRun, failure: Failure, logTail: string): boolean {
  if (sharing !== undefined) return mayBeSharing(sharing.hasWorked(), failure, logTail);
  return (hasNeighbours?.() ?? false) && mayBeNeighbours(failure, logTail);
}

/** @param before the metrics lines that came with the checkpoint */
async function leaveJudged(
  attempt: Attempt,
  before: string,
  verdict: Exclude<ProgramVerdict, { status: 'interrupted' }>,
  reported: AllReported & { readonly bad?: string; readonly notes: readonly string[] },
  files: NumberFiles,
): Promise<TrialOutcome> {
  const { text, epochs, since, file, bad, notes, uploads } = reported;
  const { metric } = attempt.spec.objective;
  const isMissing = verdict.status === 'failed' && verdict.failure.class === 'no-metric' && bad === undefined;
  const continued = before === '' ? null : { before: parseMetrics(before, metric), since };
  const warnings = epochWarnings(epochs, metric, attempt.trial.epochs, continued);
  const judged = isMissing ? await withHints(attempt, verdict, text, files) : verdict;
  return leaveResult(attempt, judged, { text, epochs, file, warnings, notes, hasUploads: uploads > 0 });
}

type Failed = Extract<ProgramVerdict, { status: 'failed' }>;

/** A trial that reported no metric, with where the metric may be. */
async function withHints(attempt: Attempt, verdict: Failed, text: string, files: NumberFiles): Promise<Failed> {
  const { spec, printed, written, log, veil } = attempt;
  const reported = printed === null && written === null ? readMetricsText(text) : null;
  const hints = whereItMayBe(spec.objective.metric, reported, await files.written(), veil.text(log.tail()));
  return { ...verdict, failure: { ...verdict.failure, reason: `${verdict.failure.reason}${hints}` } };
}

/** Of a trial whose program was not started. */
const NOTHING = { text: '', epochs: [], file: null, warnings: [], notes: [], hasUploads: false };

/** @param outputs left out of an attempt whose program was not started */
async function leaveInterrupted(attempt: Attempt, outputs?: Outputs): Promise<TrialOutcome> {
  await noteInterruption(attempt);
  // Last, and once: the machine may be gone at any moment.
  if (outputs !== undefined) await inTurn(attempt, 'nothing', () => outputs.store()).catch(() => {});
  return INTERRUPTED;
}

/** Neither a result nor a marker of its failure: what it says of the trial is known when it has run alone. */
async function leaveCrowded(attempt: Attempt, { class: name, reason }: Failure): Promise<TrialOutcome> {
  const how = attempt.run.sharing === undefined ? 'beside other trials' : 'while it shared the GPU by MPS';
  const message = `it failed ${how} (${name}: ${reason}) and runs again alone`;
  attempt.run.onEvent?.({ type: 'notice', message: `trial ${attempt.trial.trial}: ${attempt.veil.text(message)}` });
  await noteInterruption(attempt, attempt.veil.text(message));
  return { status: 'crowded', exitCode: INTERRUPTED_STATUS, result: null };
}

const INTERRUPTED: TrialOutcome = { status: 'interrupted', exitCode: 75, result: null };

/** Runs the program under the trial's timer. An interruption and the timer both end it with SIGTERM, then SIGKILL. */
async function execute(attempt: Attempt, setup: TrialSetup): Promise<{ end: ProgramEnd; timedOut: boolean }> {
  const { run, spec, log, printed, memory, usage } = attempt;
  const timer = new AbortController();
  // What was interrupted first did not run into the timer.
  const ring = () => run.signal.aborted || timer.abort();
  const redactors = { stdout: attempt.veil.stream(), stderr: attempt.veil.stream() };
  const monitoring = monitor(attempt, setup.metrics);
  const hear = (chunk: Buffer, stream: Stream) => {
    log.add(chunk);
    run.onOutput?.(chunk);
    if (printed === null) return undefined;
    const searched = printed.add(chunk, stream);
    monitoring.heard();
    return searched;
  };
  const timeout = setTimeout(ring, Math.min(spec.compute.timeoutMinutes * 60_000, MAX_TIMER_MS));
  try {
    const { exitCode, signal } = await runProgram({
      command: setup.command,
      folder: setup.folder,
      environment: setup.environment,
      // Its value is a path of this attempt alone.
      mark: 'METRICS_FILE',
      onOutput: (chunk, stream) => hear(redactors[stream].add(chunk), stream),
      stop: AbortSignal.any([
        run.signal,
        timer.signal,
        attempt.early.signal,
        attempt.spoiled.signal,
        attempt.ordered.signal,
      ]),
      graceSeconds: run.graceSeconds ?? SIGTERM_GRACE_SECONDS,
      hurry: run.hurry,
      pipes: join(attempt.folders.root, 'std'),
      onStart: (pid) => {
        memory.begin(pid);
        usage.begin((sample) => run.onEvent?.({ type: 'gpu', sample }));
      },
    });
    for (const stream of STREAMS) await hear(redactors[stream].end(), stream);
    return { end: { exitCode, signal, logTail: log.tail() }, timedOut: timer.signal.aborted };
  } finally {
    clearTimeout(timeout);
    memory.stop();
    usage.stop();
    await monitoring.stop();
  }
}
