/** What a terminal shows after each redraw, read from what a command wrote to it, and as a moving picture (SVG). */

/** A run of characters of one look. */
interface Span {
  readonly text: string;
  /** SGR codes that are on: 1 bold, 2 dim, 32 green, ... */
  readonly look: readonly number[];
}
export type Screen = readonly (readonly Span[])[];

interface Cell {
  readonly character: string;
  readonly look: readonly number[];
}

/** The end of a redraw (synchronized output, mode 2026). */
const REDRAWN = '\u001b[?2026l';

/** The screens after each redraw and at the end, equal ones once. As much of a terminal as log-update speaks to. */
export function screensOf(written: string): Screen[] {
  const screens: Screen[] = [];
  const terminal = new Terminal();
  for (const piece of written.split(REDRAWN)) {
    terminal.write(piece);
    const screen = terminal.screen();
    if (JSON.stringify(screen) !== JSON.stringify(screens.at(-1))) screens.push(screen);
  }
  return screens;
}

class Terminal {
  readonly #rows: Cell[][] = [[]];
  #row = 0;
  #column = 0;
  #look: readonly number[] = [];

  write(text: string): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's control sequences are what is read
    for (const [token, parameters, command] of text.matchAll(/\u001b\[([?0-9;]*)([A-Za-z])|[\s\S]/gu)) {
      if (command !== undefined) this.#obey(command, parameters!);
      else if (token === '\n') this.#moveTo(this.#row + 1, this.#column);
      else if (token === '\r') this.#column = 0;
      else this.#put(token);
    }
  }

  screen(): Screen {
    const lines = this.#rows.map(spansOf);
    while (lines.at(-1)?.length === 0) lines.pop();
    return lines;
  }

  #obey(command: string, parameters: string): void {
    const count = Number(parameters || 1);
    const row = this.#rows[this.#row]!;
    if (command === 'A') this.#moveTo(Math.max(0, this.#row - count), this.#column);
    else if (command === 'B') this.#moveTo(this.#row + count, this.#column);
    else if (command === 'E') this.#moveTo(this.#row + count, 0);
    else if (command === 'G') this.#column = count - 1;
    else if (command === 'K') row.splice(parameters === '2' ? 0 : this.#column);
    else if (command === 'J') {
      row.splice(this.#column);
      this.#rows.splice(this.#row + 1);
    } else if (command === 'm') this.#look = lookAfter(this.#look, parameters);
  }

  #moveTo(row: number, column: number): void {
    while (this.#rows.length <= row) this.#rows.push([]);
    this.#row = row;
    this.#column = column;
  }

  #put(character: string): void {
    const row = this.#rows[this.#row]!;
    while (row.length < this.#column) row.push({ character: ' ', look: [] });
    row[this.#column++] = { character, look: this.#look };
  }
}

/** Codes that end others: normal weight, the default color. */
const ENDS: Readonly<Record<number, readonly number[]>> = { 22: [1, 2], 39: [31, 32, 33, 34, 35, 36] };

function lookAfter(look: readonly number[], parameters: string): readonly number[] {
  let on = [...look];
  for (const code of parameters.split(';').map(Number)) {
    const ended = code === 0 ? on : ENDS[code];
    if (ended === undefined) on.push(code);
    else on = on.filter((one) => !ended.includes(one));
  }
  return on;
}

function spansOf(row: readonly Cell[]): Span[] {
  const spans: Span[] = [];
  const length = row.findLastIndex(({ character }) => character !== ' ') + 1;
  for (const { character, look } of row.slice(0, length)) {
    const last = spans.at(-1);
    if (last !== undefined && last.look.join() === look.join())
      spans[spans.length - 1] = { text: last.text + character, look };
    else spans.push({ text: character, look });
  }
  return spans;
}

const [CHARACTER, LINE, MARGIN] = [8.4, 18, 16];
const CLASSES: Readonly<Record<number, string>> = { 1: 'b', 2: 'd', 31: 'r', 32: 'g', 36: 'c' };
const STYLE = `text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#d6dbe1;white-space:pre}
.b{font-weight:700}.d{fill:#8b949e}.r{fill:#ff7b72}.g{fill:#7ee787}.c{fill:#79c0ff}`;

/** The screens one after the other, `seconds` each, the last one four times as long; then again. */
export function svgOf(screens: readonly Screen[], columns: number, seconds: number): string {
  const rows = Math.max(...screens.map(({ length }) => length));
  // Lines of paths are not folded.
  const widest = Math.max(
    columns,
    ...screens.flat().map((spans) => spans.reduce((sum, { text }) => sum + text.length, 0)),
  );
  const [width, height] = [Math.ceil(widest * CHARACTER + 2 * MARGIN), rows * LINE + 2 * MARGIN];
  const total = (screens.length + 3) * seconds;
  const share = (index: number) => ((index * seconds) / total).toFixed(4);
  const groups = screens.map((screen, index) => {
    const until = index === screens.length - 1 ? '1' : share(index + 1);
    const [values, times] = index === 0 ? ['1;0;0', `0;${until};1`] : ['0;1;0;0', `0;${share(index)};${until};1`];
    const isLast = index === screens.length - 1;
    const steps = isLast ? `values="0;1;1" keyTimes="0;${share(index)};1"` : `values="${values}" keyTimes="${times}"`;
    // Where nothing moves, the end is what is seen.
    return `<g opacity="${isLast ? 1 : 0}"><animate attributeName="opacity" calcMode="discrete" dur="${total}s" repeatCount="indefinite" ${steps}/>${screen.map(lineOf).join('')}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="A sweep in a terminal">
<style>${STYLE}</style><rect width="100%" height="100%" rx="8" fill="#0d1117"/>
${groups.join('\n')}
</svg>
`;
}

function lineOf(spans: readonly Span[], row: number): string {
  if (spans.length === 0) return '';
  const texts = spans.map(({ text, look }) => {
    const classes = look.flatMap((code) => CLASSES[code] ?? []).join(' ');
    return classes === '' ? escaped(text) : `<tspan class="${classes}">${escaped(text)}</tspan>`;
  });
  return `<text x="${MARGIN}" y="${MARGIN + (row + 1) * LINE - 5}" xml:space="preserve">${texts.join('')}</text>`;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
