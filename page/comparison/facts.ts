import { cleanText, commitText } from '../../core/layout/git-state.ts';
import { dollarsText } from '../../core/money/dollars.ts';
import type { Comparison } from '../../core/sweep/compare.ts';
import { trialsText } from '../../core/sweep/counts-text.ts';
import { noTargetText, targetText } from '../../core/sweep/target-text.ts';
import { machineText, mainPackages } from '../../core/trial/provenance.ts';
import { count, duration, plural } from '../format.ts';
import { panel } from '../panel.ts';
import type { Sweep } from '../sweep.ts';
import type { Compared } from './compared.ts';
import { type SideRow, sideTable } from './side-table.ts';

/** What each sweep reached, with how many trials, in which time, at what cost, and where it comes from. */
export function facts(compared: readonly Compared[], { sweeps, target }: Comparison): HTMLElement {
  const row = (name: string, textOf: (index: number, of: Compared) => string | null): SideRow => ({
    name,
    cells: compared.map((of, index) => textOf(index, of) ?? ''),
  });
  const reached = target === null ? '' : compared[0]!.sweep.valueText(target);
  const rows = [
    row('Status', (_, { sweep }) => sweep.data.status),
    row('Objective', (_, { sweep }) => `${sweep.metric}, ${sweep.maximize ? 'the higher' : 'the lower'} the better`),
    row('Best', (index, { sweep }) => bestText(sweeps[index]!.best, sweep)),
    row('Quartiles', (index, { sweep }) => sweeps[index]!.quartiles?.map(sweep.valueText).join(', ') ?? null),
    row('Trials', (index) => trialsText(sweeps[index]!.trials)),
    row('Epochs', (_, { sweep }) => count(sweep.data.spec.training.epochs)),
    ...(target === null
      ? []
      : [
          row(`Trials to ${reached}`, (index) => plainOr(sweeps[index]!.trialsToTarget, count, 'not reached')),
          row(`Time to ${reached}`, (index) => plainOr(sweeps[index]!.secondsToTarget, duration, 'unknown')),
        ]),
    row('Training', (index) => plainOr(sweeps[index]!.seconds, duration, '')),
    row('Cost', (_, { sweep }) => plainOr(sweep.data.costs?.dollars ?? null, dollarsText, '')),
    row('Cost until the best', (_, { sweep }) => plainOr(sweep.data.costs?.toBest ?? null, dollarsText, '')),
    row('Commit', (_, { sweep }) => {
      const git = sweep.data.provenance?.git;
      return git === undefined ? null : `${commitText(git)}, ${cleanText(git)}`;
    }),
    row('Packages', (_, { sweep }) => mainPackages(sweep.data.provenance?.python?.packages ?? {})),
    row('First trial ran on', (_, { sweep }) => plainOr(sweep.data.provenance?.machine ?? null, machineText, '')),
  ].filter(({ cells }) => cells.some((cell) => cell !== ''));
  const lead =
    target === null ? noTargetText(sweeps) : `${targetText({ sweeps }, reached)} Rows in which they differ stand out.`;
  return panel('facts', 'At a glance', lead, sideTable('At a glance', compared, rows));
}

const plainOr = <T>(value: T | null, text: (value: T) => string, none: string): string =>
  value === null ? none : text(value);

function bestText(best: Comparison['sweeps'][number]['best'], { valueText }: Sweep): string {
  if (best === null) return 'none';
  const { confirmed, value, trial } = best;
  const reached =
    confirmed === undefined
      ? valueText(value!)
      : `${valueText(confirmed.mean)} ± ${Number(confirmed.spread.toPrecision(2))} over ${plural(confirmed.seeds.length, 'seed')}`;
  return `${reached} (trial ${trial})`;
}
