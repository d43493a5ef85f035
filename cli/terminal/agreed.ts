import { createInterface } from 'node:readline';
import { badInput } from '../../core/base/errors.ts';
import type { Output } from './output.ts';

/** Whether somebody is there to answer. */
export const canAsk = (output: Output): boolean =>
  !output.json && process.stdin.isTTY === true && process.stderr.isTTY === true;

/**
 * Asks before something is destroyed. Only a clear yes counts; a closed input and Ctrl-C are a no.
 * @param question what would happen, ending in a question
 * @param yes whether `--yes` was said, which answers it
 * @throws BadInput where nobody can be asked
 */
export async function agreed(question: string, yes: boolean | undefined, output: Output): Promise<boolean> {
  if (yes) return true;
  if (!canAsk(output)) {
    throw badInput('--yes', 'is missing, and this is not a terminal, so the command cannot ask; add --yes to go ahead');
  }
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await new Promise<string>((resolve) => {
    asking.on('close', () => resolve(''));
    asking.question(`${question} [y/N] `, resolve);
  });
  asking.close();
  return /^y(es)?$/i.test(answer.trim());
}
