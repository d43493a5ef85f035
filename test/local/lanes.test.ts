import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { leaderboardKey } from '../../core/layout/keys.ts';
import { resolveSpec } from '../../core/spec/resolve.ts';
import type { SweepEvent } from '../../core/sweep/events.ts';
import { createHandlers } from '../../lambdas/handlers.ts';
import { runSweep, type SweepRun } from '../../local/run-sweep.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { runTrial } from '../../runner/run-trial.ts';
import { openStore } from '../../storage/open.ts';
import { NEVER, slots } from './fakes.ts';

// Lanes of one slot, with the real runner and real programs.

const SWEEP = 'lanes';
let workdir: string;
let events: SweepEvent[];
let leftOff: AbortController;

beforeEach(async () => {
  workdir = await mkdtemp(join(tmpdir(), 'sweep-lanes-'));
  events = [];
  leftOff = new AbortController();
});
afterEach(() => rm(workdir, { recursive: true, force: true }));

/** `once WHAT` is true for the first program of a trial; `beside N` waits until so many trials have begun. */
const HEAD = `once() { [ ! -e "$SHARED/$1-$X" ] && touch "$SHARED/$1-$X"; }
beside() { touch "$SHARED/began-$X"; until [ "$(ls "$SHARED" | grep -c '^began-')" -ge "$1" ]; do sleep 0.02; done; }
report() { echo "{\\"epoch\\": 1, \\"score\\": $X}" >> "$METRICS_FILE"; }
`;

async function sweep(folder: string, program: string, compute: object, more: Partial<SweepRun> = {}) {
  const at = join(workdir, folder);
  const store = await openStore(pathToFileURL(join(at, 'store')).href);
  const script = join(workdir, 'train.sh');
  await writeFile(script, `${HEAD}${program}`);
  const spec = resolveSpec({
    sweepId: SWEEP,
    search: { space: { x: [1, 2, 3, 4, 5, 6] } },
    objective: { metric: 'score', goal: 'maximize' },
    training: { command: ['sh', script], epochs: 1 },
    compute: { gpus: 0, trialsPerJob: 6, ...compute },
  });
  const run: SweepRun = {
    spec: { ...spec, sweepId: SWEEP },
    store,
    workdir: at,
    cacheFolder: join(at, 'cache'),
    inherited: { PATH: process.env['PATH'], SHARED: workdir },
    slots: { slots: slots(1), requiredGpus: 0, description: '1 CPU slot', lanes: spec.compute.trialsPerGpu ?? 1 },
    builtInCommand: async () => [],
    identifyData: async (uri) => ({ uri, digest: 'd', files: 0, bytes: 0 }),
    signal: NEVER,
    onEvent: (event) => events.push(event),
    createHandlers,
    runTrial,
    graceSeconds: 20,
    ...more,
  };
  return { run, store };
}

const board = async (store: SweepRun['store']) => (await store.get(leaderboardKey(SWEEP)))!.body.toString();
const trialsOf = (type: 'trial-started' | 'trial-interrupted') =>
  events.flatMap((event) => (event.type === type ? [event.trial] : []));

/** Trials that began while no other ran. */
function startedAlone(): number[] {
  const running = new Set<number>();
  return events.flatMap((event) => {
    if (event.type === 'trial-ended' || event.type === 'trial-interrupted') running.delete(event.trial);
    if (event.type !== 'trial-started') return [];
    running.add(event.trial);
    return running.size === 1 ? [event.trial] : [];
  });
}

test('trials that run out of memory or are killed beside others run again alone, and the sweep ends in the same bytes', async () => {
  const program = `[ -z "$LANES" ] || beside 4
if [ -n "$LANES" ]; then case $X in
2) if once oom; then echo 'torch.OutOfMemoryError: CUDA out of memory.' >&2; exit 1; fi ;;
3) if once killed; then kill -9 $$; fi ;;
esac; fi
report
`;
  const packed = await sweep('packed', program, { trialsPerGpu: 4 });
  const inherited = { ...packed.run.inherited, LANES: '4' };
  expect((await runSweep({ ...packed.run, inherited })).status).toBe('succeeded');
  expect(trialsOf('trial-started').slice(0, 4).toSorted()).toEqual([0, 1, 2, 3]);
  expect(trialsOf('trial-interrupted').toSorted()).toEqual([1, 2]);
  expect(startedAlone().toSorted()).toEqual(expect.arrayContaining([1, 2]));
  const { failures } = sweepObjects(packed.store, SWEEP);
  expect(await failures.ofRound(0)).toEqual([]);
  const plain = await sweep('plain', program, {});
  expect((await runSweep(plain.run)).status).toBe('succeeded');
  expect(await board(packed.store)).toBe(await board(plain.store));
});

/** The trials whose checkpoints are written, in the order of their objects, without repeats side by side. */
function watchCheckpoints(store: SweepRun['store']): string[] {
  const seen: string[] = [];
  const heard = (key: string) => {
    const trial = /^checkpoints\/[^/]+\/([^/]+)\//.exec(key)?.[1];
    if (trial !== undefined && seen.at(-1) !== trial) seen.push(trial);
  };
  const { put, upload } = store;
  store.put = (key, ...rest) => {
    heard(key);
    return put.call(store, key, ...rest);
  };
  store.upload = (key, ...rest) => {
    heard(key);
    return upload.call(store, key, ...rest);
  };
  return seen;
}

test('a host that is reclaimed stops all lanes, which store one by one, and each trial goes on from its checkpoint', async () => {
  const program = `beside 4
if [ -e "$CHECKPOINT_DIR/x" ]; then cp "$CHECKPOINT_DIR/x" "$SHARED/went-on-$X"; report; exit 0; fi
[ -e "$SHARED/reclaimed" ] && report && exit 0
trap 'echo "$X" > "$CHECKPOINT_DIR/x"; exit 75' TERM
touch "$SHARED/ready-$X"
while true; do sleep 0.02; done
`;
  const { run, store } = await sweep('host', program, { trialsPerGpu: 4 }, { signal: leftOff.signal });
  const first = runSweep(run);
  const ready = [1, 2, 3, 4].map((x) => join(workdir, `ready-${x}`));
  await expect.poll(() => ready.filter((file) => existsSync(file)), { timeout: 30_000 }).toEqual(ready);
  const stored = watchCheckpoints(store);
  leftOff.abort();
  expect((await first).status).toBe('interrupted');
  expect(stored).toHaveLength(4);
  expect(new Set(stored).size).toBe(4);
  await writeFile(join(workdir, 'reclaimed'), '');
  expect((await runSweep({ ...run, signal: NEVER })).status).toBe('succeeded');
  const texts = [1, 2, 3, 4].map((x) => readFile(join(workdir, `went-on-${x}`), 'utf8'));
  expect(await Promise.all(texts)).toEqual(['1\n', '2\n', '3\n', '4\n']);
  expect(JSON.parse(await board(store)).trials).toHaveLength(6);
});
