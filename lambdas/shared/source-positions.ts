import { readFile } from 'node:fs/promises';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

/** `at name (file:///var/task/index.mjs:12:3456)`, the name and the brackets missing at a module's own level. */
const FRAME = /^(\s+at ).*?\(?(file:\/\/.+\.mjs):(\d+):(\d+)\)?$/;

/**
 * A bundle's stack trace with the files and lines it was made of. Node does it too (`--enable-source-maps`), but then
 * it reads every map at each start, a fifth of a cold start, for errors that few calls have.
 */
export async function withSourcePositions(stack: string): Promise<string> {
  const lines = stack.split('\n');
  const urls = new Set(lines.flatMap((line) => FRAME.exec(line)?.[2] ?? []));
  const maps = new Map(await Promise.all([...urls].map(async (url) => [url, await mapOf(url)] as const)));
  return lines.map((line) => positioned(line, maps)).join('\n');
}

/** Null where there is none, or it is no map: the trace is worth having without. */
async function mapOf(url: string): Promise<SourceMap | null> {
  try {
    return new SourceMap(JSON.parse(await readFile(`${fileURLToPath(url)}.map`, 'utf8')));
  } catch {
    return null;
  }
}

function positioned(line: string, maps: ReadonlyMap<string, SourceMap | null>): string {
  const [, at = '', url = '', row, column] = FRAME.exec(line) ?? [];
  const entry = maps.get(url)?.findEntry(Number(row) - 1, Number(column) - 1);
  if (entry === undefined || !('originalSource' in entry)) return line;
  // Sources are named from the bundle's folder, which is elsewhere once it is deployed.
  const source = entry.originalSource.replace(/^(\.\.\/)+/, '');
  return `${at}${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
}
