import { createColors } from 'picocolors';

export type Colors = ReturnType<typeof createColors>;

/**
 * Whether to colour what goes to a stream: NO_COLOR (no-color.org) forbids it, FORCE_COLOR asks for it, else a terminal
 * that is not dumb gets it. A variable that is set and empty counts as not set.
 */
export function wantsColor(stream: { readonly isTTY?: boolean | undefined }, environment: NodeJS.ProcessEnv): boolean {
  if (environment['NO_COLOR']) return false;
  const force = environment['FORCE_COLOR'];
  if (force) return force !== '0' && force !== 'false';
  return stream.isTTY === true && environment['TERM'] !== 'dumb';
}

export const colorsOf = (enabled: boolean): Colors => createColors(enabled);

/** The Linux console has no block characters in its font; a locale that says it is no UTF-8 cannot show them either. */
export function showsUnicode(environment: NodeJS.ProcessEnv): boolean {
  const locale = environment['LC_ALL'] || environment['LC_CTYPE'] || environment['LANG'] || '';
  return environment['TERM'] !== 'linux' && !/^(C|POSIX)$/.test(locale);
}
