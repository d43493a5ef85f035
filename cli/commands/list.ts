import { CorruptObject } from '../../core/base/errors.ts';
import { number } from '../../core/base/text.ts';
import { dollarsText } from '../../core/money/dollars.ts';
import { concurrently } from '../../storage/concurrently.ts';
import {
  type FoundSweep,
  isOfThisFolder,
  lastWork,
  localSweeps,
  placesOf,
  sweepsOnAws,
  type Where,
} from '../lookup/find.ts';
import { today } from '../lookup/kept-prices.ts';
import { damagedState, type SweepState, stateOf } from '../lookup/state.ts';
import { type Column, hiddenNote, lay } from '../terminal/columns.ts';
import type { Output } from '../terminal/output.ts';
import { costOriginNote } from '../terminal/spent-text.ts';
import { duration } from '../terminal/text.ts';
import { roomOf } from '../terminal/wrap.ts';

export interface ListOptions extends Where {
  /** Those of other folders of this machine too. */
  readonly all?: boolean | undefined;
}

/** A sweep as the list shows it. */
interface Listed extends Omit<SweepState, 'failures'> {
  readonly workdir: string | null;
  readonly stack: string | null;
  /** When it was last begun or gone on with; null: not known. */
  readonly begun: string | null;
}

/** The sweeps of this folder and those below it, or of all folders where it has none, and those on AWS; the newest first. */
export async function list({ all = false, ...where }: ListOptions, output: Output): Promise<void> {
  const places = await placesOf(where);
  const local = places.includes('local') ? await localSweeps(where) : [];
  const here = local.filter((sweep) => isOfThisFolder(sweep, where));
  const shown = all || here.length === 0 ? local : here;
  const sweeps = [
    ...shown,
    ...(places.includes('aws') ? await awsSweeps(where, places.includes('local'), output) : []),
  ];
  const states = (await concurrently(sweeps, 16, (sweep) => listed(sweep, output))).sort(
    (a, b) => Date.parse(b.begun ?? '') - Date.parse(a.begun ?? '') || 0,
  );
  output.document(states);
  if (states.length === 0) return output.text('There are no sweeps here yet; start one with sweep run SPEC.');
  const laid = lay(columnsOf(states), roomOf(process.stdout));
  const origin = costOriginNote(
    states.map(({ costs }) => costs),
    today(),
  );
  output.text([...laid.lines, ...hiddenNote(laid), ...origin].join('\n'));
  const others = local.length - shown.length;
  if (others > 0)
    output.note(
      `${others} more ${others === 1 ? 'sweep is' : 'sweeps are'} in other folders; sweep list --all shows them.`,
    );
}

async function listed(sweep: FoundSweep, output: Output): Promise<Listed> {
  const [{ failures: _, ...state }, { begun }] = await Promise.all([stateOrDamage(sweep, output), lastWork(sweep)]);
  return {
    ...state,
    workdir: sweep.workdir,
    stack: sweep.stack?.name ?? null,
    begun: begun === null ? null : new Date(begun).toISOString(),
  };
}

function columnsOf(states: readonly Listed[]): Column[] {
  const column = (name: string, keep: number, cell: (state: Listed) => string) => ({
    name,
    keep,
    cells: states.map(cell),
  });
  return [
    column('sweep', 0, ({ sweepId }) => sweepId),
    column('status', 1, ({ status }) => status),
    column('begun', 3, ({ begun }) => (begun === null ? '' : localTime(new Date(begun)))),
    column('took', 5, ({ busySeconds }) => (busySeconds === null ? '' : duration(busySeconds))),
    column('trials', 2, ({ trials }) => `${trials.finished}/${trials.planned}`),
    column('best', 4, ({ best }) => (best === null ? '' : `${best.metric} ${number(best.value)}`)),
    column('cost', 5, ({ costs }) => (costs?.dollars == null ? '' : dollarsText(costs.dollars))),
    column('where', 6, ({ workdir, stack }) => workdir ?? `AWS (${stack})`),
  ];
}

/** `2026-11-28 09:05`, by the clock on this person's wall. */
function localTime(time: Date): string {
  const two = (part: number) => String(part).padStart(2, '0');
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${two(time.getHours())}:${two(time.getMinutes())}`;
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
