import { join } from 'node:path';
import { checkEvents, estimateEvents } from '../../core/aws/history-events.ts';
import { bytesText } from '../../core/base/text.ts';
import { budgetPrices } from '../../core/money/budget-prices.ts';
import { type ForeseenRound, foreseenRounds } from '../../core/search/forecast.ts';
import { newPoints } from '../../core/search/next-round.ts';
import { chunk } from '../../core/search/partitions.ts';
import { type SpaceLeft, spaceLeft } from '../../core/space/completion.ts';
import type { Parameters } from '../../core/space/space.ts';
import { type LaneCount, lanesOf, trialsPerChild } from '../../core/spec/packing.ts';
import { WORKDIR } from '../../core/spec/sweep-id.ts';
import { objectivesText } from '../../core/sweep/limits.ts';
import { circumstancesOf, trialIdentifier } from '../../core/trial/identity.ts';
import { childrenFor, encodeManifest, MAX_SHARD, trialText } from '../../core/trial/manifest.ts';
import { type Prepared, prepare } from '../../inputs/prepare.ts';
import { type LeftOutFile, leftOutFiles, leftOutNote } from '../../inputs/source/left-out.ts';
import { FolderStore } from '../../storage/folder.ts';
import { epochSeconds } from '../lookup/epoch-seconds.ts';
import { priceBook, regionHere } from '../lookup/kept-prices.ts';
import { type Start, shortList, startLines, startOf } from '../run/first-start.ts';
import { defaultProfile, quotedOnAws } from '../run/quoted.ts';
import { installedByFiles, workingTreeNotes } from '../run/working-tree.ts';
import { costLines, type Quoted, unknownUnlessSaid } from '../terminal/cost-lines.ts';
import type { Output } from '../terminal/output.ts';
import { parametersText, plain } from '../terminal/text.ts';

export interface PlanSummary {
  readonly sweepId: string;
  readonly strategy: string;
  readonly trials: number;
  /** How much of the space keeps to search.constraints; null: there are none. */
  readonly spaceLeft: SpaceLeft | null;
  /** Trials of each round, and the children of each of its shards. */
  readonly rounds: readonly (ForeseenRound & { readonly shards: readonly number[] })[];
  readonly epochs: number;
  /** Over all trials, each trained from where it stands; what stops early needs fewer. */
  readonly totalEpochs: number;
  readonly historyEvents: number;
  readonly firstTrials: readonly {
    readonly trial: number;
    readonly id: string | null;
    readonly parameters: Parameters;
  }[];
  /** How the program of the first trial is started; null: by the built-in trainer, or there is no trial. */
  readonly firstStart: Start | null;
  readonly storage: { readonly manifestBytes: number; readonly sourceBytes: number; readonly dataBytes: number | null };
  /** Files of secrets in the source that no trial gets. */
  readonly withheld: readonly string[];
  /** What the rules leave out of the source, the largest first; a folder ends in `/` and stands for all that is in it. */
  readonly leftOut: readonly LeftOutFile[];
  /** What it would cost on AWS; null where that is not known. */
  readonly cost: Quoted | null;
  readonly notes: readonly string[];
  readonly spec: Prepared['spec'];
}

const FIRST = 5;

export interface PlanOptions {
  readonly workdir?: string | undefined;
  /** How long a trial trains for one epoch. */
  readonly epochSeconds?: number | undefined;
}

/** Checks a spec, and shows what it would do and cost. */
export async function plan(specPath: string, options: PlanOptions, output: Output): Promise<void> {
  const prepared = await prepare(specPath, { workdir: options.workdir, environment: process.env });
  const { spec, workdir } = prepared;
  const store = new FolderStore(join(workdir, WORKDIR.store));
  const profile = defaultProfile(spec.compute.profile);
  if (profile !== null) budgetPrices(spec, { ...profile, region: regionHere() }, new Date().toISOString());
  const seconds = await epochSeconds({
    specPath,
    spec,
    said: options.epochSeconds,
    store,
    isHere: true,
    here: true,
    profile: null,
  });
  // How many trials fit on a GPU of this machine tells nothing of one on AWS.
  const elsewhere = seconds === null ? null : { ...seconds, fit: null };
  const book = priceBook(regionHere(), null);
  // Nor do the results that are here spare any training there.
  const cost = profile === null ? null : await quotedOnAws({ spec, store: null, seconds: elsewhere }, profile, book);
  const summary = await planSummary(prepared, cost);
  output.document(summary);
  output.text(planText(summary, specPath));
}

