import { BadInput, badInput } from '../../core/base/errors.ts';
import { parseHistory } from '../../core/search/history.ts';
import { proposeNext } from '../../core/search/next-round.ts';
import { resolveSpec } from '../../core/spec/resolve.ts';
import { readInput } from '../../inputs/input-file.ts';
import { readSpecFile } from '../../inputs/spec-file.ts';
import type { Output } from '../terminal/output.ts';

/** Ask and tell: the next trials of a spec, given the results so far. Writes nothing. @throws BadInput */
export function proposeTrials(
  specPath: string,
  { history, count }: { readonly history?: string; readonly count: number },
  output: Output,
): void {
  const spec = resolveSpec(readSpecFile(specPath));
  const next = proposeNext(spec, parseHistory(spec, history === undefined ? '' : readHistory(history)), count);
  output.document(next);
  output.verbatim(JSON.stringify(next, null, 2));
}

const MAX_HISTORY_BYTES = 64 * 1024 * 1024;

function readHistory(file: string): string {
  try {
    return readInput('--history', file, MAX_HISTORY_BYTES);
  } catch (error) {
    if (error instanceof BadInput) throw error;
    throw badInput('--history', `received ${file}: ${(error as Error).message}; allowed: a file of JSON lines, or -`);
  }
}
