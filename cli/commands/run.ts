import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { gpusOf } from '../../core/aws/profiles.ts';
import { isVerdict } from '../../core/base/errors.ts';
import { type Control, NO_ORDERS } from '../../core/layout/control.ts';
import { budgetPrices } from '../../core/money/budget-prices.ts';
import { foreseenTrials } from '../../core/search/forecast.ts';
import { specUnder } from '../../core/search/under-control.ts';
import { lanesOf } from '../../core/spec/packing.ts';
import type { Spec } from '../../core/spec/spec.ts';
import { WORKDIR } from '../../core/spec/sweep-id.ts';
import { type ExecutionEnd, type OnEvent, wasPaused } from '../../core/sweep/events.ts';
import { checkFormat } from '../../core/sweep/resume.ts';
import type { RunMetadata } from '../../core/sweep/run-metadata.ts';
import { usageHints } from '../../core/sweep/usage-hints.ts';
import { sweepWarnings } from '../../core/sweep/warnings.ts';
import { storeDataList } from '../../inputs/file-lists.ts';
import { type Prepared, prepare } from '../../inputs/prepare.ts';
import { storeSnapshot } from '../../inputs/source/snapshot.ts';
import { anyContent, rememberWritten } from '../../inputs/written.ts';
import { probeMachine } from '../../local/machine.ts';
import { runSweep } from '../../local/run-sweep.ts';
import { planSlots, type SlotPlan } from '../../local/slots.ts';
import { sweepFolders } from '../../objects/begun-sweeps.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { openStore } from '../../storage/open.ts';
import type { ObjectStore } from '../../storage/store.ts';
import { removeLeftTemporaries } from '../../storage/temporary.ts';
import { forgetLiveLogs, withLiveLogs } from '../lookup/live-log.ts';
import { whileReporting } from '../lookup/report-file.ts';
import { rememberWorkdir } from '../lookup/workdirs.ts';
import { agreedToAnother } from '../run/another-sweep.ts';
import { addedNote, changedError, guardData, NO_CHANGES } from '../run/data-guard.ts';
import { tellOrders } from '../run/orders.ts';
import { publishResults, type ResultPaths } from '../run/publish.ts';
import { tellCostHere } from '../run/quoted.ts';
import { shown } from '../run/shown-run.ts';
import { Tally } from '../run/tally.ts';
import { thisMachine } from '../run/this-machine.ts';
import { openWorkdir } from '../run/workdir.ts';
import { endingText, invocation, nextText, type RunSummary } from '../terminal/ending.ts';
import { EXIT, failureOf, type Output } from '../terminal/output.ts';
import { redirectedOutputs } from '../terminal/redirected.ts';

export interface RunOptions {
  readonly workdir?: string | undefined;
  readonly maxParallel?: number | undefined;
  readonly store?: string | undefined;
  /** Writes the report each minute, and not at the end only. */
  readonly report?: boolean | undefined;
  /** Takes the sweep from a run that cannot be asked from here. */
  readonly takeOver?: boolean | undefined;
  /** Trains again what another source or other data makes another sweep, without a question. */
  readonly yes?: boolean | undefined;
}

/** The whole sweep on this machine; the exit status. */
export async function run(specPath: string, options: RunOptions, output: Output, signal: AbortSignal): Promise<number> {
  const prepared = await prepare(specPath, {
    workdir: options.workdir,
    environment: process.env,
    inBucket: options.store?.startsWith('s3://') ?? false,
  });
  const { spec, workdir } = prepared;
  budgetPrices(spec, { region: null }, new Date().toISOString());
  for (const note of prepared.notes) output.note(note);
  const store = await openStore(options.store ?? pathToFileURL(join(workdir, WORKDIR.store)).href);
  checkFormat(await recordedOf(store, spec.sweepId), spec.sweepId);
  const slots = await slotsFor(spec, await tellOrders(store, spec, output), options.maxParallel);
  if (!(await agreedToAnother(store, prepared, options.yes, output))) return EXIT.failed;
  await openWorkdir(workdir, spec.sweepId, await sweepFolders(store));
  await removeLeftTemporaries();
  await rememberWritten(workdir, redirectedOutputs().map(anyContent));
  if (prepared.snapshot !== null) await storeSnapshot(store, prepared.snapshot, output.note);
  if (prepared.data !== null) await storeDataList(store, prepared.data);
  await rememberWorkdir(workdir);
  await tellCostHere({ specPath, spec, store, slots: slots.slots.length }, output);
  return runHere({ prepared, store, slots, options }, output, signal);
}

/** A sweep whose source and data are in the store. */
export interface RunHere {
  readonly prepared: Pick<Prepared, 'spec' | 'data' | 'workdir'>;
  readonly store: ObjectStore;
  readonly slots: SlotPlan;
  readonly options: Pick<RunOptions, 'report' | 'takeOver'>;
}

/** The slots of this machine; `given` on the command line, else as asked for with `sweep set`, else by the spec. */
export async function slotsFor(spec: Spec, { maxParallel }: Control, given: number | undefined): Promise<SlotPlan> {
  const machine = await probeMachine(process.env);
  return planSlots(machine, {
    gpus: gpusOf(spec.compute, null),
    maxParallel: given ?? maxParallel ?? spec.compute.maxParallel,
    lanes: lanesOf(spec.compute),
  });
}