/** What a spec would do. `cost`: as it was quoted. Nothing is written or submitted. @throws PlanTooLarge */
export async function planSummary(prepared: Prepared, cost: Quoted | null): Promise<PlanSummary> {
  const { spec, snapshot, data } = prepared;
  checkEvents(spec);
  const sampled = Math.min(spec.search.trials, 1000);
  const points = newPoints(spec, sampled);
  const trials = points.length < sampled ? points.length : spec.search.trials;
  // Data in a bucket is listed by the first round; until then its trials have no ids.
  const known = spec.training.data === undefined || data !== null;
  const identify = known ? trialIdentifier(circumstancesOf(spec, data?.digest ?? null, null)) : () => null;
  const firstTrials = points
    .slice(0, FIRST)
    .map((parameters, number) => ({ trial: number, id: identify(parameters), parameters }));
  const sample = points.map((parameters, number) => ({
    trial: number,
    id: '0'.repeat(16),
    epochs: spec.training.epochs,
    parameters,
  }));
  const manifestBytes = sample.length === 0 ? 0 : encodeManifest(sample.map(trialText)).width * trials;
  const rounds = roundsOf({ ...spec, search: { ...spec.search, trials } });
  return {
    sweepId: spec.sweepId,
    strategy: spec.search.strategy,
    trials,
    spaceLeft: spaceLeft(spec.search),
    rounds,
    epochs: spec.training.epochs,
    totalEpochs: totalEpochs(rounds),
    historyEvents: estimateEvents(spec),
    firstTrials,
    firstStart:
      firstTrials[0] === undefined
        ? null
        : startOf(prepared, { ...firstTrials[0], epochs: rounds[0]?.epochs ?? spec.training.epochs }),
    notes: [...prepared.notes, ...budgetNotes(spec), ...(await workingTreeNotes(prepared, installedByFiles))],
    withheld: snapshot?.withheld ?? [],
    leftOut: snapshot === null ? [] : await leftOutFiles(snapshot),
    cost,
    storage: { manifestBytes, sourceBytes: snapshot?.bytes ?? 0, dataBytes: data?.bytes ?? null },
    spec,
  };
}

/** The plan is of both places, and only one of them has prices. */
function budgetNotes({ budget, compute }: Prepared['spec']): string[] {
  if (budget?.dollars === undefined || compute.dollarsPerHour !== undefined) return [];
  return ['budget.dollars: sweep run, on this machine, needs compute.dollarsPerHour beside it'];
}

function roundsOf(spec: Prepared['spec']): PlanSummary['rounds'] {
  return foreseenRounds(spec).map(({ kind, trials, epochs, work }) => ({
    kind,
    trials,
    epochs,
    ...(work === undefined ? {} : { work }),
    shards: chunk(Array.from({ length: trials }), MAX_SHARD).map(({ length: lines }) =>
      childrenFor({ lines, each: trialsPerChild(spec.compute) }),
    ),
  }));
}

/** A rung goes on from the rung below, so only what is new counts. */
function totalEpochs(rounds: readonly ForeseenRound[]): number {
  return rounds.reduce((sum, { kind, trials, epochs, work }, index) => {
    if (work !== undefined) return sum + work;
    const before = kind === 'rung' ? rounds[index - 1]!.epochs : 0;
    return sum + trials * (epochs - before);
  }, 0);
}

function kindText(kind: ForeseenRound['kind'], trials: number): string {
  if (kind === 'rung') return trials === 1 ? ' that continues' : ' that continue';
  return kind === 'confirm' ? ' with new seeds' : '';
}

function roundsText(rounds: PlanSummary['rounds']): string {
  const isPlain = rounds.every(({ kind }) => kind === 'search');
  if (isPlain) return `${shortList(rounds.map(({ trials }) => `${trials}`))} trials`;
  return shortList(rounds.map(({ kind, trials, epochs }) => `${trials}${kindText(kind, trials)} to epoch ${epochs}`));
}

/** For an asynchronous search. */
function searchText({ rounds: [search, confirm], totalEpochs, spec }: PlanSummary): string[] {
  const lanes = lanesOf(spec.compute);
  const packed = lanes === 1 ? '' : `, ${atOnceText(lanes)}`;
  const confirming = confirm === undefined ? '' : `, then ${confirm.trials} with new seeds`;
  return [
    `search     asynchronous: about ${search!.trials} trainings, each starts as soon as a slot is free${packed}${confirming}; about ${totalEpochs} epochs in total`,
  ];
}

/** Rounds of more than this teach the next less than smaller ones would. */
const SMALL_ROUND = 4;

/** What few know: of the same trials, those that learn from more results find more (bench/search). */
function roundsHint({ spec, rounds }: PlanSummary): string[] {
  const isLarge = rounds.some(({ kind, trials }) => kind === 'search' && trials > SMALL_ROUND);
  if (spec.search.strategy !== 'bayesian' || !isLarge) return [];
  return ['           each learns from earlier ones; more, smaller rounds find better trials but take longer'];
}

