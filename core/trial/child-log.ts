/** What stands before each line of a trial in the log of a child that trains several at once. */
export const markOf = (trialId: string): string => `[${trialId}] `;

/**
 * Of what a child printed that trains several trials, what belongs to one of them: its marked lines, or, of trials one after
 * the other, from the line that says it has started to the next such line. Of several attempts in one log, the last. Null:
 * it has not started.
 */
export function partOfTrial(text: string, trialId: string): string | null {
  const all = text.split('\n');
  const mark = markOf(trialId);
  const marked = all.filter((line) => line.startsWith(mark)).map((line) => line.slice(mark.length));
  const lines = marked.length === 0 ? all : [...marked, ''];
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
