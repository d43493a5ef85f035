import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { badInput, nearest, show } from '../../core/errors.ts';
import * as keys from '../../core/keys.ts';
import type { RankedTrial } from '../../core/leaderboard.ts';
import { number } from '../../core/report.ts';
import { firstThere } from '../../lambdas/select/model-place.ts';
import { concurrently } from '../../storage/concurrently.ts';
import { downloadFolder } from '../../storage/folders.ts';
import { readLeaderboard, readRounds, readRoundTrials, readSpec } from '../../storage/sweeps.ts';
import { liveReport, writeReport } from '../live-report.ts';
import type { Output } from '../output.ts';
import { leaderboardTable, table } from '../render/table.ts';
import { plainLines } from '../render/text.ts';
import { resultsOf, stateOf } from '../state.ts';
import { type FoundSweep, findSweep, localSweeps, placesOf, sweepsOnAws, type Where } from '../sweeps.ts';
import { tellStatus } from './status.ts';

/** The commands that look at sweeps, here and on AWS. */

export async function list(where: Where, output: Output): Promise<void> {
  const places = await placesOf(where);
  const local = places.includes('local') ? localSweeps(where) : [];
  const sweeps = [
    ...local,
    ...(places.includes('aws') ? await awsSweeps(where, places.includes('local'), output) : []),
  ];
  const states = await concurrently(sweeps, 16, async (sweep) => {
    const { failures: _, ...state } = await stateOf(sweep);
    return { ...state, workdir: sweep.workdir, stack: sweep.stack?.name ?? null };
  });
  output.document(states);
  if (states.length === 0) return output.text('There is no sweep here; sweep run SPEC makes one.');
  const rows = states.map(({ sweepId, status, trials, best, workdir, stack }) => [
    sweepId,
    status,
    `${trials.finished}/${trials.planned}`,
    best === null ? '' : `${best.metric} ${number(best.value)}`,
    workdir ?? `AWS (${stack})`,
  ]);
  output.text(table(['sweep', 'status', 'trials', 'best', 'where'], rows));
}

/** `besides`: nobody asked for AWS, so that it cannot be reached is said and no error. */
async function awsSweeps(where: Where, besides: boolean, output: Output): Promise<FoundSweep[]> {
  try {
    return await sweepsOnAws(where);
  } catch (error) {
    if (!besides) throw error;
    output.note(`Sweeps on AWS are not listed: ${(error as Error).message}`);
    return [];
  }
}

export async function status(id: string | undefined, where: Where, output: Output): Promise<void> {
  await tellStatus(await findSweep(id, where), output);
}

/** What the commands need of a trial. */
type NamedTrial = Pick<RankedTrial, 'id' | 'trial' | 'epochs'>;

/** A trial by its id, a beginning of it, its number, or its rank as `#1`; `best` is the first. */
export async function findTrial(sweep: FoundSweep, name: string): Promise<NamedTrial> {
  const trials = await knownTrials(sweep);
  const wanted = name === 'best' ? '#1' : name;
  const found = trials.filter(({ id, trial, rank }) =>
    wanted.startsWith('#')
      ? rank === Number(wanted.slice(1))
      : id === wanted || String(trial) === wanted || (wanted.length >= 4 && id.startsWith(wanted)),
  );
  if (found[0] !== undefined && (found.length === 1 || found[0].id === wanted)) return found[0];
  const near = nearest(
    name,
    trials.map(({ id }) => id),
  );
  throw badInput(
    '',
    `received the trial ${show(name)}; allowed: a trial's id, its number (0 to ${trials.length - 1}), #rank or best${near === undefined ? '' : `; did you mean ${near}?`}`,
  );
}

/** The leaderboard's trials, and those of the manifests that are not on it (yet), without a rank. */
async function knownTrials(sweep: FoundSweep): Promise<(NamedTrial & { readonly rank: number | null })[]> {
  const [leaderboard, planned] = await Promise.all([readLeaderboard(sweep.store, sweep.sweepId), plannedTrials(sweep)]);
  const ranked = leaderboard?.trials ?? [];
  const known = new Set(ranked.map(({ id }) => id));
  const trials = [...ranked, ...planned.filter(({ id }) => !known.has(id)).map((trial) => ({ ...trial, rank: null }))];
  if (trials.length === 0) throw badInput('', `the sweep ${sweep.sweepId} has no trials yet; wait for its first round`);
  return trials;
}

async function plannedTrials({ store, sweepId }: FoundSweep): Promise<NamedTrial[]> {
  const rounds = await readRounds(store, sweepId);
  return (await Promise.all(rounds.map((record) => readRoundTrials(store, sweepId, record)))).flat();
}

