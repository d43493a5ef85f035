/** Where a placeholder stands in a shell script, and how to write a value there so that it stays one word. */

export type Context =
  | 'bare'
  | 'single'
  | 'double'
  /** A comment, a here-document, arithmetic, backticks, $'...', or a script that a second shell reads. */
  | 'unclear';

const SHELL = /(^|\/)(ba|da|z|k|a)?sh$/;

/** The place of the script in a command such as [bash, -euo, pipefail, -c, script]; -1 when there is none. */
export function scriptIn(command: readonly string[]): number {
  const shell = command.findIndex((element) => SHELL.test(element));
  if (shell < 0) return -1;
  let runsScript = false;
  for (let index = shell + 1; index < command.length; index++) {
    const element = command[index]!;
    if (!/^[-+]./.test(element)) return runsScript ? index : -1;
    if (/^-[A-Za-z]*c[A-Za-z]*$/.test(element)) runsScript = true;
    // Its argument is the name of an option.
    if (/^[-+][A-Za-z]*[oO]$/.test(element)) index += 1;
  }
  return -1;
}

/** Commands that hand their arguments to a shell once more. `case` has a `)` that closes nothing. */
const READ_TWICE = /(^|[\s;&|({`])(eval|ssh|su|trap|(\S*\/)?(ba|da|z|k|a)?sh\s+-[a-z]*c)(?=\s|$)/m;
/** `${x:-'...'}`: quotes within it that the reader would take for the script's own. */
const EXPANSION_WITH_QUOTES = /\$\{[^}]*["'`\\{(]/;
const isBeyondUs = (script: string): boolean =>
  EXPANSION_WITH_QUOTES.test(script) || READ_TWICE.test(script) || (/\bcase\b/.test(script) && script.includes('$('));

/**
 * Where each match of `placeholder` stands in a script, by its index. Shells are read as POSIX has it, in so far as one can
 * tell without running them.
 */
export function contextsIn(script: string, placeholder: RegExp): Map<number, Context> {
  const found = new Map<number, Context>();
  const places = new Map([...script.matchAll(placeholder)].map((match) => [match.index, match[0].length]));
  const isUnclear = isBeyondUs(script);
  const reader = new Reader(script);
  for (let at = 0; at < script.length; ) {
    const length = places.get(at);
    if (length === undefined) at += reader.step(at);
    else {
      found.set(at, isUnclear ? 'unclear' : reader.context);
      reader.pass();
      at += length;
    }
  }
  return found;
}

/** What the reader is inside of, the innermost last. `sub`: $(...), in which everything begins anew. */
type Inside = 'sub' | 'single' | 'double' | 'ansi' | 'backticks' | 'arithmetic' | 'comment' | 'document';

class Reader {
  readonly #script: string;
  readonly #inside: Inside[] = [];
  /** Parentheses open in arithmetic. */
  #open = 0;
  #isWordStart = true;

  constructor(script: string) {
    this.#script = script;
  }

  get context(): Context {
    if (this.#inside.some((inside) => !['sub', 'single', 'double'].includes(inside))) return 'unclear';
    const inside = this.#inside.at(-1);
    return inside === 'single' || inside === 'double' ? inside : 'bare';
  }

  /** A placeholder was passed over: it is a part of a word. */
  pass(): void {
    this.#isWordStart = false;
  }

  /** Takes in the character at `at`, and those that belong to it; how many. */
  step(at: number): number {
    const rest = this.#script.slice(at, at + 3);
    const inside = this.#inside.at(-1);
    switch (inside) {
      case 'document':
        return 1;
      case 'single':
        return rest[0] === "'" ? this.#leave(1) : 1;
      case 'comment':
        return rest[0] === '\n' ? this.#leave(0) : 1;
      case 'arithmetic':
        return this.#arithmetic(rest[0]!);
      case 'ansi':
        return rest[0] === '\\' ? 2 : rest[0] === "'" ? this.#leave(1) : 1;
      case 'backticks':
        return rest[0] === '\\' ? 2 : rest[0] === '`' ? this.#leave(1) : 1;
      case 'double':
        return rest[0] === '"' ? this.#leave(1) : this.#expansion(rest);
      default:
        return this.#word(rest, at);
    }
  }

  #enter(inside: Inside, length: number): number {
    this.#inside.push(inside);
    this.#isWordStart = true;
    return length;
  }

  #leave(length: number): number {
    this.#inside.pop();
    this.#isWordStart = false;
    return length;
  }

  #arithmetic(character: string): number {
    if (character === '(') this.#open += 1;
    if (character === ')') this.#open -= 1;
    return this.#open === 0 ? this.#leave(1) : 1;
  }

  /** What has a meaning inside double quotes as well as outside. */
  #expansion(rest: string): number {
    // A backslash before a placeholder would quote the first character of the value only.
    if (rest[0] === '\\') return rest[1] === '{' ? this.#enter('document', 1) : 2;
    if (rest === '$((') {
      this.#open = 2;
      return this.#enter('arithmetic', 3);
    }
    if (rest.startsWith('$(')) return this.#enter('sub', 2);
    return rest[0] === '`' ? this.#enter('backticks', 1) : 1;
  }

  /** Outside of quotes. */
  #word(rest: string, at: number): number {
    const [first, second] = rest;
    const startsWord = this.#isWordStart;
    this.#isWordStart = /[\s;&|()<>]/.test(first!);
    if (first === "'") return this.#enter('single', 1);
    if (first === '"') return this.#enter('double', 1);
    if (rest.startsWith("$'")) return this.#enter('ansi', 2);
    if (rest.startsWith('((')) {
      this.#open = 2;
      return this.#enter('arithmetic', 2);
    }
    if (rest === '<<<') return 3;
    if (first === '<' && second === '<') return this.#enter('document', 2);
    if (first === '#' && (startsWord || at === 0)) return this.#enter('comment', 1);
    if (first === ')' && this.#inside.at(-1) === 'sub') return this.#leave(1);
    return this.#expansion(rest);
  }
}

/** A number, which is inert wherever it stands. */
const NUMBER = /^-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?$/i;
export const isInert = (text: string): boolean => NUMBER.test(text);

/** The text as one word of a shell, or as the inside of the quotes that it stands in; null where that cannot be told. */
export function quotedFor(context: Context, text: string): string | null {
  switch (context) {
    case 'bare':
      return shellQuoted(text);
    case 'single':
      return text.replaceAll("'", `'\\''`);
    case 'double':
      return text.replaceAll(/[\\"$`]/g, '\\$&');
    default:
      return isInert(text) ? text : null;
  }
}

export function shellQuoted(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
