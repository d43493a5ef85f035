// What halving and training.stop save: epochs trained, and the winner's accuracy, beside random search at full budget.
// Real trainings (mlp.py) through the real command, the same trials for each of them. The winner's own number is the
// luckiest of many; so each winner is trained again from AGAIN new seeds, with all epochs, which count for nobody.
//
//   node tools/node24.mjs --install bench/halving/run.ts [seeds] [first seed] [trials]
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../tools/run.ts';
import { uvCommand } from '../../tools/uv.ts';

const seeds = Number(process.argv[2] ?? 5);
const firstSeed = Number(process.argv[3] ?? 0);
const TRIALS = Number(process.argv[4] ?? 27);
const EPOCHS = 27;
const ROUNDS = TRIALS / 3;
const AGAIN = 5;

interface Method {
  readonly search: object;
  readonly stop?: object;
}

const METHODS: Readonly<Record<string, Method>> = {
  'random, all epochs': { search: { strategy: 'random' } },
  'halving by 3': { search: { strategy: 'halving', halving: { proposals: 'random' } } },
  'random, median from epoch 3': median(3),
  'random, median from epoch 1': median(1),
  'random, median from epoch 3 and patience 5': median(3, { patience: 5 }),
};

function median(minEpochs: number, further: object = {}): Method {
  return { search: { strategy: 'random', rounds: ROUNDS }, stop: { median: true, minEpochs, ...further } };
}

interface Found {
  readonly epochs: number;
  readonly value: number;
  /** Mean of the winner's trainings from new seeds. */
  readonly again: number;
}

const project = join(root, 'bench/search');
const python = join(project, '.venv/bin/python');
run(await uvCommand(), ['sync', '--frozen', '--project', project]);
run(process.execPath, [join(root, 'tools/build.ts')]);
const mean = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
const found = new Map<string, Found[]>();
for (let seed = firstSeed; seed < firstSeed + seeds; seed++)
  for (const [name, method] of Object.entries(METHODS))
    found.set(name, [...(found.get(name) ?? []), sweep(method, seed)]);

const baseline = [...found.values()][0]!;
console.log(
  `${TRIALS} trials, at most ${EPOCHS} epochs each, ${ROUNDS} rounds where a median is asked, ${seeds} seeds from ${firstSeed}\n`,
);
console.log('| search | epochs trained | of random | winner, mean | trained again, mean | less than random by seed |');
console.log('| --- | --- | --- | --- | --- | --- |');
for (const [name, runs] of found) {
  const epochs = mean(runs.map((one) => one.epochs));
  const share = (100 * epochs) / mean(baseline.map((one) => one.epochs));
  const numbers = [mean(runs.map(({ value }) => value)), mean(runs.map(({ again }) => again))];
  const less = runs.map(({ again }, index) => (baseline[index]!.again - again).toFixed(4)).join(', ');
  const shown = numbers.map((number) => number.toFixed(4)).join(' | ');
  console.log(`| ${name} | ${epochs.toFixed(0)} | ${share.toFixed(0)} % | ${shown} | ${less} |`);
}

/** Epochs that were trained, by the programs' own count, and the winner's accuracy. */
function sweep({ search, stop }: Method, seed: number): Found {
  const folder = mkdtempSync(join(tmpdir(), 'sweepstack-bench-'));
  try {
    const [log, digits] = [join(folder, 'epochs'), join(folder, 'digits.npz')];
    const save =
      'import sys, numpy, sklearn.datasets as d; x, y = d.load_digits(return_X_y=True); numpy.savez(sys.argv[1], x=x, y=y)';
    run(python, ['-c', save, digits]);
    copyFileSync(join(root, 'bench/halving/mlp.py'), join(folder, 'mlp.py'));
    writeFileSync(join(folder, '.sweepignore'), 'epochs\ndigits.npz\n');
    const spec = {
      name: 'bench',
      search: {
        ...search,
        trials: TRIALS,
        seed,
        space: {
          learning_rate: { min: 0.00001, max: 1, scale: 'log' },
          alpha: { min: 0.000001, max: 1, scale: 'log' },
          width: { min: 8, max: 128, type: 'integer', scale: 'log' },
          depth: [1, 2, 3],
          batch_size: [16, 32, 64, 128],
        },
      },
      training: { command: [python, 'mlp.py', log, digits], source: '.', epochs: EPOCHS, ...(stop && { stop }) },
    };
    writeFileSync(join(folder, 'sweep.yaml'), JSON.stringify(spec));
    const out = run(process.execPath, [join(root, 'dist/sweep.mjs'), 'run', join(folder, 'sweep.yaml'), '--json']);
    const { best } = JSON.parse(out) as { best: { value: number; parameters: object } };
    const epochs = readFileSync(log, 'utf8').split('\n').length - 1;
    const again = Array.from({ length: AGAIN }, (_, index) =>
      trainAgain(folder, digits, best.parameters, 1000 + index),
    );
    return { epochs, value: best.value, again: mean(again) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The best accuracy of one more training with all epochs. */
function trainAgain(folder: string, digits: string, parameters: object, seed: number): number {
  const place = mkdtempSync(join(folder, 'again-'));
  const metrics = join(place, 'metrics.jsonl');
  run(python, [join(folder, 'mlp.py'), join(place, 'epochs'), digits], {
    SWEEP_PARAMETERS: JSON.stringify(parameters),
    CHECKPOINT_DIR: place,
    METRICS_FILE: metrics,
    SEED: String(seed),
    EPOCHS: String(EPOCHS),
  });
  const lines = readFileSync(metrics, 'utf8').trim().split('\n');
  return Math.max(...lines.map((line) => (JSON.parse(line) as { val_accuracy: number }).val_accuracy));
}

function run(command: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): string {
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, OMP_NUM_THREADS: '1', ...environment },
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stderr}`);
  return stdout;
}
