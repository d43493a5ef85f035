import { h } from '../dom.ts';
import { panel } from '../panel.ts';
import type { Sweep } from '../sweep.ts';

/** Each parameter's part in the objective's variation. */
export function importance({ data }: Sweep): HTMLElement | null {
  const shares = data.importance;
  if (shares.length < 2) return null;
  const most = Math.max(...shares.map(([, share]) => share));
  const items = shares.map(([name, share]) => {
    const bar = h('span', { class: 'bar', 'aria-hidden': 'true' });
    bar.style.width = `${(100 * share) / most}%`;
    const percent = share > 0 && share < 0.005 ? 'under 1 %' : `${Math.round(100 * share)} %`;
    return h('li', {}, h('span', {}, h('bdi', {}, name), h('b', {}, percent)), share > 0 ? bar : null);
  });
  return panel(
    'importance',
    'What matters',
    "Each parameter's share of the variation in the objective, according to a model fitted to these results.",
    h('ol', { class: 'importance' }, ...items),
  );
}
