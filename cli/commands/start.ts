import { versionFinding } from '../../core/aws/account-checks.ts';
import { type Ahead, aheadLines, aheadOf } from '../../core/aws/ahead.ts';
import { checkDeployable } from '../../core/aws/deployable.ts';
import { executionName } from '../../core/aws/executions.ts';
import { trialsAtOnce, wholeInstance } from '../../core/aws/fleet.ts';
import { type Quota, quotasOf } from '../../core/aws/quotas.ts';
import { bytesText } from '../../core/base/text.ts';
import type { PriceBook } from '../../core/money/prices.ts';
import type { Quote } from '../../core/money/quote.ts';
import { lanesOf, trialsPerChild } from '../../core/spec/packing.ts';
import type { Spec } from '../../core/spec/spec.ts';
import { isTriedFirst } from '../../core/spec/tried-first.ts';
import { checkFormat } from '../../core/sweep/resume.ts';
import { packageVersion } from '../../inputs/paths.ts';
import { type Prepared, prepare } from '../../inputs/prepare.ts';
import { storeInputs } from '../../inputs/store.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { tellBudgetPrices } from '../lookup/budget-prices.ts';
import { epochSeconds } from '../lookup/epoch-seconds.ts';
import { stackBook } from '../lookup/kept-prices.ts';
import { consoleLink, refuseRunningOnAws, startExecution } from '../remote/executions.ts';
import { openJobs } from '../remote/jobs.ts';
import { openStack, type Stack } from '../remote/stack.ts';
import { agreedToAnother } from '../run/another-sweep.ts';
import { tellOrders } from '../run/orders.ts';
import { agreedToCost, quotedOnAws } from '../run/quoted.ts';
import { type Quoted, unknownUnlessSaid } from '../terminal/cost-lines.ts';
import { blameOf } from '../terminal/fault.ts';
import { EXIT, type Output } from '../terminal/output.ts';
import { tryOnAws } from './try-on-aws.ts';
import type { TryOutcome } from './try-outcome.ts';

export interface Started {
  readonly sweepId: string;
  readonly execution: string;
  readonly console: string;
  readonly uploaded: { readonly objects: number; readonly bytes: number };
  readonly quotas: readonly Quota[];
  /** What one trial showed that was trained before; null where none was. */
  readonly tried: TryOutcome | null;
  /** What it is expected to cost; null where that is not known. */
  readonly cost: Quote | null;
  /** What other sweeps have on the same machines before it; null: AWS did not tell. */
  readonly ahead: readonly Ahead[] | null;
}

export interface StartOptions {
  readonly stack?: string | undefined;
  /** Starts it whatever it costs, and trains again what another source or other data makes another sweep, without a question. */
  readonly yes?: boolean | undefined;
  /** Whether one trial is trained for one epoch before the others; not said: see `isTriedFirst`. */
  readonly try?: boolean | undefined;
  /** How long a trial trains for one epoch. */
  readonly epochSeconds?: number | undefined;
  /** It is followed afterwards, and its end is the answer in place of its start. */
  readonly watch?: boolean | undefined;
}

/** Runs work that a person may break off. */
type Interruptible = (work: (signal: AbortSignal) => Promise<TryOutcome>) => Promise<TryOutcome>;

/** Starts the sweep on AWS; the exit status where it was not started: a person decided against it, or its first trial failed. Nothing is uploaded before the spec has passed every check that can be made from here. */
export async function start(specPath: string, options: StartOptions, output: Output, interruptible: Interruptible) {
  const prepared = await prepare(specPath, { environment: null, inBucket: true });
  for (const note of prepared.notes) output.note(note);
  const stack = await openStack(options.stack);
  const version = versionFinding(stack.name, stack.version, packageVersion());
  if (version.remedy !== null) output.note(`${version.found}; ${version.remedy}`);
  checkDeployable(prepared.spec, { ...stack, stack: stack.name, data: stack });
  const { sweepId } = prepared.spec;
  await tellBudgetPrices(stack, prepared.spec, output);
  await refuseRunningOnAws(stack, sweepId);
  const { definition } = sweepObjects(stack.objects, sweepId);
  checkFormat(await definition.spec(), sweepId);
  const isFirst = !(await definition.isBegun());
  if (!(await agreedToAnother(stack.objects, prepared, options.yes, output))) return EXIT.failed;
  const willTry = isTriedFirst({ asked: options.try, isFirst, trials: prepared.spec.search.trials });
  const book = await stackBook(stack, null, output.note);
  const purchase = { specPath, options, stack, spec: prepared.spec, book };
  let cost = await quoted(purchase, willTry);
  if (cost !== null && !(await agreedToCost(cost, prepared.spec, options.yes, output))) return EXIT.failed;
  const { spec, uploaded } = await storeInputs(stack.objects, prepared, output.note);
  let tried: TryOutcome | null = null;
  if (willTry) {
    tried = await interruptible((signal) => tryOnAws({ stack, prepared, spec, output, signal }));
    if (tried.status !== 'succeeded') {
      output.document({ sweepId, started: false, tried });
      return tried.status === 'interrupted' ? EXIT.interrupted : EXIT.failed;
    }
  }
  if (cost === null) {
    cost = tried === null ? null : await quotedAfter(tried, purchase);
    if (cost === null) output.note(`cost  ${unknownUnlessSaid(specPath)}`);
    else if (!(await agreedToCost(cost, prepared.spec, options.yes, output))) return EXIT.failed;
  }
  const profile = stack.profiles[spec.compute.profile]!;
  const ahead = await askAhead(stack, prepared.spec, output);
  await tellOrders(stack.objects, prepared.spec, output);
  const execution = await startExecution(stack, executionName(sweepId, new Date()), spec);
  const started: Started = {
    sweepId,
    execution,
    console: consoleLink(stack.region, execution),
    uploaded,
    quotas: quotasOf(profile, Math.ceil(spec.search.trials / trialsPerChild(spec.compute))),
    tried,
    cost: cost?.quote ?? null,
    ahead,
  };
  if (!options.watch) output.document(started);
  output.text(startedText(started, spec, stack));
  return { stack, sweepId, execution, spec };
}

