/** What mends a damaged object, by its key, as the end of a sentence. What a run writes anew needs no more than a run. */
export function remedyFor(key: string): string {
  const [root, name = '', file = ''] = key.split('/');
  if (root === 'models') return `remove that object, and the next sweep named ${name} promotes a first champion`;
  if (root === 'checkpoints') return 'remove that object, and the trial starts from the beginning';
  if (root !== 'sweeps') return 'remove that object, then run or start the sweep again';
  if (file === 'data.json')
    return `put it back from a copy; without one remove the sweep (sweep remove ${name}) and run it again`;
  if (file === 'warm-start.json') return 'remove that object, then run or start the same spec again';
  return 'run or start the same spec again, which writes it anew';
}
