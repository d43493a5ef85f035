import { notRunIn, remedyFor } from '../../core/trial/failure.ts';
import { h } from '../dom.ts';
import { count, plural, shorten } from '../format.ts';
import { panel } from '../panel.ts';
import type { View } from '../view.ts';

/** Failures by class: how many, what they share, what to do, an example with the end of its log. */
export function failures(view: View): HTMLElement | null {
  const { data } = view.sweep;
  if (data.failures.length === 0) return null;
  const notRun = notRunIn(data.failures);
  return panel(
    'failures',
    'Failures',
    `${count(data.counts.failed - notRun)} of ${plural(data.counts.planned, 'training')} failed${notRun === 0 ? '' : `; ${count(notRun)} ${notRun === 1 ? 'was' : 'were'} not run`}.`,
    ...data.failures.map(({ class: name, count, remedy, shared, example }, place) =>
      h(
        'article',
        { class: 'failure' },
        h('h3', {}, `${count} ${name}`),
        shared.length === 0 ? null : h('p', {}, 'All with ', ...listed(shared), '.'),
        h('p', {}, h('bdi', {}, shorten(example.reason, 400)), ` (trial ${example.trial})`),
        h('p', { class: 'lead' }, 'What to do: ', remedyFor(remedy, data.sweepId, example.trial), '.'),
        example.logTail === ''
          ? null
          : h(
              'details',
              // Of a sweep that failed it is what one wants to read first.
              { open: place === 0 && data.status === 'failed' },
              h('summary', {}, `The end of trial ${example.trial}'s log`),
              h(
                'pre',
                { tabindex: '0', role: 'group', 'aria-label': `Log of trial ${example.trial}` },
                example.logTail,
              ),
            ),
        h(
          'button',
          { type: 'button', click: () => show(view, name) },
          count === 1 ? 'Show it in the leaderboard' : 'Show them in the leaderboard',
        ),
      ),
    ),
  );
}

const listed = (shared: readonly string[]): (Node | string)[] =>
  shared.flatMap((text, index) => [index === 0 ? '' : ' and ', h('bdi', { class: 'strong' }, shorten(text, 200))]);

function show(view: View, name: string): void {
  view.clear();
  const find = document.querySelector<HTMLInputElement>('#find');
  if (find !== null) find.value = name;
  view.find(name, 'failed');
  document.querySelector('#leaderboard')?.scrollIntoView();
}
