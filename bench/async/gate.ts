import { bitmapOf } from '../../core/base/bitmap.ts';
import { claimKey, objectText, pointObjectKey, waveKey } from '../../core/layout/asynchronous.ts';
import { resultKey } from '../../core/layout/keys.ts';
import { gate } from '../../core/search/asynchronous/gate.ts';
import { Memory } from '../../core/search/asynchronous/memory.ts';
import type { StoreCall, StoreReply, StoreWork } from '../../core/search/asynchronous/store-calls.ts';
import { bracketOf } from '../../core/search/asynchronous/sweep.ts';
import { distinctPoints } from '../../core/search/propose.ts';
import { MemoryStore } from '../../test/core/search/asynchronous/memory-store.ts';
import { sweepOf } from '../../test/core/search/asynchronous/scenarios.ts';
import { resultBody } from '../../test/core/search/asynchronous/simulation.ts';

// What one gate asks of a bucket, late in a search by 256 children, and what all gates of the search cost.
//   node tools/node24.mjs --install bench/async/gate.ts

const CHILDREN = 256;
const PAGE = 1000;
/** Milliseconds that S3 takes to answer a small request and a page of a listing, and requests of a kind at once. */
const [REQUEST_MS, PAGE_MS, AT_ONCE] = [20, 100, 64];
/** Dollars for 1,000 requests in us-east-1: https://aws.amazon.com/s3/pricing/ */
const [GET_PRICE, PUT_PRICE] = [0.0004, 0.005];

interface Count {
  gets: number;
  lists: number;
  puts: number;
  milliseconds: number;
}

function perform<Result>(store: MemoryStore, work: StoreWork<Result>, count: Count): Result {
  let next = work.next();
  while (!next.done) next = work.next(answer(store, next.value, count));
  return next.value;
}

function answer(store: MemoryStore, call: StoreCall, count: Count): StoreReply {
  switch (call.call) {
    case 'read':
      count.gets += call.keys.length;
      count.milliseconds += Math.ceil(call.keys.length / AT_ONCE) * REQUEST_MS;
      return { objects: call.keys.map((key) => store.read(key)) };
    case 'list': {
      const keys = store.keys(call.prefix);
      const pages = Math.max(1, Math.ceil(keys.length / PAGE));
      count.lists += pages;
      count.milliseconds += pages * PAGE_MS;
      return { keys };
    }
    default:
      count.puts += 1;
      count.milliseconds += REQUEST_MS;
      return {
        done:
          call.call === 'create' ? store.create(call.key, call.body) : store.replace(call.key, call.body, call.etag),
      };
  }
}

/** A search of so many trials in which all but the last of each child have ended. */
function late(trials: number) {
  const sweep = sweepOf({
    search: { strategy: 'bayesian', trials, space: { x: { min: 0, max: 1 }, y: { min: 0, max: 1 } } },
    compute: { attempts: 3 },
    tolerance: { failedTrials: '100%' },
  });
  const store = new MemoryStore();
  const { sweepId, spec } = sweep;
  const wave = { wave: 0, execution: 'e', round: 0, children: CHILDREN, dead: [], closed: null };
  store.put(waveKey(sweepId), objectText({ ...wave, before: { results: 0, starts: 0 } }));
  const { seed } = spec.search;
  const wanted = { space: sweep.space, strategy: 'sobol' as const, seed, goal: spec.objective.goal, initial: [] };
  let number = 0;
  const begun = trials - 1;
  const running = Math.min(CHILDREN, Math.floor(trials / 2));
  const seen = { numbers: trials, points: bitmapOf([]), budgets: [] };
  for (const parameters of distinctPoints({ ...wanted, history: [], skip: 0, count: 1 })) {
    if (number >= begun) break;
    const epochs = spec.training.epochs;
    const trialId = sweep.trialId(parameters);
    const claim = { number, epochs, generation: 1 };
    const owner = { owner: `job:${number % CHILDREN}`, attempt: 1, host: 'h', since: '', seen };
    store.put(claimKey(sweepId, claim), objectText(owner));
    store.put(
      pointObjectKey(sweepId, trialId),
      objectText({ number, bracket: bracketOf(spec, number), parameters, passed: 0 }),
    );
    if (number < begun - running)
      store.put(resultKey(sweepId, trialId, epochs), resultBody(sweep, claim, trialId, number / trials));
    number += 1;
  }
  return { sweep, store, running };
}

console.log(
  '| trials | requests of a gate | its first in a process | seconds of a gate | requests of the search | cost |',
);
console.log('| --- | --- | --- | --- | --- | --- |');
for (const trials of [100, 1000, 10_000]) {
  const { sweep, store, running } = late(trials);
  const memory = new Memory();
  const me = {
    ...{ wave: 0, execution: 'e', owner: `job:${CHILDREN}`, index: 0, attempt: 1, host: 'h' },
    ...{ lanes: 1, inHand: new Set<string>() },
  };
  const empty = () => ({ gets: 0, lists: 0, puts: 0, milliseconds: 0 });
  const first = empty();
  const turn = perform(store, gate(sweep, me, memory, ''), first);
  if (turn.kind !== 'train') throw new Error('the gate should have found the last trial');
  // Until its next gate a child's neighbours have each ended one unit and begun another: bodies it has not read.
  const next = { ...empty(), lists: first.lists, gets: 4 + 3 * running, puts: first.puts };
  next.milliseconds = next.lists * PAGE_MS + (2 + 3 * Math.ceil(running / AT_ONCE) + next.puts) * REQUEST_MS;
  // A child reads each point, result and claim once; listings grow from one page to those of the end.
  const children = Math.min(CHILDREN, trials);
  const gets = children * 3 * trials + trials * 4;
  const lists = (trials * (3 + first.lists)) / 2;
  const puts = 3 * trials;
  const dollars = (gets * GET_PRICE + (lists + puts) * PUT_PRICE) / 1000;
  const shown = [next.gets + next.lists + next.puts, first.gets + first.lists + first.puts];
  console.log(
    `| ${[trials.toLocaleString('en-US'), ...shown.map((n) => n.toLocaleString('en-US')), (next.milliseconds / 1000).toFixed(1), Math.round(gets + lists + puts).toLocaleString('en-US'), `$${dollars.toFixed(2)}`].join(' | ')} |`,
  );
}
