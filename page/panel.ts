import { h } from './dom.ts';

/** A part of the page with a heading; its `lead` says how to read it. Null content: there is nothing to show. */
export function panel(
  id: string,
  title: string,
  lead: string | Node | readonly (string | Node)[] | null,
  ...content: readonly (Node | null)[]
): HTMLElement {
  return h(
    'section',
    { id, class: 'panel', 'aria-labelledby': `${id}-title` },
    h('h2', { id: `${id}-title` }, title),
    lead === null ? null : h('p', { class: 'lead' }, ...[lead].flat()),
    ...content,
  );
}

/** What a colour means, in a row that wraps. */
export function legend(items: readonly (readonly [className: string, text: string])[]): HTMLElement {
  return h(
    'ul',
    { class: 'legend' },
    ...items.map(([className, text]) =>
      h('li', {}, h('span', { class: `key ${className}`, 'aria-hidden': 'true' }), text),
    ),
  );
}

export function terms(items: readonly (readonly [term: string, value: Node | string])[], className = ''): HTMLElement {
  return h(
    'dl',
    { class: className === '' ? null : className },
    ...items.map(([term, value]) => h('div', {}, h('dt', {}, term), h('dd', {}, value))),
  );
}
