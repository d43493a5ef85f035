import { CorruptObject } from '../../core/base/errors.ts';
import { number } from '../../core/base/text.ts';
import { concurrently } from '../../storage/concurrently.ts';
import { type FoundSweep, localSweeps, placesOf, sweepsOnAws, type Where } from '../lookup/find.ts';
import { damagedState, type SweepState, stateOf } from '../lookup/state.ts';
import type { Output } from '../terminal/output.ts';
import { table } from '../terminal/table.ts';

export async function list(where: Where, output: Output): Promise<void> {
  const places = await placesOf(where);
  const local = places.includes('local') ? await localSweeps(where) : [];
  const sweeps = [
    ...local,
    ...(places.includes('aws') ? await awsSweeps(where, places.includes('local'), output) : []),
  ];
  const states = await concurrently(sweeps, 16, async (sweep) => {
    const { failures: _, ...state } = await stateOrDamage(sweep, output);
    return { ...state, workdir: sweep.workdir, stack: sweep.stack?.name ?? null };
  });
  output.document(states);
  if (states.length === 0) return output.text('There are no sweeps here; sweep run SPEC starts one.');
  const rows = states.map(({ sweepId, status, trials, best, workdir, stack }) => [
    sweepId,
    status,
    `${trials.finished}/${trials.planned}`,
    best === null ? '' : `${best.metric} ${number(best.value)}`,
    workdir ?? `AWS (${stack})`,
  ]);
  output.text(table(['sweep', 'status', 'trials', 'best', 'where'], rows));
}

/** One sweep that cannot be read hides no other. */
async function stateOrDamage(sweep: FoundSweep, output: Output): Promise<SweepState> {
  try {
    return await stateOf(sweep);
  } catch (error) {
    if (!(error instanceof CorruptObject)) throw error;
    output.note(`${sweep.sweepId}: ${error.message}`);
    return damagedState(sweep.sweepId, error.message);
  }
}

/** `besides`: nobody asked for AWS, so that it cannot be reached is said and no error. */
async function awsSweeps(where: Where, besides: boolean, output: Output): Promise<FoundSweep[]> {
  try {
    return await sweepsOnAws(where);
  } catch (error) {
    if (!besides) throw error;
    output.note(`Sweeps on AWS could not be listed: ${(error as Error).message}`);
    return [];
  }
}
