import { dollarsText } from '../../core/money/dollars.ts';
import { phasesText } from '../../core/money/trial-phases.ts';
import type { ReportData } from '../../core/report/data.ts';
import { notRunIn } from '../../core/trial/failure.ts';
import { h } from '../dom.ts';
import { count, duration, moment, plural } from '../format.ts';
import { terms } from '../panel.ts';
import type { Sweep } from '../sweep.ts';

const STATUS = { running: 'running', paused: 'paused', succeeded: 'succeeded', failed: 'failed' } as const;

/** What the sweep is and how it stands. */
export function header({ data, metric, maximize, trials }: Sweep): HTMLElement {
  const { spec, sweepId, status, stopped, warmStart, warnings, hints, phases } = data;
  const aim = `${maximize ? 'Highest' : 'Lowest'} `;
  const leftNotes = trials.filter((trial) => trial.notes.length > 0);
  const spent = phases === null ? null : phasesText(phases, duration);
  const notes = [
    ...(status === 'running'
      ? [['The sweep is running', h('span', { class: 'screen' }, '; this page reloads every minute')]]
      : []),
    ...(status === 'paused' ? [`sweep resume ${sweepId} continues it`] : []),
    ...(stopped === null ? [] : [`Ended early: ${stopped}`]),
    ...warnings.map((warning) => `Warning: ${warning}`),
    ...hints.map((hint) => `Hint: ${hint}`),
    ...(spent === null ? [] : [`Time spent: ${spent}`]),
    ...warmStart.map((source) => `Learned from ${source}`),
    ...(leftNotes.length === 0 ? [] : [oddFiles(leftNotes.map(({ number }) => number))]),
  ];
  return h(
    'header',
    {},
    h('p', { class: 'kicker' }, `Sweep of ${spec.name}`),
    h('h1', {}, h('span', {}, sweepId), ' ', h('span', { class: `badge ${status}` }, STATUS[status])),
    h(
      'p',
      { class: 'lead' },
      aim,
      h('b', {}, h('bdi', {}, metric)),
      spec.objective.at === 'last' ? ' of the last epoch' : '',
      `, searched by ${searchOf(data)}.`,
    ),
    terms(figures(data), 'figures'),
    notes.length === 0
      ? null
      : h('ul', { class: 'notes' }, ...notes.map((note) => h('li', {}, ...(Array.isArray(note) ? note : [note])))),
  );
}

const MAX_NAMED = 8;

function oddFiles(numbers: readonly number[]): string {
  const named = numbers
    .toSorted((a, b) => a - b)
    .slice(0, MAX_NAMED)
    .join(', ');
  const more = numbers.length > MAX_NAMED ? ` and ${count(numbers.length - MAX_NAMED)} more` : '';
  return `Not everything was stored as it was written by ${numbers.length === 1 ? 'trial' : 'trials'} ${named}${more}; open a trial to see what`;
}

function searchOf({ spec: { search }, waves }: ReportData): string {
  const { strategy, rounds, confirm } = search;
  const inRounds = search.asynchronous
    ? waves !== null && waves > 1
      ? ` in ${waves} waves`
      : ''
    : rounds > 1
      ? ` in ${rounds} rounds`
      : '';
  const after =
    confirm === undefined ? '' : `; the best ${confirm.top} trained again with ${plural(confirm.seeds, 'new seed')}`;
  const name = strategy === 'halving' ? 'successive halving' : strategy;
  return `${search.asynchronous ? 'asynchronous ' : ''}${name}${inRounds}${after}`;
}

const MAX_INSTANCES = 3;

const few = (texts: readonly string[]): string =>
  [...texts.slice(0, MAX_INSTANCES), ...(texts.length > MAX_INSTANCES ? ['…'] : [])].join(', ');

function placesOf({ machines, slots }: ReportData['runs']): string {
  if (slots === 0) return plural(machines, 'machine');
  return machines === 1 ? plural(slots, 'slot') : `${plural(slots, 'slot')} of ${plural(machines, 'machine')}`;
}

/** Machines without a price are in no sum, which one must know to believe it. */
function costFigures({ dollars, toBest, interrupted, unpriced }: NonNullable<ReportData['costs']>): [string, string][] {
  const left = unpriced > 0 ? `, without ${plural(unpriced, 'machine')} of unknown price` : '';
  return [
    ['Cost', `${dollarsText(dollars)}${left}`],
    ...(toBest === null ? [] : [['Cost until the best', dollarsText(toBest)] as [string, string]]),
    ...(interrupted > 0 ? [['Spent on interruptions', dollarsText(interrupted)] as [string, string]] : []),
  ];
}

function figures({
  status: now,
  costs,
  counts,
  failures,
  confirming,
  waiting,
  reused,
  runs,
  writtenAt,
}: ReportData): [string, string][] {
  const { seconds, start, status, instances } = runs;
  const isOver = now !== 'running' && now !== 'paused';
  const trained = seconds.reduce((sum, one) => sum + one, 0);
  const wall = start.reduce((most, from, index) => Math.max(most, from + (seconds[index] ?? 0)), 0);
  const notRun = notRunIn(failures);
  const failed = counts.failed - notRun;
  const interrupted = status.filter((one) => one === 2).length + runs.untold;
  return [
    ['Trials', count(counts.planned + waiting - confirming)],
    ...(confirming > 0 ? [['Runs with new seeds', count(confirming)] as [string, string]] : []),
    ...(failed > 0 ? [['Failed', count(failed)] as [string, string]] : []),
    ...(notRun > 0 ? [['Not run', count(notRun)] as [string, string]] : []),
    ...(counts.skipped === undefined ? [] : [['Skipped', count(counts.skipped)] as [string, string]]),
    ...(waiting > 0 ? [['Still to come', count(waiting)] as [string, string]] : []),
    ...(reused > 0 ? [['Done in earlier runs', count(reused)] as [string, string]] : []),
    ...(interrupted > 0 ? [['Interruptions', count(interrupted)] as [string, string]] : []),
    ...(trained > 0 ? [['Time in trials', duration(trained)] as [string, string]] : []),
    ...(wall > 0 ? [[isOver ? 'Start to finish' : 'So far', duration(wall)] as [string, string]] : []),
    ...(runs.machines > 0 ? [['Ran on', placesOf(runs)] as [string, string]] : []),
    ...(instances.length > 0 ? [['Instances', few(instances)] as [string, string]] : []),
    ...(costs === null ? [] : costFigures(costs)),
    ['Written', moment(writtenAt)],
  ];
}
