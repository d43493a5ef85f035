import { expect, test } from 'vitest';
import { screensOf, svgOf } from '../../tools/terminal-picture.ts';

const redraw = (text: string) => `\u001b[?2026h${text}\u001b[?2026l`;
const textOf = (screen: ReturnType<typeof screensOf>[number]) =>
  screen.map((spans) => spans.map(({ text }) => text).join(''));

test('each redraw is a screen, what was drawn over is gone, and equal ones count once', () => {
  const screens = screensOf(
    [redraw('one\r\ntwo'), redraw('\u001b[1A\u001b[2K\u001b[Gthree'), redraw(''), '\u001b[J\r\nend'].join(''),
  );
  expect(screens.map(textOf)).toEqual([
    ['one', 'two'],
    ['three', 'two'],
    ['three', 'end'],
  ]);
});

test('a color lasts until it is ended, and becomes a class of the picture', () => {
  const [screen] = screensOf('\u001b[1m\u001b[32mbest\u001b[39m\u001b[22m 0.9 <&');
  expect(screen![0]).toEqual([
    { text: 'best', look: [1, 32] },
    { text: ' 0.9 <&', look: [] },
  ]);
  expect(svgOf([screen!], 80, 1)).toContain('<tspan class="b g">best</tspan> 0.9 &lt;&amp;</text>');
});

test('a line that is longer than the terminal is wide is shown to its end', () => {
  const [screen] = screensOf('x'.repeat(100));
  const [, , width] = /viewBox="(\d+) (\d+) (\d+)/
    .exec(svgOf([screen!], 80, 1))!
    .slice(1)
    .map(Number);
  expect(width).toBeGreaterThan(100 * 8);
});
