import { h, set } from '../dom.ts';
import { shorten } from '../format.ts';
import type { Variable } from '../variables.ts';
import type { View } from '../view.ts';

/** Fewer axes have no lines between them. */
const LEAST = 2;

/** Which axes are drawn, and which on a log scale, for the charts of parameters. */
export function axesChoice(view: View, variables: readonly Variable[]): HTMLElement {
  const shown = variables.map((variable) =>
    h('input', {
      type: 'checkbox',
      checked: true,
      change: (event: Event) => {
        view.hide(variable, !(event.target as HTMLInputElement).checked);
        const isLeast = variables.length - view.hidden.size <= LEAST;
        for (const box of shown) set(box, { disabled: isLeast && box.checked });
      },
    }),
  );
  return h(
    'details',
    { class: 'axes-choice' },
    h('summary', {}, 'Choose axes'),
    h(
      'ul',
      {},
      ...variables.map((variable, index) =>
        h(
          'li',
          {},
          h('label', { class: 'switch' }, shown[index]!, h('bdi', {}, shorten(variable.name, 40))),
          variable.kind === 'choice' || variable.extent[0] <= 0 ? null : logSwitch(view, variable),
        ),
      ),
    ),
  );
}

const logSwitch = (view: View, variable: Variable): HTMLElement =>
  h(
    'label',
    { class: 'switch' },
    h('input', {
      type: 'checkbox',
      checked: variable.log,
      'aria-label': `Log scale of ${shorten(variable.name, 40)}`,
      change: (event: Event) => view.chooseLog(variable, (event.target as HTMLInputElement).checked),
    }),
    'log',
  );
