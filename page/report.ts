import type { ReportData } from '../core/report/data.ts';
import { notRunIn } from '../core/trial/failure.ts';
import { followAddress, reloadWhileRunning } from './address.ts';
import { h } from './dom.ts';
import { beside } from './panels/beside.ts';
import { contents } from './panels/contents.ts';
import { curves } from './panels/curves.ts';
import { dialog } from './panels/dialog.ts';
import { failures } from './panels/failures.ts';
import { filters } from './panels/filters.ts';
import { front } from './panels/front.ts';
import { header } from './panels/header.ts';
import { importance } from './panels/importance.ts';
import { logged } from './panels/logged.ts';
import { note } from './panels/note.ts';
import { open } from './panels/open.ts';
import { parallel } from './panels/parallel.ts';
import { progress } from './panels/progress.ts';
import { scatter } from './panels/scatter.ts';
import { setup } from './panels/setup.ts';
import { specPanel } from './panels/spec.ts';
import { table } from './panels/table.ts';
import { timeline } from './panels/timeline.ts';
import { next, trust } from './panels/trust.ts';
import { winner } from './panels/winner.ts';
import { readSweep, type Sweep } from './sweep.ts';
import { epochsVariable, objectiveVariable, parameterVariables } from './variables.ts';
import { View } from './view.ts';

/** Puts every panel that has something to show of a sweep into the page. */
export function showReport(root: Element, data: ReportData): void {
  const sweep = readSweep(data);
  const view = new View(sweep);
  const parameters = parameterVariables(sweep);
  const objective = objectiveVariable(sweep);
  const epochs = epochsVariable(sweep);
  const all = [...parameters, ...(epochs === null ? [] : [epochs]), ...(sweep.ranked.length > 0 ? [objective] : [])];

  const best = [progress(view), importance(sweep)].filter((panel) => panel !== null);
  const advice = [trust(sweep), next(sweep)].filter((panel) => panel !== null);
  const failed = failures(view);
  const panels = [
    note(sweep),
    // Of a sweep that failed it is what one looks for.
    data.status === 'failed' ? failed : null,
    winner(view),
    sweep.winner === null ? h('p', { class: 'panel' }, withoutWinner(sweep)) : null,
    advice.length === 2 ? h('div', { class: 'halves' }, ...advice) : (advice[0] ?? null),
    best.length === 2 ? h('div', { class: 'pair' }, ...best) : (best[0] ?? null),
    sweep.trials.length > 1 ? filters(view, all) : null,
    front(view, objective),
    parallel(view, all),
    scatter(view, parameters),
    curves(view),
    logged(view),
    sweep.trials.length > 0 ? table(view) : null,
    beside(view),
    data.status === 'failed' ? null : failed,
    open(sweep),
    timeline(view),
    setup(sweep),
    specPanel(sweep),
  ].filter((panel) => panel !== null);

  view.listen((change) => {
    if (change === 'filter') document.body.classList.toggle('filtered', view.isFiltered);
  });
  const list = contents(panels);
  root.append(header(sweep), ...(list === null ? [] : [list]), ...panels, dialog(view));
  followAddress(view);
  reloadWhileRunning(view);
  openForPrint();
}

function withoutWinner({ data: { status, counts, failures }, ranked }: Sweep): string {
  if (status === 'running') return 'No trial has succeeded yet.';
  if (counts.planned === 0) return 'No trial was trained.';
  if (ranked.length > 0) return 'No trial is within the limits of the objective.';
  return counts.failed - notRunIn(failures) < counts.planned ? 'No trial has succeeded.' : 'Every trial failed.';
}

/** On paper nobody opens anything. */
function openForPrint(): void {
  for (const [event, open] of [
    ['beforeprint', true],
    ['afterprint', false],
  ] as const)
    window.addEventListener(event, () => {
      for (const details of document.querySelectorAll<HTMLDetailsElement>('#spec details, #failures details'))
        details.open = open;
    });
}