/** Runs it to its end, its pause or Ctrl-C, and tells how it ended; the exit status. */
export async function runHere(
  { prepared, store, slots, options }: RunHere,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const { spec, workdir } = prepared;
  const { sweepId } = spec;
  const tally = new Tally();
  const report = options.report
    ? { store, sweepId, file: join(workdir, sweepId, 'report.html'), say: output.note }
    : null;
  const machineHere = thisMachine(output, workdir);
  const sweep = (onEvent: OnEvent) =>
    runSweep({
      spec,
      store,
      workdir,
      slots,
      signal,
      takeOver: options.takeOver ?? false,
      onEvent: (event) => {
        tally.count(event);
        onEvent(event);
      },
      ...machineHere,
      runTrial: withLiveLogs(machineHere.runTrial, workdir, sweepId),
    });
  const guard = guardData(prepared);
  const picture = specUnder(spec, await sweepObjects(store, sweepId).control.readable(NO_ORDERS));
  const end = await shown({ spec: { ...picture, sweepId }, store, workdir }, output, (onEvent) =>
    whileReporting(report, () => sweep(onEvent)),
  );
  const changes = (await guard?.stop()) ?? NO_CHANGES;
  if (end.status === 'failed' && !isVerdict(end.error)) throw failureOf(end);
  forgetLiveLogs(workdir, sweepId);
  const added = addedNote(changes);
  if (added !== null) output.note(added);
  if (end.status === 'succeeded') {
    const damage = damageSchema.safeParse(end.output).data?.champion.damage;
    if (damage !== undefined) output.note(damage);
  }
  const paths = await publishResults(store, workdir, spec.sweepId);
  const { summary, failures } = await summarize(store, spec.sweepId, end, paths);
  // Stopped before its end, a round has no run metadata yet: what this run saw stands in for it.
  const trials = end.status === 'interrupted' ? { planned: foreseenTrials(spec), ...tally.counts } : summary.trials;
  const spoiled = changedError(changes);
  return printSummary(
    spoiled === null ? { ...summary, trials } : { ...summary, trials, status: 'failed', error: spoiled },
    failures,
    output,
    store.url.startsWith('s3:') ? store.url : null,
  );
}

/** The spec under which the sweep was begun; null where there is none that can be read, of which the first round speaks. */
const recordedOf = (store: ObjectStore, sweepId: string): Promise<Spec | null> =>
  sweepObjects(store, sweepId)
    .definition.spec()
    .catch(() => null);
/** As much of an execution's output as tells of a damaged champion or model. */
const damageSchema = z.object({ champion: z.object({ damage: z.string().optional() }) });

async function summarize(
  store: ObjectStore,
  sweepId: string,
  end: ExecutionEnd,
  paths: ResultPaths,
): Promise<{ summary: RunSummary; failures: RunMetadata['failures'] }> {
  const { best, metadata, warnings, hints } = await verdictOf(store, sweepId);
  const summary: RunSummary = {
    sweepId,
    status: wasPaused(end) ? 'paused' : end.status,
    trials: metadata?.trials ?? { planned: 0, trained: 0, reused: 0, failed: 0 },
    best:
      best === null
        ? null
        : {
            trialId: best.trialId,
            parameters: best.parameters,
            metric: best.metric,
            value: best.value,
            ...(best.others === undefined ? {} : { others: best.others }),
            ...(best.confirmed === undefined ? {} : { confirmed: best.confirmed }),
            epoch: best.epoch,
            model: paths.model,
            ...(best.modelNote === undefined ? {} : { modelNote: best.modelNote }),
          },
    leaderboard: paths.leaderboard,
    report: paths.report,
    ...(metadata?.costs?.dollars == null ? {} : { costs: metadata.costs }),
    ...(metadata?.stopped === undefined ? {} : { stopped: metadata.stopped }),
    ...(metadata?.warmStart === undefined ? {} : { warmStart: metadata.warmStart }),
    ...(warnings.length === 0 ? {} : { warnings }),
    ...(hints.length === 0 ? {} : { hints }),
    ...(end.status === 'failed' ? { error: end.cause } : {}),
  };
  return { summary, failures: metadata?.failures ?? [] };
}

async function verdictOf(store: ObjectStore, sweepId: string) {
  const { definition, outcome } = sweepObjects(store, sweepId);
  const [spec, best, metadata, leaderboard] = await Promise.all([
    definition.spec(),
    outcome.best(),
    outcome.metadata(),
    outcome.leaderboard(),
  ]);
  const warnings = spec === null || metadata === null ? [] : sweepWarnings(spec, leaderboard?.trials ?? [], metadata);
  return { best, metadata, warnings, hints: usageHints(metadata?.byTrial ?? []) };
}

function printSummary(
  summary: RunSummary,
  failures: RunMetadata['failures'],
  output: Output,
  bucket: string | null,
): number {
  output.document(summary);
  output.text(endingText(summary, failures));
  const hasEnded = summary.status === 'succeeded' || summary.status === 'failed';
  const next = hasEnded ? nextText(summary, invocation(process.env), bucket) : '';
  if (next !== '' && !output.json) output.note(next);
  if (summary.status === 'interrupted') {
    output.note('Stopped. Run the same command again to continue where it stopped.');
    return EXIT.interrupted;
  }
  if (summary.status === 'paused') {
    output.note(`Paused. To continue: sweep resume ${summary.sweepId}, or the same command again.`);
    return EXIT.interrupted;
  }
  return summary.status === 'succeeded' ? EXIT.done : EXIT.failed;
}
