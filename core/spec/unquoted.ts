/** What people write without the quotes that YAML needs, and how to say so. */

/** `{args}` without quotes, which YAML reads as a mapping of args to nothing; null: something else. */
export function unquotedPlaceholder(value: unknown): string | null {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return null;
  const [entry, ...others] = Object.entries(value);
  return entry !== undefined && others.length === 0 && entry[1] === null && /^\w[\w.-]*$/.test(entry[0])
    ? entry[0]
    : null;
}

export const quotesFor = (name: string): string =>
  `YAML takes {${name}} without quotes for a mapping; write "{${name}}"`;

/**
 * What may be wrong with a line on which a YAML parser stumbled; null: nothing that people are known to do.
 * @param line as it stands in the file
 */
export function yamlHint(line: string): string | null {
  const value = /^\s*(?:- +)*(?:[\w.-]+: +)?(.*)$/.exec(line)?.[1] ?? '';
  if (/"[^"]*\\[^"]*"/.test(line)) return 'In double quotes \\ begins an escape: write the text in single quotes.';
  const bare = line.replaceAll(/"(?:[^"\\]|\\.)*"|'[^']*'/g, '""');
  if (/[^\s,[{:-] *\{\w+\}|\{\w+\} *[^\s,\]}#]/.test(bare))
    return 'Write a text that holds {name} in quotes, all of it: "python train.py {args}".';
  return /^[^"'[{|>&*].*: /.test(value) ? 'Write a text that holds a colon and a blank in quotes, all of it.' : null;
}
