import { createInterface } from 'node:readline';
import { badInput, SweepstackError } from '../../core/base/errors.ts';
import type { Output } from './output.ts';

/** Whether somebody is there to answer. */
export const canAsk = (output: Output): boolean => !output.json && isTerminal();

const isTerminal = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

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
  return /^y(es)?$/i.test(await ask(`${question} [y/N] `));
}

/**
 * Asks for the code of an MFA device, which a profile of AWS's configuration names.
 * @throws SweepstackError where nobody can be asked, and when no code was given
 */
export async function askForMfaCode(device: string): Promise<string> {
  if (!isTerminal()) {
    throw new SweepstackError(
      `the AWS profile needs a code of the MFA device ${device}, and this is not a terminal, so the command cannot ask; export credentials of a session (aws configure export-credentials --format env), or use aws sso login`,
    );
  }
  const code = await ask(`Code of the MFA device ${device}: `);
  if (code === '') throw new SweepstackError(`no code of the MFA device ${device} was given`);
  return code;
}

/** What a person types; empty when the input is closed, and at Ctrl-C. */
async function ask(question: string): Promise<string> {
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await new Promise<string>((resolve) => {
    asking.on('close', () => resolve(''));
    asking.question(question, resolve);
  });
  asking.close();
  return answer.trim();
}
