import type { ComparisonData } from '../../core/report/comparison.ts';
import { h } from '../dom.ts';
import { moment } from '../format.ts';
import { contents } from '../panels/contents.ts';
import { View } from '../view.ts';
import { comparedSweeps } from './compared.ts';
import { facts } from './facts.ts';
import { leaders } from './leaders.ts';
import { overlaid } from './overlaid.ts';
import { bestParameters, parameterCharts } from './parameters.ts';
import { specs } from './specs.ts';

/** Puts sweeps side by side into the page. */
export function showComparison(root: Element, { sweeps, comparison, writtenAt }: ComparisonData): void {
  const compared = comparedSweeps(sweeps);
  // What charts need to be drawn again; nothing filters here.
  const view = new View(compared[0]!.sweep);
  const panels = [
    facts(compared, comparison),
    overlaid(view, compared),
    bestParameters(compared),
    parameterCharts(view, compared),
    leaders(compared),
    specs(compared, comparison),
  ].filter((part) => part !== null);
  const list = contents(panels);
  root.append(
    h(
      'header',
      {},
      h('p', { class: 'kicker' }, 'Comparison'),
      h('h1', {}, h('span', {}, `${sweeps.length} sweeps side by side`)),
      h('p', { class: 'lead' }, `Written ${moment(writtenAt)}.`),
    ),
    ...(list === null ? [] : [list]),
    ...panels,
  );
}