/** The attempt of a trial whose files count: the one its result names, else the latest there is. */
async function attemptOf(sweep: FoundSweep, trial: NamedTrial): Promise<string | null> {
  const result = await sweep.store.get(keys.resultKey(sweep.sweepId, trial.id, trial.epochs));
  if (result !== null) return (JSON.parse(result.body.toString()) as { attempt: string }).attempt;
  const prefix = `${keys.trialsPrefix(sweep.sweepId)}${trial.id}/`;
  let latest: string | null = null;
  for await (const { key } of sweep.store.list(prefix)) latest = key.slice(prefix.length).split('/')[0] ?? null;
  return latest;
}

export async function logs(id: string, trialName: string, where: Where, output: Output): Promise<void> {
  const sweep = await findSweep(id, where);
  const trial = await findTrial(sweep, trialName);
  const attempt = await attemptOf(sweep, trial);
  const kept =
    attempt === null ? null : await sweep.store.get(`${keys.attemptPrefix(sweep.sweepId, trial.id, attempt)}log.txt`);
  const log = kept?.body.toString() ?? (await containerLogOf(sweep, trial.id));
  output.document({ sweepId: sweep.sweepId, trialId: trial.id, attempt, log });
  if (log === null) output.note(`Trial ${trial.trial} (${trial.id}) printed nothing${kept === null ? ' yet' : ''}.`);
  else output.text(process.stdout.isTTY && !output.json ? plainLines(log) : log);
}

/** A trial that still runs, or was lost with its machine, has a log with CloudWatch only. */
async function containerLogOf({ stack, sweepId }: FoundSweep, trialId: string): Promise<string | null> {
  if (stack === null) return null;
  const { containerLog } = await import('../aws/container-log.ts');
  return containerLog(stack, sweepId, trialId);
}

export async function report(id: string | undefined, limit: number, where: Where, output: Output): Promise<void> {
  const sweep = await findSweep(id, where);
  const { leaderboard } = await resultsOf(sweep);
  output.document(leaderboard);
  output.text(leaderboardTable(leaderboard, limit));
  const { planned } = leaderboard.counts;
  if (planned > limit) output.note(`The best ${limit} of ${planned}; --limit shows more, ${csvOf(sweep)} holds all.`);
}

/** Where a person finds a sweep's report, unless said otherwise. */
export const defaultReport = (sweepId: string, workdir = '.sweepstack'): string =>
  join(workdir, sweepId, 'report.html');

/** Writes the report as it is now, of a sweep that runs too. `to` true: the usual place. */
export async function reportPage(
  id: string | undefined,
  to: string | true,
  where: Where,
  output: Output,
): Promise<void> {
  const { store, sweepId, workdir } = await findSweep(id, where);
  const file = resolve(to === true ? defaultReport(sweepId, workdir ?? undefined) : to);
  if (!(await writeReport(liveReport(store, sweepId), file)))
    throw badInput('', `the sweep ${sweepId} has no trials yet; wait for its first round`);
  output.document({ sweepId, report: file });
  output.text(file);
}

const csvOf = ({ workdir, store, sweepId }: FoundSweep): string =>
  workdir === null ? `${store.url}/${keys.leaderboardCsvKey(sweepId)}` : join(workdir, sweepId, 'leaderboard.csv');

export async function model(id: string, trialName: string, to: string, where: Where, output: Output): Promise<void> {
  const sweep = await findSweep(id, where);
  const trial = await findTrial(sweep, trialName);
  const attempt = await attemptOf(sweep, trial);
  const folder = resolve(to);
  if ((await readdir(folder).catch(() => [])).length > 0)
    throw badInput('--to', `received ${show(to)}, which is not empty; allowed: a new or an empty folder`);
  const prefix = attempt === null ? null : await modelOf(sweep, trial, attempt);
  const moved = prefix === null ? 0 : (await downloadFolder(sweep.store, prefix, folder)).files;
  if (moved === 0) {
    throw badInput(
      '',
      `trial ${trial.trial} (${trial.id}) has no model; either it wrote none to MODEL_DIR, or keep.models dropped it; sweep model ${id} best gives the best one`,
    );
  }
  output.document({ sweepId: sweep.sweepId, trialId: trial.id, model: folder });
  output.text(folder);
}

/** Where the trial's model is: what its attempt left, else the copy that was made when it was promoted; null: nowhere. */
async function modelOf({ store, sweepId }: FoundSweep, { id, epochs }: NamedTrial, attempt: string) {
  const spec = await readSpec(store, sweepId);
  const copies = spec === null ? [] : [keys.championCopyPrefix(spec.name, sweepId, id, epochs)];
  return firstThere(store, [keys.modelPrefix(sweepId, id, attempt), ...copies]);
}
