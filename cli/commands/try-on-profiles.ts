import { checkDeployable } from '../../core/aws/deployable.ts';
import type { DeployedProfile } from '../../core/aws/deployment.ts';
import { takenBy } from '../../core/aws/profiles.ts';
import { BadInput, type Problem } from '../../core/base/errors.ts';
import { didYouMean, show } from '../../core/base/text.ts';
import { hourlyText } from '../../core/money/dollars.ts';
import { fleetOf } from '../../core/money/fleet.ts';
import type { PriceBook } from '../../core/money/prices.ts';
import { rightMachines, type TriedProfile } from '../../core/money/tried-machines.ts';
import { pickTrial } from '../../core/search/picked-trial.ts';
import type { Parameters } from '../../core/space/space.ts';
import type { Spec } from '../../core/spec/spec.ts';
import { tryingOn } from '../../core/spec/tried-first.ts';
import { prepare } from '../../inputs/prepare.ts';
import { storeInputs } from '../../inputs/store.ts';
import { stackBook, today } from '../lookup/kept-prices.ts';
import { refuseRunningOnAws } from '../remote/executions.ts';
import { openStack, type Stack } from '../remote/stack.ts';
import { onlyResult } from '../run/scratch.ts';
import { blameOf } from '../terminal/fault.ts';
import { EXIT, type Output } from '../terminal/output.ts';
import { triedProfilesText } from '../terminal/tried-profiles.ts';
import { roomOf } from '../terminal/wrap.ts';
import { epochOn, removeTraces, trainOneOnAws } from './one-on-aws.ts';
import type { TryOptions } from './try.ts';

/** What the same trial took on each profile. */
export interface TriedProfiles {
  readonly sweepId: string;
  /** Its number in the plan. */
  readonly trial: number;
  readonly parameters: Parameters;
  readonly profiles: readonly TriedProfile[];
  /** The profile with the lowest dollars an epoch; null: none is known. */
  readonly cheapest: string | null;
  /** The profile with the fewest seconds an epoch. */
  readonly fastest: string | null;
}

/** Minutes for capacity, boot and the pull of an image: who has none by then has none today. */
export const WAIT_MINUTES = 20;

type Trying = ReturnType<typeof tryingOn>;

/**
 * Trains one trial for one epoch on each of the profiles at the same time, each as a sweep of its own, and says which is the
 * cheapest and which the fastest. One that fails, or gets no machine, loses the others nothing.
 * @throws BadInput when the stack lacks a profile, or one cannot run the spec; nothing was uploaded or started then
 */
export async function tryOnProfiles(
  specPath: string,
  options: TryOptions & { readonly on: string },
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const prepared = await prepare(specPath, { environment: null, inBucket: true });
  const { sweepId } = prepared.spec;
  const picked = pickTrial(prepared.spec, options);
  for (const note of prepared.notes) output.note(note);
  if (picked !== null && picked.because !== null) output.note(picked.because);
  const stack = await openStack(options.stack);
  const names = profilesNamed(options.on, stack);
  const tryings = (spec: Spec) => names.map((name) => tryingOn(spec, sweepId, picked?.parameters, name));
  checkEach(tryings(prepared.spec), stack);
  await Promise.all(tryings(prepared.spec).map((trying) => refuseRunningOnAws(stack, trying.sweepId)));
  const { spec } = await storeInputs(stack.objects, prepared, output.note);
  if (signal.aborted) return EXIT.interrupted;
  const wait = options.wait ?? WAIT_MINUTES;
  const profiles = await settled(tryings(spec).map((trying) => tryOne({ stack, trying, wait, output, signal })));
  const found: TriedProfiles = {
    sweepId,
    trial: picked?.trial ?? 0,
    parameters: picked?.parameters ?? {},
    profiles,
    ...rightMachines(profiles),
  };
  output.document(found);
  output.text(triedProfilesText(found, { today: today(), room: roomOf(process.stdout), wait }));
  if (signal.aborted || profiles.some(({ status }) => status === 'interrupted')) return EXIT.interrupted;
  return profiles.some(({ status }) => status === 'succeeded') ? EXIT.done : EXIT.failed;
}

