import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { uniforms } from '../../core/base/random.ts';
import { resultsPrefix } from '../../core/layout/keys.ts';
import { openStore } from '../../storage/open.ts';
import type { S3Server } from '../support/s3-server.ts';
import { Place, processesWith, type Summary, trialsOf } from '../support/sweep-command.ts';
import { faultProxy } from './fault-proxy.ts';

export const TRIALS = 200;
const EPOCHS = 3;
const SWEEP_ID = 'storm-1';

/**
 * Counts to its epochs, each a moment long, and says in $OUT/epochs which it trained. A signal may hit the subshell that
 * reads the checkpoint: without `set -e` the program would go on with nothing, report nothing and end well, which is a
 * final failure (no-metric).
 */
const PROGRAM = `set -e
from=$(cat "$CHECKPOINT_DIR/epoch" 2>/dev/null || echo 0); n=$from
while [ $n -lt $EPOCHS ]; do
  sleep 0.05
  n=$((n + 1))
  echo "$TRIAL_ID $n" >> "$OUT/epochs"
  echo "{\\"epoch\\": $n, \\"score\\": $((X * n % 1009))}" >> "$METRICS_FILE"
  echo $n > "$CHECKPOINT_DIR/epoch.new" && mv "$CHECKPOINT_DIR/epoch.new" "$CHECKPOINT_DIR/epoch"
done
echo "$X" > "$MODEL_DIR/x.txt"
`;

const spec = (marker: string) => `name: storm
sweepId: ${SWEEP_ID}
search: { strategy: sobol, trials: ${TRIALS}, space: { x: { min: 1, max: 100000, type: integer } } }
objective: { metric: score }
training: { command: [sh, train.sh, ${marker}], source: ., epochs: ${EPOCHS} }
compute: { maxParallel: 4 }
tolerance: { failedTrials: 50% }
`;

/** In Node: the clock jumps by up to an hour, forth and back, five times a second. */
const JUMPING_CLOCK = `const Now = Date; let off = 0;
setInterval(() => { off = (Math.random() - 0.5) * 7.2e6; }, 200).unref();
globalThis.Date = class extends Now {
  constructor(...given) { if (given.length === 0) super(Now.now() + off); else super(...given); }
  static now() { return Now.now() + off; }
};`;

/** In every program's command line, so that one left behind is found among all processes of the machine. */
export const MARKER = `storm-${process.pid}`;

export interface Aftermath {
  readonly leaderboard: string;
  /** Keys of results/, the trials that a result was read of, and what lay about that nobody needs. */
  readonly results: number;
  readonly readable: number;
  readonly leftovers: readonly string[];
  readonly processes: readonly string[];
  readonly runs: number;
  readonly faults: Readonly<Record<string, number>>;
  /** Epochs trained, and those that the sweep needs. */
  readonly trained: number;
  readonly needed: number;
}

/** The sweep without any fault: its leaderboard. */
export async function calm(): Promise<string> {
  const place = new Place().write({ 'sweep.yaml': spec(MARKER), 'train.sh': PROGRAM });
  try {
    return readFileSync((await place.run()).leaderboard, 'utf8');
  } finally {
    place.remove();
  }
}

/**
 * The same sweep under a storm that the seed decides: programs killed and told to end, the whole command killed and
 * interrupted and started again, results cut short and overwritten, a clock that jumps, and, with a server, a store that
 * answers badly. At last the same command in calm weather, until it has nothing left to do.
 */
