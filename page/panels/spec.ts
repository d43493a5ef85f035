import { copyButton, h } from '../dom.ts';
import { panel } from '../panel.ts';
import type { Sweep } from '../sweep.ts';

/** The spec as resolved, every default written out. */
export function specPanel({ data: { spec } }: Sweep): HTMLElement {
  const text = JSON.stringify(spec, null, 2);
  return panel(
    'spec',
    'Spec',
    'With every default filled in.',
    h(
      'details',
      {},
      h('summary', {}, 'Show the spec'),
      h('pre', { tabindex: '0', role: 'group', 'aria-label': 'Spec' }, text),
    ),
    copyButton('Copy the spec', text),
  );
}
