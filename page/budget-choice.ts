import { h } from './dom.ts';
import { plural } from './format.ts';
import type { View } from './view.ts';

/** Chooses the budget of every chart that shows one; null where there is one only. */
export function budgetChoice(view: View, id: string): HTMLElement | null {
  const { all } = view.budgets;
  if (all.length < 2) return null;
  const select = h(
    'select',
    { id, change: () => view.chooseBudget(Number(select.value)) },
    ...all.map(({ epochs, ranked }, index) =>
      h('option', { value: String(index) }, `${plural(epochs!, 'epoch')}: ${plural(ranked.length, 'trial')}`),
    ),
  );
  const printed = h('p', { class: 'printed' });
  const show = () => {
    select.value = String(all.indexOf(view.budget));
    printed.textContent = `Trained for ${select.selectedOptions[0]?.textContent ?? ''}.`;
  };
  view.listen((change) => {
    if (change === 'budget') show();
  });
  show();
  return h('div', {}, h('p', { class: 'budget' }, h('label', { for: id }, 'Trained for'), select), printed);
}