export async function storm(seed: number, server: S3Server | null): Promise<Aftermath> {
  const place = new Place().write({ 'sweep.yaml': spec(MARKER), 'train.sh': PROGRAM });
  const numbers = uniforms(seed, 'storm', 0, 100_000);
  let drawn = 0;
  const next = () => numbers[drawn++ % numbers.length]!;
  const proxy = server === null ? null : await faultProxy(server.endpoint, 0.02, next);
  const bucket = server === null ? null : `s3://${server.bucket}/storm-${seed}`;
  const storeArguments = bucket === null ? [] : ['--store', bucket];
  const faults: Record<string, number> = {};
  const count = (kind: string) => {
    faults[kind] = (faults[kind] ?? 0) + 1;
  };
  const environment = {
    ...(server === null ? {} : { ...server.environment, AWS_ENDPOINT_URL_S3: proxy!.endpoint }),
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(JUMPING_CLOCK)}`,
  };
  let runs = 0;
  try {
    for (const last of ['SIGKILL', 'SIGINT', 'SIGKILL', null] as const) {
      runs += 1;
      const running = place.start(['run', 'sweep.yaml', '--json', ...storeArguments], { environment, detached: true });
      let over = false;
      void running.ended.then(() => {
        over = true;
      });
      const lasts = 2000 + next() * 3000;
      for (const began = performance.now(); !over && performance.now() - began < lasts; ) {
        await sleep(300 + next() * 900);
        const signal = next() < 0.6 ? 'SIGKILL' : 'SIGTERM';
        if (killOne(place, signal, next())) count(`program ${signal}`);
      }
      if (last !== null && !over) {
        count(`sweep ${last}`);
        // Of SIGKILL the whole group gets to hear nothing; of Ctrl-C each.
        process.kill(last === 'SIGKILL' ? -running.child.pid! : running.child.pid!, last);
      }
      await running.ended;
      for (let spoilt = 0; spoilt < 2; spoilt++) if (await spoilOne(place, bucket, next)) count('result spoilt');
    }
    proxy?.calm();
    let summary: Summary;
    do {
      summary = await place.run(storeArguments, server === null ? {} : { environment: { ...server.environment } });
      if (++runs > 12 && summary.trials.failed > 0) {
        const failed = trialsOf(summary).filter(({ status }) => status !== 'succeeded');
        throw new Error(`after ${runs} runs there are still failures: ${JSON.stringify(failed)}`);
      }
    } while (summary.trials.failed > 0);
    const store = await openStore(bucket ?? `file://${join(place.project, '.sweepstack/store')}`);
    const results = await Array.fromAsync(store.list(resultsPrefix(SWEEP_ID)));
    const epochs = place.lines('epochs').length;
    return {
      leaderboard: readFileSync(summary.leaderboard, 'utf8'),
      results: results.length,
      readable: trialsOf(summary).filter(({ status }) => status === 'succeeded').length,
      leftovers: await leftoversOf(place, bucket),
      processes: processesWith(place.root),
      runs,
      faults: { ...faults, ...proxy?.faults },
      trained: epochs,
      needed: TRIALS * EPOCHS,
    };
  } finally {
    await proxy?.stop();
    place.remove();
  }
}

const sleep = (milliseconds: number) => new Promise((next) => setTimeout(next, milliseconds));

/** Sends a signal to one of the training programs that run; whether there was one. */
function killOne(place: Place, signal: NodeJS.Signals, which: number): boolean {
  const pids = processesWith(`train.sh ${MARKER}`)
    .filter((line) => /^\d+: sh train\.sh/.test(line) && ofPlace(place, Number.parseInt(line, 10)))
    .map((line) => Number.parseInt(line, 10));
  const pid = pids[Math.floor(which * pids.length)];
  if (pid === undefined) return false;
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false; // it has just ended
  }
}

function ofPlace(place: Place, pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(place.root);
  } catch {
    return false;
  }
}

/** Cuts a result short or overwrites it with something that is none; whether there was one. */
async function spoilOne(place: Place, bucket: string | null, next: () => number): Promise<boolean> {
  const torn = next() < 0.5;
  const which = next();
  if (bucket === null) {
    const folder = join(place.project, '.sweepstack/store', resultsPrefix(SWEEP_ID));
    const names = safely(() => readdirSync(folder)) ?? [];
    const name = names[Math.floor(which * names.length)];
    if (name === undefined) return false;
    const file = join(folder, name);
    writeFileSync(file, torn ? readFileSync(file).subarray(0, 40) : '{"status": "succeeded", "value": 1e9}');
    return true;
  }
  const store = await openStore(bucket);
  const keys = await Array.fromAsync(store.list(resultsPrefix(SWEEP_ID)));
  const found = keys[Math.floor(which * keys.length)];
  if (found === undefined) return false;
  const body = (await store.get(found.key))!.body;
  await store.put(found.key, torn ? body.subarray(0, 40) : '{"status": "succeeded", "value": 1e9}');
  return true;
}

/** Temporary objects and files, locks and work folders that outlived the sweep. */
async function leftoversOf(place: Place, bucket: string | null): Promise<string[]> {
  const workdir = join(place.project, '.sweepstack');
  const files = (readdirSync(workdir, { recursive: true }) as string[]).filter(
    (name) => /^work\/./.test(name) || /\.tmp\/./.test(name) || /lock\.json$/.test(name),
  );
  if (bucket === null) return files;
  const keys = await Array.fromAsync((await openStore(bucket)).list(''));
  return [...files, ...keys.map(({ key }) => key).filter((key) => /lock\.json$|\.tmp/.test(key))];
}

function safely<T>(make: () => T): T | null {
  try {
    return make();
  } catch {
    return null;
  }
}
