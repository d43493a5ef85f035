/** CSI, string (OSC, DCS, ...) and other escape sequences of ECMA-48, of seven and of eight bits. */
const SEQUENCES = new RegExp(
  [
    '(?:\\u001b\\[|\\u009b)[0-?]*[ -/]*[@-~]',
    '\\u001b[\\]PX^_][^\\u0007\\u001b\\u009c]*(?:\\u0007|\\u001b\\\\|\\u009c)?',
    '\\u001b[ -/]*[0-~]?',
  ].join('|'),
  'g',
);
const CONTROLS = /[^\P{Cc}\n\t]|\p{Bidi_Control}/gu;

/** A text without escape sequences: what colours and cursors left in a log. */
export const withoutSequences = (text: string): string => text.replace(SEQUENCES, '');

/**
 * A text in which backspaces did what they do on a terminal: what follows them stands over what was there. Where they go
 * back to the beginning of a line, as progress bars do to draw it anew, a carriage return stands in their place.
 */
export const withoutBackspaces = (text: string): string =>
  text.includes('\b')
    ? text
        .split(/([\n\r])/)
        .map(drawnOver)
        .join('')
    : text;

function drawnOver(line: string): string {
  if (!line.includes('\b')) return line;
  const lines: string[] = [];
  let characters: string[] = [];
  let at = 0;
  for (const character of line) {
    if (character !== '\b') {
      characters[at] = character;
      at += 1;
    } else if (at > 1) at -= 1;
    else {
      if (characters.length > 0) lines.push(characters.join(''));
      characters = [];
      at = 0;
    }
  }
  return [...lines, characters.join('')].join('\r');
}

/**
 * A text that is safe to print on a terminal: without escape sequences, which could move the cursor, set the title or ask
 * the terminal to type, and without other control characters but newline and tab. Carriage returns, as progress bars use
 * them, become newlines. What turns the direction of writing goes too.
 */
export function plainText(text: string): string {
  return withoutSequences(text).replace(/\r\n?/g, '\n').replace(CONTROLS, '');
}
