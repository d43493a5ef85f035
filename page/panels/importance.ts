import { toText } from '../../core/base/text.ts';
import type { Direction, ImportanceBasis } from '../../core/search/importance.ts';
import { h } from '../dom.ts';
import { plain, plural, shorten } from '../format.ts';
import { panel } from '../panel.ts';
import type { Sweep } from '../sweep.ts';

/** Each parameter's part in the objective's variation, how sure that is, and where the parameter is better. */
export function importance({ data }: Sweep): HTMLElement | null {
  const { importance: shares, importanceBasis: basis } = data;
  if (shares.length < 2) return null;
  const most = Math.max(...shares.map(([, share]) => share));
  const items = shares.map(([name, share]) => {
    const bar = h('span', { class: 'bar', 'aria-hidden': 'true' });
    bar.style.width = `${(100 * share) / most}%`;
    const margin = basis?.margins[name] ?? 0;
    const direction = basis?.directions[name];
    // Where the share is no larger than its error, the direction is chance too.
    const where = direction === undefined || share <= Math.max(margin, LEAST_SHARE) ? null : directionText(direction);
    return h(
      'li',
      {},
      h(
        'span',
        {},
        h('span', {}, h('bdi', {}, name), where === null ? null : h('span', { class: 'soft' }, ` ${where}`)),
        h(
          'span',
          {},
          h('b', {}, percent(share)),
          margin < 0.005 ? null : h('span', { class: 'soft' }, ` \u00b1 ${Math.round(100 * margin)}`),
        ),
      ),
      share > 0 ? bar : null,
    );
  });
  return panel(
    'importance',
    'What matters',
    leadOf(basis, data.budgets.length > 1),
    h('ol', { class: 'importance' }, ...items),
  );
}

/** Below it a direction is not worth telling. */
const LEAST_SHARE = 0.02;

const percent = (share: number): string => (share > 0 && share < 0.005 ? 'under 1 %' : `${Math.round(100 * share)} %`);

export function directionText(direction: Direction): string {
  if (direction.better === 'near' || direction.better === 'at')
    return `best ${direction.better} ${typeof direction.value === 'number' ? rough(direction.value) : shorten(toText(direction.value), 30)}`;
  return direction.better === 'depends' ? 'best value depends on the others' : `better when ${direction.better}`;
}

/** A place that a model found is known to two digits at best. */
const rough = (value: number): string => plain(Number(value.toPrecision(2)));

/** Where the model foretells less than this, its shares are no more than a hint. */
const LITTLE = 0.3;

function leadOf(basis: ImportanceBasis | null, severalBudgets: boolean): string {
  const what = "Each parameter's share of the variation in the objective, according to a model fitted to";
  if (basis === null) return `${what} the results.`;
  const { results, epochs, explained } = basis;
  const at = severalBudgets ? ` at ${plural(epochs, 'epoch')}, the largest budget whose trials cover the space` : '';
  const hint = explained < LITTLE ? ' Take the shares as a hint.' : '';
  return `${what} ${plural(results, 'result')}${at}. The model predicts ${Math.round(100 * explained)} % of the variation in results held out from it.${hint}`;
}
