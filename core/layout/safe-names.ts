import { sha256 } from '../base/digest.ts';

/** What no key may hold (storage/keys.ts), and what a person could not type again. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const UNSAFE = /[\u0000-\u001f\u007f\\]/g;

const MAX_NAME_BYTES = 255;

/**
 * Names under which files can be stored, by the paths that a program gave them: the same wherever that works; else with
 * control characters and backslashes as `%0A`, cut where they are too long, and told apart by a digest where that would
 * make two alike.
 * @param paths relative, with `/`; distinct
 * @param room bytes of UTF-8 that a path may take, 64 at the least
 */
export function safeNames(paths: readonly string[], room: number): Map<string, string> {
  const safe = new Map<string, string>();
  const taken = new Set(paths.filter((path) => shortened(escaped(path), room) === path));
  for (const path of paths) {
    const plain = shortened(escaped(path), room);
    const name = plain === path ? path : plain === null || taken.has(plain) ? digestedName(path, room) : plain;
    taken.add(name);
    safe.set(path, name);
  }
  return safe;
}

const escaped = (path: string): string =>
  path.replace(UNSAFE, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);

/** Null: it does not fit as it is. */
function shortened(path: string, room: number): string | null {
  const fits = path.split('/').every((part) => Buffer.byteLength(part) <= MAX_NAME_BYTES);
  return fits && Buffer.byteLength(path) <= room ? path : null;
}

/** A name for a path that cannot be stored as it is: the end of it, which holds its kind, after a digest of the whole. */
export function digestedName(path: string, room: number): string {
  const mark = `${sha256(path).slice(0, 16)}-`;
  const name = [...escaped(path).split('/').at(-1)!];
  while (Buffer.byteLength(mark + name.join('')) > Math.min(room, MAX_NAME_BYTES)) name.shift();
  return mark + name.join('');
}
