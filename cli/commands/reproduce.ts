import { hostname } from 'node:os';
import { gpusOf } from '../../core/aws/profiles.ts';
import { badInput } from '../../core/base/errors.ts';
import { number } from '../../core/base/text.ts';
import { dataAddress } from '../../core/layout/inputs.ts';
import { soloSpec } from '../../core/spec/solo.ts';
import type { Spec } from '../../core/spec/spec.ts';
import { checkFormat } from '../../core/sweep/resume.ts';
import { elsewhere } from '../../core/trial/elsewhere.ts';
import { parseMetrics } from '../../core/trial/metrics.ts';
import { judgeMetrics } from '../../core/trial/objective.ts';
import { environmentChanges, type Provenance } from '../../core/trial/provenance.ts';
import type { TrialResult } from '../../core/trial/result.ts';
import { probeMachine } from '../../local/machine.ts';
import { runSweep } from '../../local/run-sweep.ts';
import { planSlots } from '../../local/slots.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import type { ObjectStore } from '../../storage/store.ts';
import { type FoundSweep, findSweep, type Where } from '../lookup/find.ts';
import { resultsOf } from '../lookup/state.ts';
import { findTrial } from '../lookup/trials.ts';
import { inScratchStore, onlyResult } from '../run/scratch.ts';
import { thisMachine } from '../run/this-machine.ts';
import { EXIT, failureOf, type Output } from '../terminal/output.ts';
import { parametersText, plain } from '../terminal/text.ts';

export interface Reproduction {
  readonly sweepId: string;
  readonly trialId: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly metric: string;
  readonly epochs: number;
  /** What the sweep has of the trial, up to as many epochs; null where it left no metric. */
  readonly recorded: number | null;
  readonly reproduced: number | null;
  /** Equal, but for rounding in the last digits. */
  readonly agrees: boolean;
  /** What may explain a difference. */
  readonly notes: readonly string[];
  readonly failure: TrialResult['failure'];
}

/** Rounding in other orders of summation; anything above comes from elsewhere. */
const RELATIVE_TOLERANCE = 1e-6;

/** Trains one trial again, here, from its recorded parameters, seed, source and data, in a store that is thrown away. */
export async function reproduce(
  id: string,
  trialName: string,
  options: Where & { readonly epochs?: number },
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const sweep = await findSweep(id, options);
  const trial = await findTrial(sweep, trialName);
  const { spec, leaderboard, metadata } = await resultsOf(sweep);
  checkFormat(spec, sweep.sweepId);
  const row = leaderboard.trials.find((one) => one.id === trial.id);
  if (row === undefined)
    throw badInput('', `the trial ${trial.id} is not on the leaderboard yet; wait until its round ends`);
  const epochs = options.epochs ?? trial.epochs;
  return inScratchStore(async (store, folder) => {
    const { training, ...solo } = soloSpec(spec, 'reproduce', row.parameters);
    const inputs = await takeInputs(sweep, store, training);
    output.note(`trial ${row.trial} (${row.id}): ${parametersText(row.parameters)}, ${epochs} epochs`);
    const slots = planSlots(await probeMachine(process.env), { gpus: gpusOf(spec.compute, null), maxParallel: 1 });
    output.note(slots.description);
    const facts = metadata?.byTrial.find((one) => one.id === row.id);
    const onGpu = slots.slots.some(({ gpus }) => gpus !== null && gpus.length > 0);
    const differences = elsewhere(facts, { host: hostname(), onGpu }, spec);
    for (const difference of differences) output.note(`note: ${difference}`);
    const { runTrial, ...machine } = thisMachine(output, sweep.workdir ?? folder);
    const end = await runSweep({
      spec: { ...solo, sweepId: REPRODUCED_ID, training: { ...inputs, epochs } },
      store,
      workdir: folder,
      slots,
      signal,
      onEvent: (event) => {
        if (event.type === 'trial-metrics' && event.value !== null)
          output.note(`  epoch ${event.epoch}: ${plain(spec.objective.metric)} ${number(event.value)}`);
      },
      ...machine,
      // Its schedules span the sweep's epochs, however many of them are trained.
      runTrial: (run, unit) => runTrial({ ...run, maxEpochs: spec.training.epochs }, unit),
    });
    if (end.status === 'interrupted') return EXIT.interrupted;
    const result = await onlyResult(store, REPRODUCED_ID, epochs);
    if (result === null) throw end.status === 'failed' ? failureOf(end) : badInput('', 'the trial left no result');
    const recorded = await recordedValue(sweep, spec, trial, epochs);
    const agrees =
      recorded !== null &&
      result.value !== null &&
      Math.abs(result.value - recorded) <= RELATIVE_TOLERANCE * Math.max(Math.abs(recorded), Math.abs(result.value));
    const reproduction: Reproduction = {
      sweepId: sweep.sweepId,
      trialId: row.id,
      parameters: row.parameters,
      metric: spec.objective.metric,
      epochs,
      recorded,
      reproduced: result.value,
      agrees,
      notes: agrees
        ? []
        : await explanations(sweep, store, row.stopped, {
            differences,
            environment: environmentChanges(metadata?.provenance, result.facts.provenance),
            arePackagesKnown: hasPackages(metadata?.provenance) && hasPackages(result.facts.provenance),
          }),
      failure: result.failure,
    };
    output.document(reproduction);
    output.text(reproductionText(reproduction));
    return agrees ? EXIT.done : EXIT.failed;
  });
}

