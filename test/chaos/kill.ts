import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { uniforms } from '../../core/base/random.ts';
import { Place } from '../support/sweep-command.ts';
import { type Aftermath, aftermathOf, brokenIn, ID } from './kill-aftermath.ts';
import type { KillSwitch, Moment } from './kill-switch.ts';

/** What the runs share: the switch, and whatever Node has compiled already, which halves the time until a first change. */
const shared = mkdtempSync(join(tmpdir(), 'kill-switch-'));
const SWITCH = join(shared, 'kill-switch.mjs');
buildSync({
  ...{ entryPoints: [join(import.meta.dirname, 'kill-switch.ts')], outfile: SWITCH },
  ...{ bundle: true, platform: 'node', format: 'esm' },
});
export const removeSwitch = () => rmSync(shared, { recursive: true, force: true, maxRetries: 5 });

/**
 * Keeps the contract to the letter: goes on from the checkpoint, reports each epoch, and writes the model where an epoch
 * is the best so far. Which one that is depends on x, so that the last epoch's model is not always the right one.
 */
const PROGRAM = `set -e
read -r n best < "$CHECKPOINT_DIR/state" 2>/dev/null || { n=0; best=-1; }
while [ "$n" -lt "$EPOCHS" ]; do
  n=$((n + 1))
  echo "$TRIAL_ID $n" >> "$OUT/epochs"
  score=$(((X * 613 + SEED * 101) % 1009 + (X % 3 - 1) * n * 50 + 1000))
  echo "{\\"epoch\\": $n, \\"score\\": $score}" >> "$METRICS_FILE"
  if [ $score -gt $best ]; then
    best=$score
    mkdir -p "$MODEL_DIR/parts"
    echo "x $X, seed $SEED, epoch $n" > "$MODEL_DIR/weights"
    echo "$best" > "$MODEL_DIR/parts/score"
  fi
  echo "$n $best" > "$CHECKPOINT_DIR/state.new"
  mv "$CHECKPOINT_DIR/state.new" "$CHECKPOINT_DIR/state"
done
`;

const spec = (search: string, training: string, maxParallel = 2) => `name: ${ID}
sweepId: ${ID}
search: { ${search}, space: { x: { min: 1, max: 1000, type: integer } } }
objective: { metric: score }
training: { command: [sh, train.sh], source: ., ${training} }
compute: { maxParallel: ${maxParallel} }
keep: { models: 2 }
`;

const SPECS = {
  rounds: spec('strategy: sobol, trials: 4, rounds: 2, confirm: { top: 2, seeds: 2 }', 'epochs: 2'),
  // One slot, so that its decisions come in one order whatever is killed.
  free: spec(
    'strategy: halving, asynchronous: true, trials: 4, halving: { reduction: 2, minEpochs: 1 }',
    'epochs: 4, data: ./data',
    1,
  ),
} as const;
export type SweepName = keyof typeof SPECS;

/** The `nth` (from 1) change of this name that a run comes by, and the moment of it in which the run is killed. */
export interface KillPoint {
  readonly change: string;
  readonly nth: number;
  readonly moment: Moment;
}

/** The same command again and again: a run is killed at its point, or comes to its end. The last one always does. */
export interface Strike {
  readonly sweep: SweepName;
  readonly runs: readonly (KillPoint | 'whole')[];
}

export function strikeText({ sweep, runs }: Strike): string {
  return `${sweep}: ${runs.map((run) => (run === 'whole' ? run : `${run.moment} ${run.change} ${run.nth}`)).join(', ')}`;
}

/** What `strikeText` wrote. */
export function parseStrike(text: string): Strike {
  const [, sweep, runs] = /^(rounds|free): (.+)$/.exec(text.trim()) ?? [];
  if (sweep === undefined) throw new Error(`KILL_POINTS: received ${text}; allowed: all, or names of tests`);
  return { sweep: sweep as SweepName, runs: runs!.split(', ').map(parseRun) };
}

function parseRun(text: string): KillPoint | 'whole' {
  if (text === 'whole') return text;
  const [, moment, change, nth] = /^(before|half|after) (.+) (\d+)$/.exec(text) ?? [];
  if (moment === undefined)
    throw new Error(`KILL_POINTS: received ${text}; allowed: <moment> <change> <nth>, or whole`);
  return { moment: moment as Moment, change: change!, nth: Number(nth) };
}

/** A run that nothing disturbs, after runs as told. */
export interface Recorded extends Strike {
  /** The run's changes in their order: `<operation> <object>`, and ` half` where one can be cut short. */
  readonly changes: readonly string[];
  readonly aftermath: Aftermath;
  /** Epochs trained in all. */
  readonly epochs: number;
  /** Points that their run did not come by, and so came to its end. */
  readonly missed: readonly KillPoint[];
  /** What was not whole, or not there although something names it, right after a kill. */
  readonly broken: readonly string[];
}

/** Runs the sweep as told, and then to its end. */
export async function strike({ sweep, runs }: Strike): Promise<Recorded> {
  const place = new Place().write({ 'sweep.yaml': SPECS[sweep], 'train.sh': PROGRAM, 'data/file': 'data' });
  mkdirSync(join(place.root, 'tmp'));
  try {
    const missed: KillPoint[] = [];
    const broken: string[] = [];
    for (const at of runs) {
      if (at === 'whole') await run(place, {});
      // In half of them the programs outlive the command for a moment.
      else if (!(await run(place, { at, programs: uniforms(at.nth, at.change, 0, 1)[0]! < 0.5 }))) missed.push(at);
      broken.push(...brokenIn(place));
    }
    await run(place, { log: join(place.out, 'changes') });
    const [changes, epochs] = [place.lines('changes'), place.lines('epochs').length];
    return { sweep, runs, changes, aftermath: await aftermathOf(place), epochs, missed, broken };
  } finally {
    place.remove();
  }
}

/** Whether the run was killed; one that was not has to end well. */
async function run(place: Place, killSwitch: Omit<KillSwitch, 'root'>): Promise<boolean> {
  const { child, ended } = place.start(['run', 'sweep.yaml', '--json'], {
    environment: {
      TMPDIR: join(place.root, 'tmp'),
      NODE_OPTIONS: `--import=${pathToFileURL(SWITCH).href}`,
      NODE_COMPILE_CACHE: shared,
      KILL_SWITCH: JSON.stringify({ root: place.root, ...killSwitch } satisfies KillSwitch),
    },
  });
  const { status, stderr } = await ended;
  if (child.signalCode === 'SIGKILL') return true;
  if (status !== 0) throw new Error(`the command ended with ${status}:\n${stderr}`);
  return false;
}
