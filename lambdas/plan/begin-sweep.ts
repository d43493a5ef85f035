import { checkDeployable } from '../../core/aws/deployable.ts';
import { type PlannedProfile, queueFor, type RecordedProfile, regionOfArn } from '../../core/aws/deployment.ts';
import { withGpus } from '../../core/aws/profiles.ts';
import { digestOf } from '../../core/base/digest.ts';
import { BadInput, badInput, CorruptObject, type Problem } from '../../core/base/errors.ts';
import { canonicalJson } from '../../core/base/json.ts';
import { show } from '../../core/base/text.ts';
import type { Control } from '../../core/layout/control.ts';
import type { DataIdentity, DataRecord } from '../../core/layout/data.ts';
import { dataAddress, sourceContent } from '../../core/layout/inputs.ts';
import { type Lock, REFRESH_SECONDS } from '../../core/layout/lock.ts';
import { type BudgetPrices, budgetPrices } from '../../core/money/budget-prices.ts';
import { reasonToInterrupt } from '../../core/money/cap.ts';
import { planRoundTrials } from '../../core/search/next-round.ts';
import { type RoundRecord, searchTrialCount } from '../../core/search/rounds.ts';
import { specUnder } from '../../core/search/under-control.ts';
import { buildSpace, contains, satisfies } from '../../core/space/space.ts';
import { resolveSpec } from '../../core/spec/resolve.ts';
import type { Spec } from '../../core/spec/spec.ts';
import { sweepIdProblem } from '../../core/spec/sweep-id.ts';
import { recipeToBeat } from '../../core/sweep/champion.ts';
import { experimentDigest } from '../../core/sweep/identity.ts';
import { checkFormat, checkResumable } from '../../core/sweep/resume.ts';
import { type WarmStart, warmStartFrom } from '../../core/sweep/warm-start.ts';
import { ChampionObjects } from '../../objects/champion.ts';
import type { Definition } from '../../objects/definition.ts';
import { noteEarlierStarts } from '../../objects/earlier-starts.ts';
import { StackPrices } from '../../objects/prices.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import type { ObjectStore } from '../../storage/store.ts';
import type { Services } from '../shared/services.ts';
import { soundRounds } from './sound-rounds.ts';

export interface BegunSweep {
  readonly sweepId: string;
  readonly spec: Spec;
  readonly deployment: RecordedProfile;
  readonly data: DataRecord;
}

/**
 * The first step of an execution: checks the spec, takes the sweep's lock, and records what the sweep is, or checks that
 * it still matches the record.
 * @throws BadInput, PlanTooLarge, SweepLocked; nothing has changed then
 */
export async function beginSweep(
  services: Services,
  input: unknown,
  execution: string,
  name: string,
): Promise<BegunSweep> {
  const resolved = resolveSpec(input);
  const sweepId = resolved.sweepId ?? name;
  // Nothing has checked the execution's name yet.
  const problem = sweepIdProblem(sweepId);
  if (problem !== null) throw badInput('sweepId', problem);
  const profile = checkDeployment(services, { ...resolved, sweepId });
  const prices = await pricesNow(services, resolved, profile);
  const spec = withGpus({ ...resolved, sweepId }, profile);
  const { definition, lock, control, budget } = sweepObjects(services.store, sweepId);
  checkFormat((await readable(definition.recordedSpec()))?.spec ?? null, sweepId);
  const orders = await control.held();
  const before = (await lock.held())?.lock ?? null;
  const isBegun = before?.execution === execution;
  await lock.acquire(services, execution);
  // An earlier execution was paused, and this one continues. A repeated call finds this execution's own orders.
  if (!isBegun) await control.goOn(orders);
  try {
    const begun = await record(services, spec, sweepId, { profile, orders: orders.control, prices });
    if (!isBegun) {
      await noteEarlierStarts(spec, services.store, sweepId);
      await budget.close(spec, lastKnown(before, services.now()));
    }
    return begun;
  } catch (error) {
    await lock.release(execution);
    throw error;
  }
}

/** The prices last fetched from AWS, if any. @throws BadInput for a machine without a price */
async function pricesNow(services: Services, spec: Spec, profile: PlannedProfile): Promise<BudgetPrices | null> {
  const region = regionOfArn(profile.jobDefinition);
  const isAsked = spec.budget?.dollars !== undefined && region !== null;
  const asked = isAsked
    ? await new StackPrices(services.store, region).readable((sentence) => services.note?.(sentence))
    : null;
  return budgetPrices(spec, { ...profile, region, asked }, services.now());
}

