import { jobsForTrials } from '../core/spec/packing.ts';
import type { Spec } from '../core/spec/spec.ts';
import { type ExecutionEnd, guarded, type OnEvent } from '../core/sweep/events.ts';
import type { ReleaseServices } from '../lambdas/release/release-jobs.ts';
import type { JobServices, Services, WaveServices } from '../lambdas/shared/services.ts';
import { sweepObjects } from '../objects/sweep-objects.ts';
import type { ObjectStore } from '../storage/store.ts';
import { LocalBatch } from './batch.ts';
import { asError } from './errors.ts';
import { type Handlers, keptHandlers, withEvents } from './handlers.ts';
import { LockKeeper } from './lock-keeper.ts';
import { removeOldCheckpoints } from './old-checkpoints.ts';
import { followOrders, orderNews } from './orders.ts';
import { executionOf, type Owner, thisOwner } from './owner.ts';
import { isoNow, localServices } from './services.ts';
import type { SlotPlan } from './slots.ts';
import { runStateMachine } from './state-machine.ts';
import { noticeStrayErrors } from './stray-errors.ts';
import { LocalTakeOver } from './take-over.ts';
import { type RunTrial, trialChildren } from './trials.ts';
import { closeWorkFolder, openWorkFolder, removeLeftovers, touchFolder } from './work-folders.ts';

export interface SweepRun {
  /** Resolved: with a sweepId, data as a URI, and source as a key in the store. */
  readonly spec: Spec & { readonly sweepId: string };
  readonly store: ObjectStore;
  /** Trials run in its folder `work/`. */
  readonly workdir: string;
  readonly cacheFolder: string | null;
  /** The caller's environment. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  readonly slots: SlotPlan;
  /** The built-in trainer's command. Its environment is created on the first call. */
  readonly builtInCommand: () => Promise<string[]>;
  readonly identifyData: Services['identifyData'];
  /** Ends every trial, waits for them and releases the sweep. The next run continues it. */
  readonly signal: AbortSignal;
  /** Takes the sweep from an owner that cannot be checked from here, even if it may still be running. */
  readonly takeOver?: boolean;
  /** After `signal`: stops waiting. Programs that are still running end with this process. */
  readonly force?: AbortSignal;
  readonly onEvent: OnEvent;
  readonly createHandlers: (services: Services & WaveServices & JobServices & ReleaseServices) => Handlers;
  readonly runTrial: RunTrial;
  /** Between SIGTERM and SIGKILL; the same as in Batch. */
  readonly graceSeconds?: number;
}

const BATCH_GRACE_SECONDS = 30;

/** Runs a whole sweep on this machine: the state machine, its handlers, and the jobs. Never rejects. */
export async function runSweep(run: SweepRun): Promise<ExecutionEnd> {
  let ended = false;
  // After a forced end nobody is left to report to.
  const onEvent = guarded((event) => ended || run.onEvent(event));
  const { sweepId } = run.spec;
  const quiet = noticeStrayErrors(onEvent);
  let end: ExecutionEnd;
  try {
    end = await Promise.race([execute(run, onEvent), forced(run.force)]);
  } catch (thrown) {
    const { name, message } = asError(thrown);
    end = { status: 'failed', error: name, cause: message };
  } finally {
    quiet();
  }
  onEvent({ type: 'sweep-ended', sweepId, ...end });
  ended = true;
  return end;
}

async function execute(run: SweepRun, onEvent: OnEvent): Promise<ExecutionEnd> {
  const { spec, store, workdir } = run;
  const owner = await thisOwner();
  const execution = executionOf(owner);
  const { description: machine, slots, lanes = 1 } = run.slots;
  const places = lanes === 'auto' ? null : slots.length * lanes;
  onEvent({ type: 'execution-started', sweepId: spec.sweepId, execution, machine, slots: places });
  await removeLeftovers(workdir);
  const workFolder = await openWorkFolder(workdir, owner);
  const broken = new AbortController();
  const batch = createBatch(run, workFolder, onEvent, (error) => broken.abort(error));
  const takeOver = new LocalTakeOver(workdir, run.takeOver ?? false, isoNow);
  const keeper = new LockKeeper({
    store,
    sweepId: spec.sweepId,
    execution,
    now: isoNow,
    onBeat: () => void touchFolder(workFolder),
  });
  const note = (message: string) => onEvent({ type: 'notice', message });
  const services = localServices(spec, store, run.identifyData, batch, takeOver, note);
  const handlers = withEvents(keptHandlers(run.createHandlers(services), keeper), onEvent);
  keeper.start();
  const stopFollowing = await followOrders(store, spec.sweepId, (control, before) => {
    const { maxParallel } = control;
    batch.allow(maxParallel === undefined ? undefined : jobsForTrials(maxParallel, lanes));
    const news = orderNews(control, before);
    if (news !== null) note(news);
  });
  const end = await runStateMachine({
    tasks: {
      invoke: (name, payload) => handlers[name](payload),
      submitJob: (parameters, signal) => batch.submitJob(parameters, signal),
    },
    input: spec,
    execution,
    name: spec.sweepId,
    signal: AbortSignal.any([run.signal, keeper.lost, broken.signal]),
  });
  await Promise.all([keeper.stop(), stopFollowing()]);
  await letGo(store, spec.sweepId, owner);
  await closeWorkFolder(workFolder);
  if (keeper.lost.aborted) return failedEnd(keeper.lost.reason);
  if (broken.signal.aborted) return failedEnd(broken.signal.reason);
  if (end.status !== 'interrupted') await takeOver.clean();
  // Freeing disk space must not fail a sweep.
  await removeOldCheckpoints(store, Date.now()).catch(() => {});
  return end;
}

function failedEnd(reason: unknown): ExecutionEnd {
  const { name, message } = asError(reason);
  return { status: 'failed', error: name, cause: message };
}

function createBatch(
  run: SweepRun,
  workFolder: string,
  onEvent: OnEvent,
  onStoreFailed: (error: Error) => void,
): LocalBatch {
  const { runTrial, store, cacheFolder, inherited, slots, graceSeconds = BATCH_GRACE_SECONDS } = run;
  const builtInCommand = once(run.builtInCommand);
  const { requiredGpus } = slots;
  const shared = { runTrial, store, cacheFolder, inherited, requiredGpus, graceSeconds, builtInCommand };
  return new LocalBatch({
    slots: slots.slots,
    runChild: trialChildren({ ...shared, workFolder, onEvent, onStoreFailed }),
    onLost: ({ job, index, attempt }, reason) => onEvent({ type: 'child-lost', job, index, attempt, reason }),
  });
}

/** Removes the lock if it is this run's. If that fails, the next run finds that its owner is gone. */
async function letGo(store: ObjectStore, sweepId: string, owner: Owner): Promise<void> {
  try {
    await sweepObjects(store, sweepId).lock.release(executionOf(owner));
  } catch {
    // The end of the sweep is what counts.
  }
}

/** Shares one answer among all trials that ask. After a failure, the next caller tries again. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return async () => {
    made ??= make();
    const mine = made;
    try {
      return await mine;
    } catch (error) {
      if (made === mine) made = undefined;
      throw error;
    }
  };
}

/** Resolves when waiting is no longer wanted. */
function forced(signal: AbortSignal | undefined): Promise<ExecutionEnd> {
  return new Promise((resolve) => {
    const interrupted = () => resolve({ status: 'interrupted' });
    if (signal?.aborted) interrupted();
    else signal?.addEventListener('abort', interrupted, { once: true });
  });
}
