import { h } from '../dom.ts';
import { type Block, blocksOf, type Inline } from '../markdown.ts';
import { panel } from '../panel.ts';
import type { Sweep } from '../sweep.ts';

/** Why the sweep was run, as its spec says. */
export function note({ data: { spec } }: Sweep): HTMLElement | null {
  if (spec.note === undefined || spec.note.trim() === '') return null;
  return panel('note', 'Note', null, h('div', { class: 'note' }, ...blocksOf(spec.note).map(blockOf)));
}

function blockOf({ kind, lines }: Block): HTMLElement {
  const content = lines.map((line) => line.map(inlineOf));
  switch (kind) {
    case 'heading':
      return h('h3', {}, ...content.flat());
    case 'bullets':
      return h('ul', {}, ...content.map((line) => h('li', {}, ...line)));
    case 'numbers':
      return h('ol', {}, ...content.map((line) => h('li', {}, ...line)));
    case 'code':
      return h('pre', { tabindex: '0' }, lines.map((line) => line.map(({ text }) => text).join('')).join('\n'));
    case 'paragraph':
      return h('p', {}, ...content.flatMap((line, index) => (index === 0 ? line : [' ', ...line])));
  }
}

function inlineOf(piece: Inline): Node | string {
  const { kind, text } = piece;
  if (kind === 'text') return text;
  if (kind === 'link') return h('a', { href: piece.href, rel: 'noopener noreferrer', target: '_blank' }, text);
  return h(({ strong: 'strong', em: 'em', code: 'code' } as const)[kind], {}, text);
}
