import { h } from '../dom.ts';

/** Fewer fit on a screen or two. */
const ENOUGH = 5;

/** Links to the parts of the page, in their order; null where there are few. What is hidden now is not named. */
export function contents(parts: readonly HTMLElement[]): HTMLElement | null {
  const sections = parts
    .flatMap((part) => (part.tagName === 'SECTION' ? [part] : [...part.querySelectorAll<HTMLElement>('section')]))
    .filter(({ hidden }) => !hidden);
  if (sections.length < ENOUGH) return null;
  return h(
    'nav',
    { class: 'contents', 'aria-label': 'Contents' },
    h(
      'ul',
      {},
      ...sections.map((section) =>
        h('li', {}, h('a', { href: `#${section.id}` }, section.querySelector('h2')?.textContent ?? section.id)),
      ),
    ),
  );
}
