import { parseDocument } from 'yaml';
import { badInput } from '../core/base/errors.ts';
import type { Json } from '../core/base/json.ts';
import type { Edit } from '../core/report/next.ts';

/**
 * The text of a spec file with some values put in or taken out. Comments and the way in which everything else is written
 * stay. @param path what messages call it; its ending tells JSON from YAML
 */
export function editSpec(path: string, text: string, edits: readonly Edit[], head: readonly string[]): string {
  if (path.endsWith('.json')) return `${JSON.stringify(edits.reduce(edited, JSON.parse(text) as Json), null, 2)}\n`;
  const document = parseDocument(text, { merge: true });
  try {
    for (const { place, value } of edits) {
      if (value === undefined) document.deleteIn(place);
      else document.setIn(place, document.createNode(value, { flow: typeof value === 'object' }));
    }
  } catch (error) {
    throw badInput(
      '--spec',
      `${path} cannot be changed: ${(error as Error).message}; write out its aliases and merged keys`,
    );
  }
  const comments = head.map((line) => ` ${line}`).join('\n');
  const { commentBefore } = document;
  document.commentBefore = commentBefore ? `${commentBefore}\n${comments}` : comments;
  return document.toString({ lineWidth: 0 });
}

function edited(document: Json, { place: [key, ...rest], value }: Edit): Json {
  const { [key!]: before = {}, ...others } = document as Record<string, Json>;
  if (rest.length > 0) return { ...(document as object), [key!]: edited(before, { place: rest, value }) };
  return value === undefined ? others : { ...(document as object), [key!]: value };
}
