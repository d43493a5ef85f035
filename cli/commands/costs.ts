import { badInput } from '../../core/base/errors.ts';
import type { Account, TrialCost } from '../../core/money/account.ts';
import { OUTCOMES } from '../../core/money/attempts.ts';
import { dollarsAmong, dollarsText, hourlyText } from '../../core/money/dollars.ts';
import { originText } from '../../core/money/prices.ts';
import { phasesText } from '../../core/money/trial-phases.ts';
import { costsSoFar } from '../lookup/costs-of.ts';
import { findSweep, type Where } from '../lookup/find.ts';
import { today } from '../lookup/kept-prices.ts';
import { hiddenNote, lay, told } from '../terminal/columns.ts';
import type { Output } from '../terminal/output.ts';
import { duration } from '../terminal/text.ts';
import { roomOf } from '../terminal/wrap.ts';

/** Tells what a sweep has cost so far, and on what. */
export async function costs(id: string | undefined, where: Where, output: Output): Promise<void> {
  const sweep = await findSweep(id, where, output.note);
  const account = await costsSoFar(sweep);
  if (account === null || account.machines === 0)
    throw badInput('', `no trial of the sweep ${sweep.sweepId} has ended yet; wait for the first one`);
  output.document({ sweepId: sweep.sweepId, ...account });
  output.text([...accountLines(sweep.sweepId, account), '', trialsTable(account.trials)].join('\n'));
  if (account.trials.length > SHOWN)
    output.note(
      `The ${account.dollars === null ? 'longest' : 'most expensive'} ${SHOWN} of ${account.trials.length}; --json has all of them.`,
    );
}

const SHOWN = 10;

function accountLines(sweepId: string, account: Account): string[] {
  const { dollars, toBest, by, idle, notCharged, seconds, secondsBy, phases, machines, unpriced, prices } = account;
  const ended = OUTCOMES.filter((outcome) => secondsBy[outcome] > 0);
  const spent = phasesText(phases, duration);
  const machineWord = machines === 1 ? 'machine' : 'machines';
  return [
    `sweep       ${sweepId}`,
    ...(dollars === null || by === null
      ? ['dollars     unknown; set compute.dollarsPerHour in the spec to the hourly cost of the machine']
      : [
          `dollars     ${dollarsText(dollars)}${toBest === null ? '' : `; ${dollarsText(toBest)} until the best was found`}`,
          `went to     ${ended.map((outcome) => `${dollarsText(by[outcome])} ${WORDS[outcome]}`).join(', ')}`,
          `idle        ${dollarsText(idle ?? 0)} of it, while machines were starting, waiting or shutting down`,
          ...(notCharged === null || notCharged === 0
            ? []
            : [`free        ${dollarsText(notCharged)}, for Spot instances that AWS reclaimed in their first hour`]),
        ]),
    `time        ${duration(seconds)} on ${machines} ${machineWord}: ${ended.map((outcome) => `${duration(secondsBy[outcome])} ${WORDS[outcome]}`).join(', ')}`,
    ...(spent === null ? [] : [`phases      ${spent}`]),
    ...(unpriced === 0 || dollars === null
      ? []
      : [`missing     ${unpriced} of the ${machineWord}: their prices are not known`]),
    ...prices.map(
      (price, index) =>
        `${index === 0 ? 'price' : '     '}       ${hourlyText(price.dollars)} an hour: ${originText(price, today())}`,
    ),
  ];
}

const WORDS: Readonly<Record<(typeof OUTCOMES)[number], string>> = {
  succeeded: 'to trials that succeeded',
  stopped: 'to trials that stopped early',
  failed: 'to trials that failed',
  interrupted: 'to interrupted attempts',
};

/** Empty where nobody knows: it is not nothing. */
const known = (seconds: number | null): string => (seconds === null ? '' : duration(seconds));

function trialsTable(trials: readonly TrialCost[]): string {
  const dearest = trials
    .toSorted((a, b) => (b.dollars ?? 0) - (a.dollars ?? 0) || b.seconds - a.seconds)
    .slice(0, SHOWN);
  const money = dollarsAmong(dearest.map(({ dollars }) => dollars));
  const column = (name: string, right: boolean, cell: (trial: TrialCost) => string) => ({
    ...{ name, right },
    cells: dearest.map(cell),
  });
  const laid = lay(
    told([
      column('trial', true, ({ trial }) => String(trial)),
      column('dollars', true, ({ dollars }) => (dollars === null ? '' : money(dollars))),
      column('time', true, ({ seconds }) => duration(seconds)),
      column('interrupted', true, ({ interruptedSeconds }) =>
        interruptedSeconds === 0 ? '' : duration(interruptedSeconds),
      ),
      column('waiting', true, ({ phases }) => known(phases.waiting)),
      column('pulling', true, ({ phases }) => known(phases.pulling)),
      column('fetching', true, ({ phases }) => duration(phases.fetching)),
      column('training', true, ({ phases }) => duration(phases.training)),
      column('uploading', true, ({ phases }) => duration(phases.uploading)),
      column('attempts', true, ({ attempts }) => String(attempts)),
      column('machine share', true, ({ share }) => `${Math.round(share * 100)} %`),
      column('id', false, ({ id }) => id),
    ]),
    roomOf(process.stdout),
  );
  return [...laid.lines, ...hiddenNote(laid)].join('\n');
}
