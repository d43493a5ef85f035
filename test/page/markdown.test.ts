import { expect, test } from 'vitest';
import { blocksOf, inlinesOf } from '../../page/markdown.ts';

test('a note has headings, paragraphs, lists and code', () => {
  const kinds = blocksOf('# Why\nOne line,\nand another.\n\n- a\n- b\n\n1. x\n```\nlr = 1\n\n- no list\n```\nend');
  expect(kinds.map(({ kind, lines }) => [kind, lines.length])).toEqual([
    ['heading', 1],
    ['paragraph', 2],
    ['bullets', 2],
    ['numbers', 1],
    ['code', 3],
    ['paragraph', 1],
  ]);
});

test('bold, italics, code and links of the web are told apart', () =>
  expect(inlinesOf('a **b** *c* `d*` [e](https://x.org/y) https://z.org')).toEqual([
    { kind: 'text', text: 'a ' },
    { kind: 'strong', text: 'b' },
    { kind: 'text', text: ' ' },
    { kind: 'em', text: 'c' },
    { kind: 'text', text: ' ' },
    { kind: 'code', text: 'd*' },
    { kind: 'text', text: ' ' },
    { kind: 'link', text: 'e', href: 'https://x.org/y' },
    { kind: 'text', text: ' ' },
    { kind: 'link', text: 'https://z.org', href: 'https://z.org' },
  ]));

test('markup and links that run something stay text', () => {
  for (const evil of ['<script>1</script>', '[x](javascript:alert(1))', '![x](data:text/html,1)'])
    expect(inlinesOf(evil)).toEqual([{ kind: 'text', text: evil }]);
});
