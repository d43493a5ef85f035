import { expect, test } from 'vitest';
import {
  claimKey,
  claimsPrefix,
  controlKey,
  endedKey,
  endedSchema,
  noPointKey,
  objectText,
  parseObject,
  pointObjectKey,
  pointSchema,
  pointsPrefix,
  releaseKey,
  type Wave,
  waveKey,
  waveSchema,
} from '../../../../core/layout/asynchronous.ts';
import { resultKey, resultsPrefix } from '../../../../core/layout/keys.ts';
import type { Child } from '../../../../core/search/asynchronous/choice.ts';
import { gate, type Turn } from '../../../../core/search/asynchronous/gate.ts';
import { unitName } from '../../../../core/search/asynchronous/known.ts';
import { Memory } from '../../../../core/search/asynchronous/memory.ts';
import type { StoreCall, StoreReply, StoreWork } from '../../../../core/search/asynchronous/store-calls.ts';
import type { AsynchronousSweep } from '../../../../core/search/asynchronous/sweep.ts';
import { verify } from '../../../../core/search/asynchronous/verify.ts';
import { MemoryStore } from './memory-store.ts';
import { asha, bayesian, sweepOf } from './scenarios.ts';
import { decidedIn, resultBody } from './simulation.ts';

const wave: Wave = {
  ...{ wave: 0, execution: 'e', round: 0, children: 2, dead: [], closed: null },
  before: { results: 0, starts: 0 },
};
const child = (index: number, attempt = 1): Child => ({
  ...{ wave: 0, execution: 'e', owner: `array:${index}`, index, attempt, host: 'h' },
  ...{ lanes: 1, inHand: new Set<string>() },
});

function storeOf(of: Wave = wave): MemoryStore {
  const store = new MemoryStore();
  store.put(waveKey('sim'), objectText(of));
  return store;
}

/** Performs the calls at once; `before` each of them something else may happen. */
function through<Result>(store: MemoryStore, work: StoreWork<Result>, before: (call: StoreCall) => void = () => {}) {
  const answer = (call: StoreCall): StoreReply => {
    before(call);
    if (call.call === 'read') return { objects: call.keys.map((key) => store.read(key)) };
    if (call.call === 'list') return { keys: store.page(call.prefix, '', 100_000) };
    if (call.call === 'create') return { done: store.create(call.key, call.body) };
    return { done: store.replace(call.key, call.body, call.etag) };
  };
  let next = work.next();
  while (!next.done) next = work.next(answer(next.value));
  return next.value;
}

const ask = (store: MemoryStore, sweep: AsynchronousSweep, me: Child, before?: (call: StoreCall) => void): Turn =>
  through(store, gate(sweep, me, new Memory(), 'now'), before);

type Trained = Extract<Turn, { kind: 'train' }>;

function trained(turn: Turn): Trained {
  if (turn.kind !== 'train') throw new Error(turn.because);
  return turn;
}

test('results are listed before claims, and claims before points', () => {
  const listed: string[] = [];
  ask(storeOf(), asha(9), child(0), (call) => {
    if (call.call === 'list') listed.push(call.prefix);
  });
  expect(listed).toEqual([resultsPrefix('sim'), claimsPrefix('sim'), pointsPrefix('sim')]);
});

test('two children train different numbers at different points', () => {
  const [store, sweep] = [storeOf(), asha(9)];
  const [first, second] = [0, 1].map((index) => trained(ask(store, sweep, child(index))));
  expect([first!.claim.number, second!.claim.number]).toEqual([0, 1]);
  expect(first!.trialId).not.toBe(second!.trialId);
});

test('a child that leaves gives up what it began', () => {
  const [store, sweep] = [storeOf(), asha(9)];
  const { claim } = trained(ask(store, sweep, child(0)));
  store.put(waveKey('sim'), objectText({ ...wave, closed: 'attempts' }));
  expect(ask(store, sweep, child(1)).kind).toBe('exit');
  expect(store.read(releaseKey('sim', claim))).toBeNull();
  expect(ask(store, sweep, child(0, 2)).kind).toBe('exit');
  expect(store.read(releaseKey('sim', claim))).not.toBeNull();
});

