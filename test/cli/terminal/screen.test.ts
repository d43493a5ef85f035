import { describe, expect, test } from 'vitest';
import { Screen } from '../../../cli/terminal/screen.ts';

/** What a terminal of so many columns is sent, a write an entry. */
function terminal(columns = 80) {
  const writes: string[] = [];
  const stream = { columns, rows: 24, write: (text: string) => writes.push(text) > 0 };
  return { stream, writes, screen: new Screen(stream as unknown as NodeJS.WriteStream) };
}

describe('the screen', () => {
  test('writes once a frame, between the marks of a synchronized update', () => {
    const { screen, writes } = terminal();
    screen.draw(['one', 'two']);
    screen.draw(['one', 'three']);
    screen.print('a line that stays', ['one', 'three']);
    screen.end(true);
    expect(writes).toHaveLength(4);
    for (const text of writes.slice(0, 3)) {
      expect(text.startsWith('\u001b[?2026h')).toBe(true);
      expect(text.endsWith('\u001b[?2026l')).toBe(true);
    }
  });

  test('writes nothing for a frame that is the same', () => {
    const { screen, writes } = terminal();
    screen.draw(['one', 'two']);
    screen.draw(['one', 'two']);
    expect(writes).toHaveLength(1);
    screen.end(true);
  });

  test('leaves the lines above the first change as they are', () => {
    const { screen, writes } = terminal();
    screen.draw(['a head line', 'a second', '1s', 'a foot line']);
    screen.draw(['a head line', 'a second', '2s', 'a foot line']);
    expect(writes[1]).not.toMatch(/head|second|foot/);
    expect(writes[1]).toContain('2s');
    screen.end(true);
  });

  test('hides the cursor once and shows it at the end', () => {
    const { screen, writes } = terminal();
    screen.draw(['one']);
    screen.draw(['two']);
    screen.end(true);
    expect(writes.join('').split('\u001b[?25l')).toHaveLength(2);
    // The end of a frame once more: the terminal may have thrown the last one away.
    expect(writes.at(-1)).toBe('\u001b[?2026l\u001b[?25h');
  });

  test('erases the rows into which a narrower terminal folded a line', () => {
    const { screen, writes, stream } = terminal(80);
    screen.draw(['x'.repeat(79), 'short']);
    stream.columns = 40;
    screen.draw(['x'.repeat(39), 'short']);
    // Two lines and the one the cursor is on, and one more for the fold.
    expect(writes[1]!.split('\u001b[2K')).toHaveLength(3 + 1 + 1);
    screen.end(true);
  });

  test('takes its last frame away where something better follows', () => {
    const { screen, writes } = terminal();
    screen.draw(['one', 'two']);
    screen.end(false);
    expect(writes[1]!.split('\u001b[2K')).toHaveLength(4);
  });
});
