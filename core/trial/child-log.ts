/**
 * Of what a child printed that trains several trials one after the other, what belongs to one of them: from the line that
 * says it has started to the next such line. Of several attempts in one log, the last. Null: it has not started.
 */
export function partOfTrial(text: string, trialId: string): string | null {
  const lines = text.split('\n');
  const starts = lines.flatMap((line, index) => {
    const id = startedTrial(line);
    return id === null ? [] : [{ id, index }];
  });
  const place = starts.findLastIndex(({ id }) => id === trialId);
  const start = starts[place];
  if (start === undefined) return null;
  const end = starts[place + 1]?.index;
  const part = lines.slice(start.index, end).join('\n');
  return end === undefined ? part : `${part}\n`;
}

/** The trial whose start a line of the trial runner tells. */
function startedTrial(line: string): string | null {
  if (!line.startsWith('{"type":"started"')) return null;
  try {
    const { id } = JSON.parse(line) as { readonly id?: unknown };
    return typeof id === 'string' ? id : null;
  } catch {
    return null; // a program's own line
  }
}
