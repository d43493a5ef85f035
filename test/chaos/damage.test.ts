import { afterAll, describe, expect, test } from 'vitest';
import { uniforms } from '../../core/base/random.ts';
import * as inputs from '../../core/layout/inputs.ts';
import * as keys from '../../core/layout/keys.ts';
import { type DamagePlace, finished, halfDone, ID, obey, removePlaces, SPECS, wrongWords } from './damage.ts';
import { DAMAGES } from './damage-kinds.ts';
import { objectOf } from './kill-objects.ts';

// Every kind of object of a sweep is cut, emptied, filled with zeros, changed in one bit and removed, in a sweep that is
// finished or in one that was killed halfway; then people look at it, and the same spec is run again. The object and the
// bit are chosen by a seed, as is the sweep. DAMAGE_SEEDS=50 takes 50 choices of each; CONTRIBUTING.md tells more.

const SEEDS = Number(process.env['DAMAGE_SEEDS'] ?? 1);

afterAll(removePlaces);

const sweeps = {
  finished: await finished(SPECS['in rounds']),
  'half-done': await halfDone(SPECS['in rounds']),
  'finished without rounds': await finished(SPECS['without rounds']),
  'half-done without rounds': await halfDone(SPECS['without rounds']),
};
type State = keyof typeof sweeps;
const kinds = new Map<string, { readonly state: State; readonly key: string }[]>();
for (const state of Object.keys(sweeps) as State[])
  for (const key of await sweeps[state].keys()) {
    const kind = objectOf(key);
    kinds.set(kind, [...(kinds.get(kind) ?? []), { state, key }]);
  }

/** What the sweep finds when nothing was damaged. */
const found = (place: DamagePlace) => {
  const { parameters, value, trialId } = JSON.parse(place.read(keys.bestKey(ID)).toString());
  const champion = JSON.parse(place.read(keys.championKey(ID)).toString());
  return {
    leaderboard: place.read(keys.leaderboardKey(ID)).toString(),
    best: { parameters, value, trialId },
    champion: { trialId: champion.trialId, value: champion.value, model: champion.model },
  };
};
const truths = new Map([
  [SPECS['in rounds'], found(sweeps.finished)],
  [SPECS['without rounds'], found(sweeps['finished without rounds'])],
]);
const truthOf = ({ spec }: DamagePlace) => truths.get(spec);

/** Damages an object of the kind, and does all that people do then; what went wrong. */
async function mishap(kind: string, how: string, seed: number): Promise<string | null> {
  const places = kinds.get(kind)!;
  const { state, key } = places[Math.floor(uniforms(seed, `${kind} ${how}`, 0, 1)[0]! * places.length)]!;
  const place = sweeps[state].copy();
  const whole = place.read(key);
  place.damage(key, DAMAGES[how]!(whole, seed));
  const wrong = (what: string, error: unknown) => {
    const words = wrongWords(error, key);
    return words === null ? null : `${state}, ${key}, ${what}: ${words}`;
  };
  for (const [look, error] of await place.look()) {
    // Where nothing was judged yet there is no leaderboard to show.
    if (how === 'removed' && /has no (leaderboard|trials) yet|received the trial/.test((error as Error).message))
      continue;
    const words = wrong(look, error);
    if (words !== null) return words;
  }
  const run = () => place.run().catch((error: Error) => error);
  const refusal = await run();
  if (refusal !== null) {
    const words = wrong('run', refusal);
    if (words !== null) return words;
    await obey(place, refusal, key, whole);
    const again = await run();
    if (again !== null)
      return `${state}, ${key}: its own remedy does not mend it: ${refusal.message}; ${again.message}`;
  }
  expect(found(place), `${state}, ${key}`).toEqual(truthOf(place));
  // Of a unit that has ended nothing but verify reads the claim.
  const disagreements = await place.disagreements().catch((error: unknown) => wrong('verify', error) ?? []);
  expect(disagreements, `${state}, ${key}`).toEqual([]);
  for (const [look, error] of await place.look()) return `${state}, ${key}, ${look} after the run: ${error}`;
  return null;
}

describe.each([...kinds.keys()])('%s', (kind) => {
  test.each(Object.keys(DAMAGES))('%s', { timeout: 60_000 * SEEDS }, async (how) => {
    for (let seed = 0; seed < SEEDS; seed++) expect(await mishap(kind, how, seed)).toBeNull();
  });
});

test('every key that a sweep can have is among them', () => {
  const named = Object.entries({ ...keys, ...inputs }).filter(([name]) => /^(?!parse).*(Key|Prefix)$/.test(name));
  const missing = named.filter(([name, make]) => {
    // Numbers in place of ids: `objectOf` makes them alike. What `sweep start` uploads as data is no sweep's own, and these
    // sweeps have no budget (test/lambdas/budget).
    const others = [
      'dataIndexKey',
      'dataListKey',
      'firstStartKey',
      'budgetEndKey',
      'budgetPricesKey',
      'startsPrefix',
      'pricesKey',
    ];
    if (typeof make !== 'function' || others.includes(name)) return false;
    const counted = '0'.repeat(64);
    const parts =
      name === 'sourceKey'
        ? [{ counted, content: counted }]
        : name === 'sourceListKey'
          ? [`sources/${counted}.tgz`]
          : name.startsWith('champion')
            ? [ID, ID, 0, 0]
            : [ID, 0, 0, 0];
    const object = objectOf((make as (...parts: unknown[]) => string)(...parts));
    return ![...kinds.keys()].some((kind) => kind.startsWith(object));
  });
  expect(missing.map(([name]) => name)).toEqual([]);
});

test.each(['half-done', 'half-done without rounds'] as const)(
  'one that nothing damaged goes on as it is: %s',
  async (state) => {
    const place = sweeps[state].copy();
    expect((await place.look()).size).toBe(0);
    await place.run();
    expect(found(place)).toEqual(truthOf(place));
    expect(place.notes).toEqual([]);
  },
);
