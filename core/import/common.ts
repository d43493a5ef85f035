/** A name that a sweep may have, near the given one. */
export function specName(name: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 40);
  return plain === '' ? 'sweep' : plain;
}

/** What reads a number in a pattern: the objective's has no name. Names of groups: core/spec/printed-pattern.ts. */
export const numberGroup = (metric: string, isObjective: boolean): string =>
  isObjective ? '{number}' : `(?<${metric.replaceAll(/\W+/g, '_').replace(/^(?=[0-9])/, '_')}>{number})`;