/** Of the sweep that is thrown away. */
const REPRODUCED_ID = 'reproduce';

/** The source goes along; data of a bucket is read where it lies. @throws BadInput when the source is gone */
async function takeInputs(
  sweep: FoundSweep,
  store: ObjectStore,
  training: Spec['training'],
): Promise<Spec['training']> {
  const { source, data } = training;
  if (source !== undefined) {
    const object = await sweep.store.get(source);
    if (object === null)
      throw badInput('', `the source ${source} of the sweep ${sweep.sweepId} is no longer in its store`);
    await store.put(source, object.body);
  }
  return data === undefined ? training : { ...training, data: dataAddress(sweep.store.url, data) };
}

/** The objective of the trial's own metrics up to that epoch. */
async function recordedValue(
  { store, sweepId }: FoundSweep,
  spec: Spec,
  trial: { readonly id: string; readonly epochs: number },
  epochs: number,
): Promise<number | null> {
  const { results } = sweepObjects(store, sweepId);
  const result = await results.readable({ trialId: trial.id, epochs: trial.epochs });
  if (result === null) return null;
  const metrics = await results.metrics(result);
  if (metrics === null) return result.value;
  const verdict = judgeMetrics(
    spec.objective,
    parseMetrics(metrics, spec.objective.metric).filter(({ epoch }) => epoch <= epochs),
  );
  return verdict.status === 'succeeded' ? verdict.value : null;
}

const hasPackages = (provenance: Provenance | undefined): boolean => provenance?.python !== undefined;

async function explanations(
  sweep: FoundSweep,
  store: ObjectStore,
  stopped: string | undefined,
  known: {
    readonly differences: readonly string[];
    readonly environment: readonly string[];
    readonly arePackagesKnown: boolean;
  },
): Promise<string[]> {
  const [before, now] = await Promise.all([
    sweepObjects(sweep.store, sweep.sweepId).definition.data(),
    sweepObjects(store, REPRODUCED_ID).definition.data(),
  ]);
  const notes = [...known.differences, ...known.environment];
  if (before?.digest !== now?.digest) notes.push('the data has changed since the sweep was trained');
  if (stopped !== undefined)
    notes.push(`the sweep stopped the trial early (${stopped}); this time it was trained to the end`);
  if (sweep.stack !== null) notes.push('it was trained on AWS, with another image and hardware');
  if (notes.length === 0)
    notes.push(
      known.arePackagesKnown
        ? 'code, data, parameters, seed and packages are the same, so the program is not deterministic'
        : 'code, data, parameters and seed are the same, so the program is not deterministic, or its packages changed',
    );
  return notes;
}

function reproductionText({ metric, recorded, reproduced, agrees, notes, failure }: Reproduction): string {
  const value = (objective: number | null) => (objective === null ? 'none' : number(objective));
  const lines = [
    agrees
      ? `It agrees: ${plain(metric)} is ${value(reproduced)}, as recorded.`
      : `It differs: ${plain(metric)} is ${value(reproduced)}; recorded: ${value(recorded)}.`,
  ];
  if (failure !== null) lines.push(`  it failed: ${plain(failure.class)}: ${plain(failure.reason)}`);
  for (const note of notes) lines.push(`  ${note}`);
  return lines.join('\n');
}