function spaceText(left: SpaceLeft | null): string[] {
  if (left === null) return [];
  const { points, of, share } = left;
  const what =
    points === null ? `about ${shareText(share)} of the space` : `${points} of the ${of} points of the space`;
  return [`left       ${what}, by search.constraints`];
}

const shareText = (share: number): string => `${Number((100 * share).toPrecision(2))}%`;

/** What it would cost on AWS, or what to do to know. */
function costText({ cost, spec }: PlanSummary, file: string): string[] {
  const profile = spec.compute.profile;
  const lines =
    cost !== null
      ? costLines(cost)
      : [
          defaultProfile(profile) === null
            ? `unknown: profile ${profile} is defined in your deployment; sweep start shows the cost before it starts`
            : unknownUnlessSaid(file),
        ];
  const onAws = cost === null ? '' : `on AWS, as profile ${profile} is by default: `;
  return lines.map((line, index) => `${index === 0 ? `cost       ${onAws}` : '           '}${line}`);
}

/** The program's start, with a line of space after it. */
function startText(start: Start | null): string[] {
  const lines = startLines(start, 11);
  return lines.length === 0 ? [] : [...lines, ''];
}

/** `4: 3 arrays of 4, a plain job`: those in a row that are alike once. */
function shardsText(shards: readonly number[]): string {
  const runs: { size: number; count: number }[] = [];
  for (const size of shards) {
    const last = runs.at(-1);
    if (last?.size === size) last.count += 1;
    else runs.push({ size, count: 1 });
  }
  const text = ({ size, count }: (typeof runs)[number]) => {
    if (size === 1) return count === 1 ? 'a plain job' : `${count} plain jobs`;
    return count === 1 ? `an array of ${size}` : `${count} arrays of ${size}`;
  };
  return `${runs.length > 1 ? `${shards.length}: ` : ''}${shortList(runs.map(text))}`;
}

function perJobText({ compute }: Prepared['spec']): string {
  const [each, lanes] = [trialsPerChild(compute), lanesOf(compute)];
  return each === 1 ? '' : `, each of up to ${each} trials, ${atOnceText(lanes)}`;
}

function atOnceText(lanes: LaneCount): string {
  if (lanes === 1) return 'one after the other';
  return lanes === 'auto' ? 'as many at once as fit' : `${lanes} at once on a GPU`;
}

/** The plan as a person reads it. `file`: the spec's, as it was named. */
export function planText(plan: PlanSummary, file: string): string {
  const { spec, storage } = plan;
  const leftOut = leftOutNote(plan.leftOut);
  const shards = plan.rounds.flatMap((round) => round.shards);
  const asked = spec.search.trials === plan.trials ? '' : ` (${spec.search.trials} requested; the space has no more)`;
  const lines = [
    `sweep      ${plan.sweepId}`,
    `trials     ${plan.trials} by ${plan.strategy}${asked}, ${spec.search.strategy === 'halving' ? 'up to ' : ''}${plan.epochs} epochs each, ranked by ${plain(objectivesText(spec.objective))}`,
    ...spaceText(plan.spaceLeft),
    ...(spec.search.asynchronous
      ? searchText(plan)
      : [
          `rounds     ${plan.rounds.length}: ${roundsText(plan.rounds)}; ${plan.totalEpochs} epochs in total`,
          ...roundsHint(plan),
          `shards     ${shardsText(shards)}${perJobText(spec)}; about ${plan.historyEvents} of 25,000 history events`,
        ]),
    `parallel   ${spec.compute.maxParallel ?? 'all slots'} here; on AWS, as many as the vCPU limit of profile ${spec.compute.profile} allows`,
    `storage    manifest ${bytesText(storage.manifestBytes)}, source ${bytesText(storage.sourceBytes)}, data ${storage.dataBytes === null ? (spec.training.data ?? 'none') : bytesText(storage.dataBytes)}`,
    ...(leftOut === null ? [] : [`left out   ${leftOut}`]),
    ...costText(plan, file),
    `tolerance  ${spec.tolerance.failedTrials} failed trials; the best ${spec.keep.models} models are kept`,
    '',
    `first ${plan.firstTrials.length} trials`,
    ...plan.firstTrials.map(
      ({ trial, id, parameters }) =>
        `  ${trial}  ${id ?? '(id after the data is listed)'}  ${parametersText(parameters)}`,
    ),
    '',
    ...startText(plan.firstStart),
    ...plan.notes.map((note) => `note       ${plain(note)}`),
    'Nothing was submitted.',
  ];
  return `${lines.join('\n')}\n`;
}
