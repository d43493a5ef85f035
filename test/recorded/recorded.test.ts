// What a sweep plans, names and ranks is a promise to whoever resumes one: these bytes may not change unless somebody
// means them to. A difference shows what moved; `vitest run test/recorded -u` records anew, and the records are read in
// review. A new key of the spec that is left at its default must change nothing here.
import { expect, test } from 'vitest';
import { sha256 } from '../../core/base/digest.ts';
import { leaderboardCsvKey, leaderboardKey, roundPrefix } from '../../core/layout/keys.ts';
import { proposeNext } from '../../core/search/next-round.ts';
import { resolveSpec } from '../../core/spec/resolve.ts';
import { defaultSweepId } from '../../core/sweep/identity.ts';
import type { ManifestTrial } from '../../core/trial/manifest.ts';
import { type Bench, bench, finish, submitted, train } from '../lambdas/support.ts';
import { CASES, type Case, wave } from './cases.ts';

const EXCERPT = 3;

test.each(CASES)('$name', async (one) => {
  await expect(await record(one)).toMatchFileSnapshot(`./${one.name}.txt`);
});

/** Runs the sweep through the functions of its state machine, and writes down what it left. */
async function record({ spec, earlier = [], objective = wave }: Case): Promise<string> {
  const setup = bench();
  const value = ({ parameters, seed = 0 }: ManifestTrial) => objective(parameters, seed);
  for (const [index, before] of earlier.entries())
    await sweepOf(setup, { ...withData(before), sweepId: `earlier-${index}` }, value);
  const input = { ...withData(spec), sweepId: 'recorded' };
  const rounds = await sweepOf(setup, input, value);
  const resolved = resolveSpec(input);
  const { sweepId: _, ...unnamed } = resolved;
  const text = [`sweep id: ${defaultSweepId(resolveSpec(unnamed), 'd1')}`];
  for (const round of rounds.keys())
    for await (const { key } of setup.store.list(roundPrefix('recorded', round)))
      if (/\/(shard-\d+|round)\.json$/.test(key)) text.push(await file(setup, key));
  for (const key of [leaderboardKey('recorded'), leaderboardCsvKey('recorded')]) text.push(await file(setup, key));
  const history = rounds.flat().map((trial) => ({ ...trial, value: value(trial) }));
  for (const [title, known] of [
    ['proposals at the start', []],
    ['proposals after half of it', history.slice(0, history.length >> 1)],
    ['proposals at the end', history],
  ] as const) {
    const proposals = proposeNext(resolved, known, 5);
    text.push(excerpt(title, proposals.map((proposal) => `${JSON.stringify(proposal)}\n`).join('')));
  }
  return `${text.join('\n\n')}\n`;
}

const withData = (spec: object) => ({ name: 'digits', training: { data: 's3://bucket/data', epochs: 3 }, ...spec });

/** Every round of a sweep to its end; the trials of each. */
async function sweepOf(
  setup: Bench,
  input: object,
  value: (trial: ManifestTrial) => number | null,
): Promise<ManifestTrial[][]> {
  const rounds: ManifestTrial[][] = [];
  let reused = 0;
  for (let round = 0; ; round++) {
    const planned = await setup.plan(input, round, 'e1', reused);
    reused = planned.reused;
    rounds.push(await submitted(setup, planned));
    await train(setup, planned, value);
    const { selected } = await finish(setup, planned, 'e1');
    if (selected.decision !== 'round') return rounds;
  }
}

async function file({ store }: Bench, key: string): Promise<string> {
  const object = await store.get(key);
  return excerpt(key.replace('sweeps/recorded/', ''), object!.body.toString());
}

/** A text by its digest, and its first lines for a reader: long ones are cut. */
function excerpt(title: string, text: string): string {
  const lines = text.split('\n').map((line) => line.trimEnd());
  const shown = lines.slice(0, title.endsWith('.json') && !title.includes('shard') ? 12 : EXCERPT);
  const head = `${title}: sha256 ${sha256(text).slice(0, 32)}, ${Buffer.byteLength(text)} bytes`;
  return [head, ...shown.map((line) => `  ${line.length > 160 ? `${line.slice(0, 157)}...` : line}`)]
    .join('\n')
    .trimEnd();
}
