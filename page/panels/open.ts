import type { OpenTraining } from '../../core/report/open.ts';
import { programText } from '../../core/space/program-text.ts';
import { h } from '../dom.ts';
import { count, moment, plural, shorten } from '../format.ts';
import { panel } from '../panel.ts';
import type { Sweep } from '../sweep.ts';

/** What has no result yet, and what the store tells of it; null where nothing is known to come. */
export function open({ data }: Sweep): HTMLElement | null {
  if (data.open.length === 0) return null;
  const shown = data.open.length < data.waiting ? ` The first ${count(data.open.length)} are below.` : '';
  const isUnknown = data.open.every(({ begun }) => begun === null);
  const write = programText(data.spec.search.space);
  const parametersText = ({ parameters }: OpenTraining) =>
    Object.entries(parameters)
      .map(([name, value]) => `${name} ${write.json(name, value)}`)
      .join(', ');
  const row = (training: OpenTraining) =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, String(training.trial)),
      h('td', {}, String(training.epochs)),
      h('td', {}, stateText(training)),
      h('td', {}, h('bdi', {}, shorten(parametersText(training), 300))),
    );
  return panel(
    'open',
    'Still to come',
    `${plural(data.waiting, 'training')} without a result.${shown}${isUnknown ? ` Which of them run just now, sweep status ${data.sweepId} tells.` : ''}`,
    h(
      'div',
      { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'Still to come' },
      h(
        'table',
        { class: 'space' },
        h(
          'thead',
          {},
          h('tr', {}, ...['Trial', 'Epochs', 'State', 'Parameters'].map((text) => h('th', { scope: 'col' }, text))),
        ),
        h('tbody', {}, ...data.open.map(row)),
      ),
    ),
  );
}

function stateText({ begun, interrupted }: OpenTraining): string {
  const stopped = interrupted === 0 ? [] : [`interrupted ${interrupted === 1 ? 'once' : `${interrupted} times`}`];
  return [...(begun === null ? [] : [`begun ${moment(begun)}`]), ...stopped].join(', ');
}
