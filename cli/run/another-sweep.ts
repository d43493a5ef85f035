import type { Prepared } from '../../inputs/prepare.ts';
import type { ObjectStore } from '../../storage/store.ts';
import { earlierSweep, earlierText } from '../lookup/earlier-sweep.ts';
import { agreed, canAsk } from '../terminal/agreed.ts';
import type { Output } from '../terminal/output.ts';

/**
 * Other code or other data is another experiment, so another sweep, which trains everything again. Where the spec ran before,
 * it is said which files differ, and on a terminal asked: a file that somebody keeps writing beside the code would otherwise
 * make each run a new sweep.
 * @returns whether to go on
 */
export async function agreedToAnother(
  store: ObjectStore,
  prepared: Prepared,
  yes: boolean | undefined,
  output: Output,
): Promise<boolean> {
  const earlier = await earlierSweep(store, prepared);
  if (earlier === null) return true;
  const { sweepId } = prepared.spec;
  const difference = earlierText(earlier);
  if (!prepared.hasDefaultId) {
    // What follows is the refusal to go on under this id.
    output.note(difference);
    return true;
  }
  const advice = earlier.source === null ? '' : ' Files that are not code belong in .sweepignore.';
  const news = `${difference} So this is a new sweep, ${sweepId}`;
  if (!earlier.hasResults || yes || !canAsk(output)) {
    output.note(`${news}${earlier.hasResults ? ', and all of its trials are trained' : ''}.${advice}`);
    return true;
  }
  const goesOn = await agreed(`${news}.${advice}\nTrain all of its trials?`, yes, output);
  if (!goesOn) output.note('Nothing was trained.');
  return goesOn;
}
