/** Where `training.files` and `training.links` put things, and what links lead to. Paths have `/` between their parts. */

/** The parts of a path, without those that lead nowhere: `./a//b/` is a, b. */
export const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '' && part !== '.');

/** The path in the one way that it is compared and joined. */
export const placeOf = (path: string): string => partsOf(path).join('/');

/**
 * Why nothing may be put there, as a predicate; null when it may. `beside`: also beside the copy, as `../name`, where each
 * attempt has a folder of its own.
 */
export function placeFlaw(path: string, beside: boolean): string | null {
  const parts = partsOf(path);
  if (path.includes('\0')) return 'contains a NUL character';
  if (path.startsWith('/') || path.startsWith('~')) return 'is not relative';
  const isBeside = beside && parts[0] === '..';
  const inner = isBeside ? parts.slice(1) : parts;
  if (inner.includes('..')) return beside ? 'leads out of the folder of the attempt' : 'leads out of the copy';
  return inner.length === 0 ? 'names the folder itself' : null;
}

/** Whether one of two paths is the other, or lies below it. */
export function overlap(a: string, b: string): boolean {
  const [one, other] = [`${placeOf(a)}/`, `${placeOf(b)}/`];
  return one.startsWith(other) || other.startsWith(one);
}

const TARGETS = ['DATA_DIR', 'MODEL_DIR', 'CHECKPOINT_DIR'] as const;

export interface LinkTarget {
  readonly folder: (typeof TARGETS)[number];
  /** Below it; empty: the folder itself. */
  readonly below: string;
  /** Said by a final slash: there shall be a folder, also where there is none yet. */
  readonly isFolder: boolean;
}

/** What a link of `training.links` leads to; null when it is nothing that one may lead to. */
export function linkTarget(text: string): LinkTarget | null {
  const [, name, below] = /^\{([A-Z_]+)\}(?:\/([^{}\0]*))?$/.exec(text) ?? [];
  const folder = TARGETS.find((target) => target === name);
  if (folder === undefined || partsOf(below ?? '').includes('..')) return null;
  return { folder, below: placeOf(below ?? ''), isFolder: text.endsWith('/') };
}
