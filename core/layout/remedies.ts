import { STALE_SECONDS } from './lock.ts';

/** What brings a model back whose files are damaged, as the end of a sentence. */
export const modelRemedy = (resultKey: string): string =>
  `remove ${resultKey} and run or start the same spec again, which trains that trial again`;

/** How to repair a damaged object, by its key, as the end of a sentence. Objects that a run rewrites only need a run. */
export function remedyFor(key: string): string {
  const [root, name = '', file = ''] = key.split('/');
  if (root === 'models') return `remove that object, and the next sweep named ${name} promotes a first champion`;
  if (root === 'checkpoints') return 'remove that object, and the trial starts from the beginning';
  if (root === 'sources' || root === 'data')
    return 'remove that object, then run or start the sweep again, which uploads it again';
  if (file === 'lock.json')
    return `a run takes it over ${STALE_SECONDS} s after it was written; if nothing runs the sweep, remove that object`;
  return 'run or start the same spec again, which writes it again';
}
