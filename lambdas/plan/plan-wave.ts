import type { View } from '../../core/search/asynchronous/choice.ts';
import { type EndReason, reasonToEnd } from '../../core/search/asynchronous/end.ts';
import { look, type Orders, readOrders } from '../../core/search/asynchronous/look.ts';
import { Memory } from '../../core/search/asynchronous/memory.ts';
import { type AsynchronousSweep, placesOf, underControl } from '../../core/search/asynchronous/sweep.ts';
import {
  arraysInQuestion,
  beginnable,
  forgiven,
  isAnythingLeft,
  isSameWave,
  nextWave,
  resultsIn,
  startsIn,
} from '../../core/search/asynchronous/wave.ts';
import type { RoundRecord } from '../../core/search/rounds.ts';
import { jobsForTrials, lanesOf, trialsPerChild } from '../../core/spec/packing.ts';
import { expectedUnits } from '../../core/spec/rungs.ts';
import { asynchronousSweepOf, type Wave } from '../../objects/search.ts';
import { type SweepObjects, sweepObjects } from '../../objects/sweep-objects.ts';
import { concurrently } from '../../storage/concurrently.ts';
import type { Services, WaveServices } from '../shared/services.ts';
import type { BegunSweep } from './begin-sweep.ts';

export interface PlannedWave {
  readonly wave: Wave;
  /** Children to start; 0 if nothing is left to begin. */
  readonly children: number;
  /** Trainings that they may begin at once. */
  readonly trainings: number;
  /** Takes the place of other searches' rounds: the whole of this search. */
  readonly record: RoundRecord;
  readonly units: { readonly expected: number; readonly finished: number };
  /** Trials that have a result. */
  readonly trialsDone: number;
}

/** Objects written or removed at once. */
const AT_ONCE = 32;

/**
 * Plans the next wave of an asynchronous search, or finds the one already planned for this step of the execution. The
 * next wave takes over whatever an earlier one left unfinished, after ending the jobs that own it.
 */
export async function planWave(
  services: Pick<Services, 'store' | 'now'> & WaveServices,
  { sweepId, spec, data, deployment }: BegunSweep,
  place: { readonly execution: string; readonly wave: number },
): Promise<PlannedWave> {
  const objects = sweepObjects(services.store, sweepId);
  const warm = await objects.definition.warmStart(spec);
  const planned = asynchronousSweepOf({ ...spec, sweepId }, data, deployment, warm?.observations ?? []);
  const because = await objects.budget.end(spec, services.now());
  const spent: EndReason | null = because === null ? null : { reason: 'budget', because };
  for (;;) {
    const orders = await objects.search.perform(readOrders(sweepId));
    const sweep = underControl(planned, orders.control);
    const outlook = await outlookOf(objects, sweep, orders, { execution: place.execution, round: place.wave });
    const { wave, view, dead } = outlook;
    const each = trialsPerChild(sweep.spec.compute);
    const trainings = await trainingsOf(objects, sweep, outlook, each * mostChildren(services, sweep, orders), spent);
    const children = Math.ceil(trainings / each);
    if (dead.length > 0) await services.endJobs(dead);
    const whole = isSameWave(orders.wave, wave) ? wave : { ...wave, children: Math.max(1, children) };
    if (whole !== wave && !(await objects.search.putWave(whole, orders.etag))) continue;
    return { wave: whole, children, trainings, ...countsOf(sweep, view) };
  }
}

function mostChildren(
  services: WaveServices,
  { spec }: AsynchronousSweep,
  { control: { maxParallel } }: Orders,
): number {
  const most = services.parallel(spec);
  return maxParallel === undefined ? most : Math.min(most, jobsForTrials(maxParallel, lanesOf(spec.compute)));
}

interface Outlook {
  readonly wave: Wave;
  readonly view: View;
  /** Jobs that own unfinished trainings. */
  readonly dead: readonly string[];
  readonly orders: Orders;
}

async function outlookOf(
  objects: SweepObjects,
  sweep: AsynchronousSweep,
  orders: Orders,
  place: { readonly execution: string; readonly round: number },
): Promise<Outlook> {
  const { wave: before, control } = orders;
  const nothing = { children: 1, dead: [], results: 0, starts: 0 };
  const empty = nextWave(before, { ...place, ...nothing });
  const memory = new Memory();
  const view = await objects.search.perform(look(sweep, empty, control, memory));
  if (isSameWave(before, empty)) return { wave: empty, view, dead: [], orders };
  const isResumed = before !== null && before.execution !== place.execution;
  const now = isResumed ? await forgive(objects, sweep, view, memory) : view;
  const dead = arraysInQuestion({ owners: now.owners, wave: before });
  const counts = { results: resultsIn(now.known), starts: startsIn(now.units.values()) };
  const wave = nextWave(before, { ...place, children: 1, dead, ...counts });
  const { ended } = orders;
  return { wave, view: now, dead, orders: { ...orders, ended: isResumed ? null : ended } };
}

/** Trainings that failed or were left unfinished in an earlier execution get all their attempts again in this one. */
async function forgive(
  { search, results }: SweepObjects,
  sweep: AsynchronousSweep,
  view: View,
  memory: Memory,
): Promise<View> {
  const { release, discard } = forgiven(sweep, await search.claims(), view, (number) => memory.trials.get(number));
  await concurrently(release, AT_ONCE, (claim) => search.release(claim));
  await concurrently(discard, AT_ONCE, (name) => results.discard(name));
  await search.forgetEnd();
  return search.perform(look(sweep, view.wave, view.control, new Memory()));
}

async function trainingsOf(
  { search }: SweepObjects,
  sweep: AsynchronousSweep,
  { wave, view, orders: { control, ended } }: Outlook,
  most: number,
  spent: EndReason | null,
): Promise<number> {
  if (control.paused || ended?.execution === wave.execution) return 0;
  const reason = reasonToEnd(sweep.spec, view.known) ?? (isAnythingLeft(sweep, view) ? spent : null);
  if (reason === null) return beginnable(sweep, view, most);
  await search.end({ execution: wave.execution, ...reason, seen: view.seen });
  return 0;
}

function countsOf(
  { spec, space }: AsynchronousSweep,
  { seen, known }: View,
): Pick<PlannedWave, 'record' | 'units' | 'trialsDone'> {
  const { trials } = spec.search;
  const size = placesOf({ spec, space });
  const done = new Set([...known.budgets.values()].flatMap(({ ended }) => [...ended.keys()]));
  return {
    record: {
      round: 0,
      first: 0,
      size,
      exhausted: size < trials || seen.numbers === 0,
      kind: 'asynchronous',
      shards: [],
    },
    units: { expected: expectedUnits(spec), finished: resultsIn(known) },
    trialsDone: done.size,
  };
}
