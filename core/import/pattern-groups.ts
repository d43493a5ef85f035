import { type Alternatives, type Group, parseExpression } from '../spec/regular-expression.ts';

/**
 * A regular expression of another tool with its first capturing groups replaced, those that are not inside of another.
 * Literal braces are escaped first, so that nothing in it stands for a number by itself.
 * @returns null where it has fewer groups, or is no regular expression
 */
export function withGroups(source: string, replacements: readonly string[]): string | null {
  const escaped = source.replaceAll(/(?<!\\)\{(?![0-9]+(?:,[0-9]*)?\})([^{}]*)\}/g, '\\{$1\\}');
  const text = escaped.replaceAll('(?P<', '(?<');
  try {
    new RegExp(text);
  } catch {
    return null;
  }
  const groups = outerGroups(parseExpression(text)).slice(0, replacements.length);
  if (groups.length < replacements.length) return null;
  return groups.reduceRight(
    (result, { from, to }, index) => result.slice(0, from) + replacements[index] + result.slice(to),
    text,
  );
}

function outerGroups({ sequences }: Alternatives): Group[] {
  return sequences.flatMap((items) =>
    items.flatMap((item) => {
      if (item.kind === 'piece') return [];
      return item.captures ? [item] : outerGroups(item.body);
    }),
  );
}