interface Purchase {
  readonly specPath: string;
  readonly options: StartOptions;
  readonly stack: Stack;
  readonly spec: Prepared['spec'];
  readonly book: PriceBook;
}

/** By what was said, or by earlier sweeps on the same profile; by a try on this machine only where none follows on AWS. */
async function quoted({ specPath, options, stack, spec, book }: Purchase, willTry: boolean): Promise<Quoted | null> {
  const [store, { profile }] = [stack.objects, spec.compute];
  const said = options.epochSeconds;
  const seconds = await epochSeconds({ specPath, spec, said, store, isHere: false, here: !willTry, profile });
  return quotedOnAws({ spec, store, seconds }, stack.profiles[profile]!, book);
}

async function quotedAfter(
  { secondsAnEpoch, machine }: TryOutcome,
  { stack, spec, book }: Purchase,
): Promise<Quoted | null> {
  if (secondsAnEpoch === null) return null;
  const seconds = {
    seconds: secondsAnEpoch,
    source: 'the trial that was tried first',
    at: Date.now(),
    fit: machine?.fit ?? null,
  };
  return quotedOnAws({ spec, store: stack.objects, seconds }, stack.profiles[spec.compute.profile]!, book);
}

type Asking = { readonly sweepId: string; readonly compute: Pick<Spec['compute'], 'profile' | 'priority'> };

/** Only told: a sweep that AWS does not answer about is started all the same. */
export async function askAhead(
  stack: Pick<Stack, 'batch' | 'profiles'>,
  { sweepId, compute }: Asking,
  output: Output,
): Promise<Ahead[] | null> {
  try {
    return aheadOf(await openJobs(stack, stack.profiles[compute.profile]!), sweepId, compute.priority);
  } catch (error) {
    if (blameOf(error) === 'fault') throw error;
    output.note(`could not check what is queued ahead of this sweep: ${(error as Error).message}`);
    return null;
  }
}

function startedText({ sweepId, console, uploaded, quotas, ahead }: Started, spec: Spec, stack: Stack): string {
  const profile = stack.profiles[spec.compute.profile]!;
  const jobs = trialsAtOnce(wholeInstance(profile.instanceTypes, profile), profile, profile.maxVcpus);
  const lanes = lanesOf(spec.compute);
  const atOnce = lanes === 'auto' ? `${jobs} jobs at once, each with as many trials as fit` : `${jobs * lanes} at once`;
  return [
    `${sweepId} started: ${spec.search.trials} trials on profile ${spec.compute.profile}, at most ${atOnce}${{ true: ', Spot first', false: '', only: ', Spot only' }[`${profile.spot}`]}`,
    `  uploaded  ${uploaded.objects === 0 ? 'nothing; everything was already there' : `${uploaded.objects} objects${uploaded.bytes > 0 ? `, ${bytesText(uploaded.bytes)} of data` : ''}`}`,
    ...quotas.map(
      ({ name, code, vcpus }) =>
        `  quota     ${name}${code === null ? '' : ` (${code})`}: up to ${vcpus} vCPUs; with fewer it takes longer, with 0 it waits forever`,
    ),
    ...aheadLines(ahead ?? []).map((line) => `  ahead     ${line}`),
    `  console   ${console}`,
    `  next      sweep watch ${sweepId}`,
  ].join('\n');
}