/** A child of two lanes that trains what it was given in its first one. */
const packed = (first: Trained, attempt = 1): Child => ({
  ...child(0, attempt),
  lanes: 2,
  inHand: new Set([unitName(first.claim)]),
});

test('a lane takes what no other has, and one that leaves gives up nothing that another lane of its child trains', () => {
  const [store, sweep] = [storeOf(), asha(9)];
  const first = trained(ask(store, sweep, child(0)));
  const second = trained(ask(store, sweep, packed(first)));
  expect([first, second].map(({ claim }) => claim.number)).toEqual([0, 2]);
  store.put(waveKey('sim'), objectText({ ...wave, closed: 'attempts' }));
  expect(ask(store, sweep, packed(first)).kind).toBe('exit');
  expect(store.read(releaseKey('sim', first.claim))).toBeNull();
  expect(store.read(releaseKey('sim', second.claim))).not.toBeNull();
});

test('the next attempt of a child goes on with what every lane of the one before had begun', () => {
  const [store, sweep] = [storeOf(), asha(9)];
  const first = trained(ask(store, sweep, child(0)));
  const second = trained(ask(store, sweep, packed(first)));
  const again = trained(ask(store, sweep, { ...child(0, 2), lanes: 2 }));
  expect([again, trained(ask(store, sweep, packed(again, 2)))].map(({ claim }) => claim)).toEqual(
    [first, second].map(({ claim }) => ({ ...claim, generation: 2 })),
  );
});

test('the last start of a unit is known as such, and no first one is', () => {
  const [store, sweep] = [storeOf(), asha(9)];
  const starts = [1, 2, 3].map((attempt) => trained(ask(store, sweep, child(0, attempt))));
  expect(starts.map(({ claim }) => claim.generation)).toEqual([1, 2, 3]);
  expect(starts.map(({ isLastStart }) => isLastStart)).toEqual([false, false, true]);
  // This attempt's own claim, of which it never heard.
  expect(trained(ask(store, sweep, child(0, 3))).isLastStart).toBe(true);
});

test('a claim that was lost while its trial trains is put again by another lane, which trains something else', () => {
  const [store, sweep] = [storeOf(), asha(9)];
  const first = trained(ask(store, sweep, child(0)));
  store.remove(claimKey('sim', first.claim));
  expect(trained(ask(store, sweep, packed(first))).claim.number).toBe(2);
  expect(decidedIn(store, 'sim').claims.map(({ number, claim }) => [number, claim.lost])).toEqual([
    [0, true],
    [2, undefined],
  ]);
});

test('orders that are damaged hold everything back, as a pause would', () => {
  const [store, sweep] = [storeOf(), asha(9)];
  const { claim } = trained(ask(store, sweep, child(0)));
  store.put(controlKey('sim'), '{"paused":');
  expect(ask(store, sweep, child(0)).kind).toBe('exit');
  expect(store.read(releaseKey('sim', claim))).not.toBeNull();
  expect(parseObject(waveSchema, waveKey('sim'), store.read(waveKey('sim'))!.body).closed).toBe('paused');
  expect(ask(store, sweep, child(1)).kind).toBe('exit');
  expect(store.keys(claimsPrefix('sim'))).toHaveLength(2);
});

test('a point that another number has taken is passed over, and the claim finished later comes to the same one', () => {
  const sweep = bayesian(30);
  const free = trained(ask(storeOf(), sweep, child(0)));
  const store = storeOf();
  const taken = { number: 7, bracket: 0, parameters: { ...free.parameters }, passed: 0 };
  store.put(pointObjectKey('sim', free.trialId), objectText(taken));
  const turn = trained(ask(store, sweep, child(0)));
  expect(turn.trialId).not.toBe(free.trialId);
  const key = pointObjectKey('sim', turn.trialId);
  const point = store.read(key)!.body;
  expect(parseObject(pointSchema, key, point)).toMatchObject({ number: 0, passed: 1 });
  store.remove(key);
  expect(trained(ask(store, sweep, child(0, 2))).trialId).toBe(turn.trialId);
  expect(store.read(key)!.body).toBe(point);
});