/** When the execution that last held the sweep was last known to run; a local run keeps saying so. */
function lastKnown(before: Lock | null, now: string): string {
  if (before?.refreshed === undefined || before.execution.startsWith('arn:')) return now;
  const last = Math.min(Date.parse(now), Date.parse(before.refreshed) + REFRESH_SECONDS * 1000);
  return new Date(last).toISOString();
}

interface Circumstances {
  readonly prices: BudgetPrices | null;
  readonly profile: PlannedProfile;
  readonly orders: Control;
}

async function record(
  services: Services,
  spec: Spec,
  sweepId: string,
  { profile, orders, prices }: Circumstances,
): Promise<BegunSweep> {
  const { store } = services;
  const { definition, budget } = sweepObjects(store, sweepId);
  const wanted = specUnder(spec, orders);
  const rounds = await soundRounds(store, sweepId);
  const isBegun = rounds.length > 0;
  const [before, known] = await Promise.all([readable(definition.recordedSpec()), readable(definition.data())]);
  if (before === null && isBegun) checkSameExperiment(known, spec, sweepId);
  if (before !== null || isBegun) checkResumable(before?.spec ?? spec, wanted, searchTrialCount(rounds));
  else checkDeadline(spec, services.now());
  const deployment = recordProfile(before?.deployment ?? null, profile, spec.compute);
  const data = await identify(services, spec);
  if (known !== null && known.digest !== data.digest) {
    throw badInput(
      'training.data',
      `the data under ${data.uri} has changed since the sweep ${sweepId} was started; restore it, or choose another sweepId to train on the new data`,
    );
  }
  const warm = await warmStart(store, spec, definition, known?.warmStart);
  const recorded: DataRecord = {
    ...(known ?? data),
    champion: known?.champion ?? (known === null ? await firstTrial(services, spec, sweepId, data, rounds[0]) : null),
    experiment: experimentDigest(spec),
    ...(warm === null ? {} : { warmStart: digestOf(warm.found) }),
  };
  await Promise.all([
    definition.putSpec({ spec, deployment }),
    definition.putData(recorded),
    warm?.isNew ? definition.putWarmStart(warm.found) : null,
    prices === null ? null : budget.putPrices(spec, prices),
  ]);
  const again = [before === null && 'spec.json', known === null && 'data.json', warm?.isNew && 'warm-start.json'];
  if (isBegun)
    tellMadeAgain(
      services,
      again.filter((name) => typeof name === 'string'),
      sweepId,
    );
  return { sweepId, spec: wanted, deployment, data: recorded };
}

/** A sweep that has begun may pass its deadline, to report its best so far. @throws BadInput */
function checkDeadline({ budget }: Spec, now: string): void {
  if (budget?.deadline === undefined || reasonToInterrupt(budget, { firstStart: null }, Date.parse(now)) === null)
    return;
  throw badInput(
    'budget.deadline',
    `received ${show(budget.deadline)}, which has passed: it is ${now}; set a later one, or leave it out`,
  );
}

function tellMadeAgain({ note }: Services, names: readonly string[], sweepId: string): void {
  if (names.length === 0) return;
  note?.(`${names.join(', ')} of ${sweepId} was damaged or missing, and was recreated from the same spec`);
}

/** Null if the object is damaged; it is then written again. */
async function readable<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof CorruptObject) return null;
    throw error;
  }
}

/** @throws CorruptObject if the lost spec.json described another experiment */
function checkSameExperiment(known: DataRecord | null, spec: Spec, sweepId: string): void {
  if (known?.experiment === undefined || known.experiment === experimentDigest(spec)) return;
  throw new CorruptObject(
    `sweeps/${sweepId}/spec.json is damaged or missing, and the current spec describes another experiment; run the spec that the sweep was started with, restore spec.json from a copy, or choose another sweepId`,
  );
}

/**
 * The proposal that comes before all others: a champion's recipe. If the sweep lost its record of it, the first round's
 * manifest still has it.
 */
async function firstTrial(
  services: Services,
  spec: Spec,
  sweepId: string,
  data: DataIdentity,
  round: RoundRecord | undefined,
): Promise<DataRecord['champion']> {
  const { rounds, definition } = sweepObjects(services.store, sweepId);
  const planned = round === undefined ? null : await readable(rounds.trials(round));
  const first = planned?.[0]?.parameters;
  if (first === undefined) return recipe(services, spec, data.digest);
  const warm = (await readable(definition.warmStart(spec)))?.observations ?? [];
  const [proposed] = planRoundTrials(spec, { rounds: [], records: [], warm }, []).trials;
  return canonicalJson(proposed?.parameters) === canonicalJson(first) ? null : { ...first };
}

