/** Splits a command written as one text into words, as a shell would, but runs no shell. */

export type Split = { readonly words: readonly string[] } | { readonly flaw: Flaw };

export interface Flaw {
  /** The part that only a shell understands. */
  readonly operator: string;
  /** What a shell would do with it, or what is wrong. */
  readonly why: string;
}

/** Operators and patterns, the longest first. */
const OPERATORS: readonly (readonly [string, string])[] = [
  ...['&&', '||', ';', '&'].map((operator) => [operator, 'which begins another command in a shell'] as const),
  ['|', 'which pipes into another command in a shell'],
  ...['>', '<'].map((operator) => [operator, 'which redirects to or from a file in a shell'] as const),
  ...['(', ')'].map((operator) => [operator, 'which groups commands in a shell'] as const),
  ...['*', '?'].map((operator) => [operator, 'which stands for names of files in a shell'] as const),
];

const ASSIGNMENT = /^[A-Za-z_][A-Za-z0-9_]*=/;

/**
 * Splits at blanks; quotes and backslashes are honoured as in sh. What would need a shell (an operator, an expansion, a
 * pattern, a variable set for the command) is a flaw, unless it is quoted.
 */
export function splitWords(command: string): Split {
  const words: string[] = [];
  const text = command.trim().replaceAll('\\\n', ' ');
  for (let at = 0; at < text.length; ) {
    const blank = /^[ \t\r]+/.exec(text.slice(at));
    if (blank !== null) {
      at += blank[0].length;
      continue;
    }
    const word = readWord(text, at);
    if ('flaw' in word) return word;
    if (words.length === 0 && ASSIGNMENT.test(text.slice(at, word.end)))
      return flaw(`${word.word.split('=')[0]!}=`, 'which sets a variable in a shell');
    words.push(word.word);
    at = word.end;
  }
  return { words };
}

const flaw = (operator: string, why: string): { readonly flaw: Flaw } => ({ flaw: { operator, why } });

/** One word from `start` to before the next blank. */
function readWord(text: string, start: number): { readonly word: string; readonly end: number } | { flaw: Flaw } {
  if (text[start] === '~') return flaw('~', 'which stands for a home folder in a shell');
  if (text[start] === '#') return flaw('#', 'which begins a comment in a shell');
  let word = '';
  let at = start;
  while (at < text.length && !/[ \t\r]/.test(text[at]!)) {
    const character = text[at]!;
    if (character === "'" || character === '"') {
      const quoted = character === "'" ? readSingle(text, at + 1) : readDouble(text, at + 1);
      if ('flaw' in quoted) return quoted;
      word += quoted.word;
      at = quoted.end;
      continue;
    }
    if (character === '\n') return flaw('a line break', 'which ends a command in a shell');
    const operator = OPERATORS.find(([sign]) => text.startsWith(sign, at));
    if (operator !== undefined) return flaw(...operator);
    const expanded = expansionAt(text, at);
    if (expanded !== null) return expanded;
    const escaped = character === '\\' && at + 1 < text.length;
    word += text[escaped ? at + 1 : at]!;
    at += escaped ? 2 : 1;
  }
  return { word, end: at };
}

function readSingle(text: string, from: number): { readonly word: string; readonly end: number } | { flaw: Flaw } {
  const end = text.indexOf("'", from);
  return end < 0 ? flaw("'", 'which no second one closes') : { word: text.slice(from, end), end: end + 1 };
}

function readDouble(text: string, from: number): { readonly word: string; readonly end: number } | { flaw: Flaw } {
  let word = '';
  for (let at = from; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"') return { word, end: at + 1 };
    const expanded = expansionAt(text, at);
    if (expanded !== null) return expanded;
    if (character === '\\' && /["\\$`]/.test(text[at + 1] ?? '')) at += 1;
    word += text[at]!;
  }
  return flaw('"', 'which no second one closes');
}

/** What a shell replaces outside of single quotes. */
function expansionAt(text: string, at: number): { readonly flaw: Flaw } | null {
  if (text[at] === '`') return flaw('`', 'which runs a command in a shell');
  const [variable] = /^\$(\(|\{[^}]*\}|[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-])/.exec(text.slice(at)) ?? [];
  if (variable === undefined) return null;
  return variable === '$('
    ? flaw(variable, 'which runs a command in a shell')
    : flaw(variable, 'which is a variable in a shell');
}
