import * as z from 'zod';
import { bestSchema } from '../core/best.ts';
import { factsSchema } from '../core/facts.ts';
import * as keys from '../core/keys.ts';
import type { Leaderboard } from '../core/leaderboard.ts';
import { lockSchema } from '../core/lock.ts';
import { readJson, readRounds, readSpec } from '../storage/sweeps.ts';
import type { FoundSweep } from './sweeps.ts';

/** leaderboard.json is ours and large: its envelope is checked, not each of its rows. */
const leaderboardSchema = z.object({
  sweepId: z.string(),
  objective: z.object({ metric: z.string(), goal: z.enum(['maximize', 'minimize']) }),
  counts: z.object({ planned: z.int(), succeeded: z.int(), failed: z.int() }),
  trials: z.array(z.custom<Leaderboard['trials'][number]>((trial) => typeof trial === 'object' && trial !== null)),
});

export const readLeaderboard = (sweep: FoundSweep): Promise<Leaderboard | null> =>
  readJson(sweep.store, keys.leaderboardKey(sweep.sweepId), leaderboardSchema);

export interface SweepState {
  readonly sweepId: string;
  readonly status: 'running' | 'stopped' | 'succeeded' | 'failed';
  /** Trials that have a result, of all that the spec asks for. */
  readonly trials: { readonly planned: number; readonly finished: number; readonly failed: number };
  readonly best: z.output<typeof bestSchema> | null;
  readonly failures: z.output<typeof factsSchema>['failures'];
  /** The execution that owns the sweep, or did last; null when none is known. */
  readonly execution: string | null;
  /** On AWS, how an execution ended that did not come to its end by itself. */
  readonly problem: string | null;
}

/** How a sweep stands now, from its objects, and on AWS from its execution. */
export async function stateOf(sweep: FoundSweep): Promise<SweepState> {
  const { store, sweepId } = sweep;
  const [spec, rounds, best, facts, lock] = await Promise.all([
    readSpec(store, sweepId),
    readRounds(store, sweepId),
    readJson(store, keys.bestKey(sweepId), bestSchema),
    readJson(store, keys.factsKey(sweepId), factsSchema),
    readJson(store, keys.lockKey(sweepId), lockSchema),
  ]);
  const wanted = spec?.search.trials ?? 0;
  const planned = rounds.at(-1)?.exhausted ? rounds.reduce((sum, { size }) => sum + size, 0) : wanted;
  const finished = await countResults(sweep, spec?.training.epochs);
  const running = lock !== null && (await sweep.isRunning(lock.execution));
  const complete = facts !== null && facts.trials.planned >= planned;
  const ended = facts === null || facts.status === 'running' || !complete ? 'stopped' : facts.status;
  return {
    sweepId,
    status: running ? 'running' : ended,
    trials: { planned, finished, failed: facts?.trials.failed ?? 0 },
    best,
    failures: facts?.failures ?? [],
    execution: lock?.execution ?? facts?.execution ?? null,
    problem: running || lock === null ? null : await problemOf(sweep, lock.execution),
  };
}

async function countResults({ store, sweepId }: FoundSweep, epochs: number | undefined): Promise<number> {
  let finished = 0;
  for await (const { key } of store.list(keys.resultsPrefix(sweepId))) if (key.endsWith(`.${epochs}.json`)) finished++;
  return finished;
}

/** An execution that ended by itself has let the lock go; one that still holds it broke off. */
async function problemOf({ stack }: FoundSweep, arn: string): Promise<string | null> {
  if (stack === null) return null;
  const { describeExecution } = await import('./aws/executions.ts');
  const execution = await describeExecution(stack, arn);
  if (execution === null || execution.status === 'SUCCEEDED') return null;
  const why = [execution.error, execution.cause].filter((text) => text !== null && text !== '').join(': ');
  return `the execution ${execution.name} ${execution.status.toLowerCase().replace('_', ' ')}${why === '' ? '' : `: ${why}`}`;
}
