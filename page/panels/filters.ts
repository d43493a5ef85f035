import { h } from '../dom.ts';
import { count, inPage, plural, shorten } from '../format.ts';
import type { Variable } from '../variables.ts';
import type { Limit, View } from '../view.ts';

/** Longer lists of choices are searched by text. */
const MAX_CHOICES = 40;

/** What is shown, in every chart and the table: by text, outcome, and the values of each parameter. */
export function filters(view: View, variables: readonly Variable[]): HTMLElement {
  const { sweep } = view;
  const total = sweep.trials.length;
  const text = h('input', { type: 'search', id: 'find', placeholder: 'number, ID or value' });
  const outcome = h(
    'select',
    { id: 'outcome' },
    ...[
      ['', 'all'],
      ['succeeded', 'succeeded'],
      ['failed', 'failed'],
    ].map(([value, label]) => h('option', { value: value! }, label!)),
  );
  const find = () => view.find(text.value, outcome.value as '' | 'succeeded' | 'failed');
  text.addEventListener('input', find);
  outcome.addEventListener('change', find);
  const shown = h('output', { for: 'find outcome' });
  const clear = h('button', { type: 'button', click: () => view.clear() }, 'Clear filters');
  const fields = variables
    .filter(({ distinct, choices }) => distinct > 1 && choices.length <= MAX_CHOICES)
    .map((variable) => field(view, variable));
  const hasFailures = sweep.ranked.length < total && sweep.ranked.length > 0;
  view.listen((change) => {
    if (change !== 'filter') return;
    if (!view.isFiltered) {
      text.value = '';
      outcome.value = '';
    }
    update();
  });
  const update = () => {
    shown.textContent = view.isFiltered
      ? `${plural(view.shown, 'trial')} of ${count(total)} shown`
      : `All ${plural(total, 'trial')} shown`;
    clear.hidden = !view.isFiltered;
  };
  update();
  return h(
    'div',
    { class: 'filters', role: 'search', 'aria-label': 'Trials' },
    h(
      'div',
      { class: 'bar-of-filters' },
      h('label', { for: 'find' }, 'Find'),
      text,
      ...(hasFailures ? [h('label', { for: 'outcome' }, 'Outcome'), outcome] : []),
      shown,
      clear,
    ),
    fields.length === 0
      ? null
      : h('details', {}, h('summary', {}, 'Filter by value'), h('div', { class: 'fields' }, ...fields)),
  );
}

function field(view: View, variable: Variable): HTMLElement {
  const control = variable.kind === 'choice' ? choiceField(view, variable) : rangeField(view, variable);
  view.listen((change) => {
    if (change === 'filter') control.read(view.limitOf(variable));
  });
  return h('fieldset', {}, h('legend', {}, h('bdi', {}, shorten(variable.name, 40))), ...control.elements);
}

interface Control {
  readonly elements: readonly HTMLElement[];
  readonly read: (limit: Limit | null) => void;
}

function rangeField(view: View, variable: Variable): Control {
  const [least, most] = variable.extent;
  const input = (label: string, placeholder: number) =>
    h('input', {
      type: 'number',
      step: 'any',
      placeholder: inPage(variable.notation)(placeholder),
      'aria-label': `${shorten(variable.name, 40)}: ${label}`,
    });
  const [low, high] = [input('at least', least), input('at most', most)];
  const apply = () => {
    const limit: [number, number] = [
      low.value === '' ? Number.NEGATIVE_INFINITY : low.valueAsNumber,
      high.value === '' ? Number.POSITIVE_INFINITY : high.valueAsNumber,
    ];
    view.limit(variable, low.value === '' && high.value === '' ? null : limit);
  };
  for (const box of [low, high]) box.addEventListener('input', apply);
  return {
    elements: [low, h('span', { class: 'soft' }, 'to'), high],
    read: (limit) => {
      const [from, to] =
        limit === null || limit instanceof Set
          ? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
          : (limit as [number, number]);
      // What is being typed stays as it is typed.
      const put = (box: HTMLInputElement, value: number) => {
        const wanted = Number.isFinite(value) ? String(Number(value.toPrecision(6))) : '';
        if (document.activeElement !== box && box.value !== wanted) box.value = wanted;
      };
      put(low, from);
      put(high, to);
    },
  };
}

function choiceField(view: View, variable: Variable): Control {
  const boxes = variable.choices.map(() => h('input', { type: 'checkbox', checked: true }));
  const apply = () => {
    const indexes = boxes.flatMap((box, index) => (box.checked ? [index] : []));
    view.limit(variable, indexes.length === boxes.length ? null : new Set(indexes));
  };
  for (const box of boxes) box.addEventListener('change', apply);
  return {
    elements: boxes.map((box, index) => h('label', {}, box, h('bdi', {}, shorten(variable.choices[index]!, 40)))),
    read: (limit) => {
      boxes.forEach((box, index) => {
        box.checked = limit === null || !(limit instanceof Set) || limit.has(index);
      });
    },
  };
}