/** The profiles that `gpu,gpu-l4` names. @throws BadInput with those that the stack has */
export function profilesNamed(text: string, { name, profiles }: Pick<Stack, 'name' | 'profiles'>): string[] {
  const named = text.split(',').map((each) => each.trim());
  const there = Object.keys(profiles);
  const problems = [...new Set(named)].flatMap((each): Problem[] => {
    if (!there.includes(each))
      return [
        {
          field: '--on',
          message: `received ${show(each)}; allowed in the stack ${name}: ${there.join(', ')}${didYouMean(each, there)}`,
        },
      ];
    const times = named.filter((other) => other === each).length;
    return times === 1 ? [] : [{ field: '--on', message: `received ${each} ${times} times; name each profile once` }];
  });
  if (problems.length > 0) throw new BadInput(problems);
  return named;
}

/** What stands in the way on several profiles is said once. */
function checkEach(tryings: readonly Trying[], stack: Stack): void {
  const problems = new Map<string, Problem>();
  for (const trying of tryings)
    try {
      checkDeployable(trying, { ...stack, stack: stack.name, data: stack });
    } catch (error) {
      if (!(error instanceof BadInput)) throw error;
      for (const problem of error.problems) problems.set(JSON.stringify(problem), problem);
    }
  if (problems.size > 0) throw new BadInput([...problems.values()]);
}

/** All of them, in their order, each to its end; then what is wrong with this program is said. */
async function settled<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const ends = await Promise.allSettled(work);
  return ends.map((end) => {
    if (end.status === 'rejected') throw end.reason;
    return end.value;
  });
}

interface One {
  readonly stack: Stack;
  readonly trying: Trying;
  /** Minutes. */
  readonly wait: number;
  readonly output: Output;
  readonly signal: AbortSignal;
}

async function tryOne(one: One): Promise<TriedProfile> {
  const { trying, output } = one;
  const { profile } = trying.compute;
  try {
    return await trainedOn(one);
  } catch (error) {
    if (blameOf(error) === 'fault') throw error;
    const { name, message } = error as Error;
    output.note(`${profile}: ${message}`);
    return { profile, status: 'failed', failure: { class: name, reason: message }, waitedSeconds: null, epoch: null };
  }
}

async function trainedOn({ stack, trying, wait, output, signal }: One): Promise<TriedProfile> {
  const { compute, sweepId } = trying;
  const name = compute.profile;
  const taken = takenBy(compute, stack.profiles[name]!);
  const note = (line: string) => output.note(`${name}: ${line}`);
  note(`one epoch, as ${sweepId}${expectedText(taken, await stackBook(stack, taken.dollarsPerHour ?? null))}`);
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), wait * 60_000);
  const began = Date.now();
  const end = await trainOneOnAws({
    ...{ stack, spec: trying, note },
    signal: AbortSignal.any([signal, limit.signal]),
    onTrialStarted: () => {
      clearTimeout(timer);
      note('the trial has started');
    },
  }).finally(() => clearTimeout(timer));
  const result = await onlyResult(stack.objects, sweepId, 1);
  const waitedSeconds = result === null ? null : Math.max(0, (Date.parse(result.facts.startedAt) - began) / 1000);
  const tried = { profile: name, failure: null, waitedSeconds, epoch: null };
  if (result?.status === 'succeeded') {
    note('the trial has succeeded');
    await removeTraces(stack, trying, output);
    return { ...tried, status: 'succeeded', epoch: await epochOn(stack, trying, result) };
  }
  if (end.status === 'interrupted' && !signal.aborted) {
    note(`had no machine after ${wait} minutes; its job was ended`);
    await removeTraces(stack, trying, output);
    return { ...tried, status: 'no-machine' };
  }
  if (end.status === 'interrupted') {
    note(`was ended; sweep remove ${sweepId} removes what it left`);
    return { ...tried, status: 'interrupted' };
  }
  note(`the trial has failed; sweep logs ${sweepId} 0 shows what it printed; sweep remove ${sweepId} removes it`);
  // A container that never ran leaves no result; the verdict says why.
  const said = end.status === 'failed' ? { class: end.error, reason: end.cause } : null;
  return { ...tried, status: 'failed', failure: result?.failure ?? said };
}

/** ` (g6.2xlarge on Spot, $0.391 an hour)`; nothing where no price is known. */
function expectedText(
  profile: Pick<DeployedProfile, 'gpus' | 'vcpus' | 'memoryMiB' | 'instanceTypes' | 'spot' | 'maxVcpus'>,
  book: PriceBook,
): string {
  const machine = fleetOf(profile, book)?.expected;
  if (machine === undefined) return '';
  const spot = machine.purchase === 'spot' ? ' on Spot' : '';
  return ` (${machine.type}${spot}, ${hourlyText(machine.price.dollars)} an hour)`;
}