test('a number for which the space has no point is void, and no further one begins', () => {
  // Six digits do not divide this range: it has one point.
  const space = { x: { min: 1, max: 1.000001 } };
  const sweep = sweepOf({ search: { strategy: 'random', trials: 9, space } });
  const store = storeOf();
  trained(ask(store, sweep, child(0)));
  expect(ask(store, sweep, child(1)).kind).toBe('exit');
  expect(store.keys(pointsPrefix('sim'))).toContain(noPointKey('sim', 1));
  expect(store.keys(claimsPrefix('sim'))).toHaveLength(2);
});

test('a first claim that was lost is put anew as such, and its point and result stay what they were', () => {
  const [store, sweep] = [storeOf(), bayesian(30)];
  const begun = [0, 1].map((index) => trained(ask(store, sweep, child(index))));
  const [{ claim, trialId }, running] = begun as [Trained, Trained];
  store.put(resultKey('sim', trialId, claim.epochs), resultBody(sweep, claim, trialId, 0.5));
  for (const each of [claim, running.claim]) store.remove(claimKey('sim', each));
  const again = [0, 1].map((index) => trained(ask(store, sweep, { ...child(index), owner: `later:${index}` })));
  expect(again.map((turn) => [turn.claim, turn.trialId])).toEqual(begun.map((turn) => [turn.claim, turn.trialId]));
  const decided = decidedIn(store, 'sim');
  expect(decided.claims.map((each) => each.claim.lost)).toEqual([true, true]);
  expect(verify(sweep, decided)).toMatchObject({
    lost: ['trial 0 to 10 epochs', 'trial 1 to 10 epochs'],
    disagreements: [],
  });
});

test('a unit that has ended since its results were listed is not trained again', () => {
  const [store, sweep] = [storeOf({ ...wave, dead: ['old'] }), asha(1)];
  const old = trained(ask(storeOf(), sweep, child(0)));
  through(store, gate(sweep, { ...child(0), owner: 'live:0' }, new Memory(), 'now'));
  store.put(waveKey('sim'), objectText({ ...wave, dead: ['live'] }));
  const late = resultBody(sweep, old.claim, old.trialId, 0.5);
  const turn = ask(store, sweep, child(0), (call) => {
    const second = claimKey('sim', { ...old.claim, generation: 2 });
    if (call.call === 'create' && call.key === second) store.put(resultKey('sim', old.trialId, 1), late);
  });
  expect(trained(turn).claim).toEqual({ number: 0, epochs: 3, generation: 1 });
});

test('the first child that finds a reason ends the search for all', () => {
  const sweep = sweepOf({
    search: { strategy: 'bayesian', trials: 9, space: { x: { min: 0, max: 1 } }, stop: { value: 0.9 } },
  });
  const store = storeOf();
  const { claim, trialId } = trained(ask(store, sweep, child(0)));
  store.put(resultKey('sim', trialId, claim.epochs), resultBody(sweep, claim, trialId, 0.95));
  expect(ask(store, sweep, child(1))).toMatchObject({ kind: 'exit', because: expect.stringContaining('0.95') });
  expect(store.read(endedKey('sim'))).not.toBeNull();
});

test('a budget that has ended ends the search, and a child gives up what it began', () => {
  const [store, sweep] = [storeOf(), asha(9)];
  const { claim } = trained(ask(store, sweep, child(0)));
  const spent = gate(sweep, child(0), new Memory(), 'now', 'the hours are up');
  expect(through(store, spent)).toEqual({ kind: 'exit', because: 'the hours are up' });
  expect(store.read(releaseKey('sim', claim))).not.toBeNull();
  const ended = parseObject(endedSchema, endedKey('sim'), store.read(endedKey('sim'))!.body);
  expect(ended).toMatchObject({ reason: 'budget', because: 'the hours are up' });
});

test('a search that has nothing left was not ended by its budget', () => {
  const [store, sweep] = [storeOf(), sweepOf({ search: { strategy: 'random', trials: 1, space: { x: [1, 2] } } })];
  const { claim, trialId } = trained(ask(store, sweep, child(0)));
  store.put(resultKey('sim', trialId, claim.epochs), resultBody(sweep, claim, trialId, 0.5));
  expect(through(store, gate(sweep, child(0), new Memory(), 'now', 'the hours are up')).kind).toBe('exit');
  expect(store.read(endedKey('sim'))).toBeNull();
});
