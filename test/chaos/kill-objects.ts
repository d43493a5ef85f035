/**
 * What kind of object a file below a place (test/support/sweep-command.ts) is: its path without what differs from one
 * sweep, trial or attempt to the next, and from one file of a model or a source to another: `store/sweeps/kill/results/*.json`,
 * say.
 */
export function objectOf(path: string): string {
  return path
    .replace(/^project\/\.sweepstack\//, '')
    .replace(/^(work)\/[^/]+/, '$1/*')
    .replace(/^(.*\/)?\.sweep-[^/]+\.part$/, '*/.part')
    .replace(/(\.tmp\/)[0-9a-f]+-\d+-[0-9a-f]+/, '$1*')
    .replace(/sweepstack-(.*-)?[0-9A-Za-z]{6}(?=\/|$)/, 'sweepstack-*')
    .replace(/[0-9a-f]{8,}(-[0-9a-f]{4,})*/g, '*')
    .replace(/[0-9]+-[0-9a-f]{6}(?=\/|$)/g, '*')
    .replace(/\d+/g, '*')
    .replace(/(\*[-.])+\*/g, '*')
    .replace(/(?<=\/)(parts\/|data\/)?(score|weights|file|train\.sh)$/, 'file');
}