/**
 * What is taken from earlier sweeps; null if nothing is. Once recorded it is fixed, whatever later results say.
 * @param recorded digest of the record, if known
 * @throws CorruptObject if the record is lost and the earlier sweeps would now give a different one
 */
async function warmStart(
  store: ObjectStore,
  spec: Spec,
  definition: Definition,
  recorded: string | undefined,
): Promise<{ readonly found: WarmStart; readonly isNew: boolean } | null> {
  const wanted = spec.search.warmStart;
  if (wanted === undefined) return null;
  const before = await readable(definition.warmStart(spec));
  if (before !== null) return { found: before, isNew: false };
  const found = await warmStartNow(store, spec, wanted);
  if (recorded !== undefined && recorded !== digestOf(found))
    throw new CorruptObject(
      `sweeps/${spec.sweepId}/warm-start.json is damaged or missing, and ${wanted.join(', ')} would now give a different one; restore it from a copy, or choose another sweepId`,
    );
  return { found, isNew: true };
}

async function warmStartNow(store: ObjectStore, spec: Spec, wanted: readonly string[]): Promise<WarmStart> {
  const leaderboards = await Promise.all(wanted.map((earlier) => sweepObjects(store, earlier).outcome.leaderboard()));
  const problems = wanted.flatMap((earlier, index) =>
    leaderboards[index] === null
      ? [
          {
            field: `search.warmStart[${index}]`,
            message: `received ${show(earlier)}, but this store has no leaderboard for that sweep; sweep list shows the sweeps here`,
          },
        ]
      : [],
  );
  if (problems.length > 0) throw new BadInput(problems);
  return warmStartFrom(
    spec,
    leaderboards.filter((leaderboard) => leaderboard !== null),
  );
}

/**
 * The profile as the sweep uses it. A user's own image is part of the experiment: if the profile has been deployed with
 * another image since, the sweep keeps its job definition, which a deploy leaves in place.
 * @throws BadInput if another profile would change the image
 */
function recordProfile(
  before: RecordedProfile | null,
  profile: PlannedProfile,
  compute: Spec['compute'],
): RecordedProfile {
  const { jobDefinition, gpus, image, dollarsPerHour } = profile;
  const { profile: name, priority } = compute;
  const price = dollarsPerHour === undefined ? {} : { dollarsPerHour };
  const now = { queue: queueFor(profile, priority), jobDefinition, gpus, image, profile: name, ...price };
  if (before === null || before.image === now.image) return now;
  if (before.profile === name) return { ...now, jobDefinition: before.jobDefinition, image: before.image };
  throw badInput(
    'compute.profile',
    `received ${name}, which runs ${imageOf(now)}, but the sweep was started with ${imageOf(before)} (profile ${before.profile}); choose a profile with the same image, or another sweepId`,
  );
}

const imageOf = ({ image }: { readonly image: string | null }): string =>
  image === null ? "Sweepstack's own image" : `the image ${image}`;

/** The champion's parameters, to try first on other data, if this sweep's space contains them. */
async function recipe(services: Services, spec: Spec, data: string | null): Promise<DataRecord['champion']> {
  // An unreadable champion has no recipe. It prevents only the promotion, which then says so.
  const champion = await new ChampionObjects(services.store, spec.name).read().then(
    (read) => read.champion,
    (error: unknown) => {
      if (error instanceof CorruptObject) return null;
      throw error;
    },
  );
  const parameters = recipeToBeat(champion, spec, data);
  const space = buildSpace(spec.search.space, spec.search.constraints);
  return parameters !== null && contains(space, parameters).ok && satisfies(space, parameters) ? parameters : null;
}

async function identify(services: Services, spec: Spec): Promise<DataIdentity> {
  const uri = spec.training.data;
  return uri === undefined
    ? { uri: null, digest: null, files: 0, bytes: 0 }
    : services.identifyData(dataAddress(services.store.url, uri));
}

/** Checks that need the deployment: its profiles exist here, and folders of someone's machine do not. */
function checkDeployment(services: Services, spec: Spec): PlannedProfile {
  const profiles = Object.fromEntries(services.profileNames.map((name) => [name, services.profile(name)!]));
  checkDeployable(spec, { profiles, secrets: null, stack: null, data: null }, sourceProblems(spec));
  return profiles[spec.compute.profile]!;
}

function sourceProblems({ training: { source } }: Spec): Problem[] {
  if (source === undefined || sourceContent(source) !== null) return [];
  return [
    {
      field: 'training.source',
      message: `received ${show(source)}; allowed here: the key of an uploaded snapshot, sources/<digest>.tgz; use sweep start, which uploads the folder`,
    },
  ];
}
