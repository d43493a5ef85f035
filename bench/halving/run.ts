// What halving and training.stop save: epochs trained, and the winner's accuracy, beside random search at full budget.
// Real trainings (mlp.py) through the real command, the same trials for each of them.
//
//   node tools/node24.mjs --install bench/halving/run.ts [seeds] [first seed]
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../tools/run.ts';
import { uvCommand } from '../../tools/uv.ts';

const seeds = Number(process.argv[2] ?? 5);
const firstSeed = Number(process.argv[3] ?? 0);
const TRIALS = 27;
const EPOCHS = 27;
const ROUNDS = 9;

interface Method {
  readonly search: object;
  readonly stop?: object;
}

const METHODS: Readonly<Record<string, Method>> = {
  'random, all epochs': { search: { strategy: 'random' } },
  'halving by 3': { search: { strategy: 'halving', halving: { proposals: 'random' } } },
  'random, median': { search: { strategy: 'random', rounds: ROUNDS }, stop: { median: true, minEpochs: 3 } },
  'random, median and patience': {
    search: { strategy: 'random', rounds: ROUNDS },
    stop: { median: true, patience: 5, minEpochs: 3 },
  },
};

const project = join(root, 'bench/search');
const python = join(project, '.venv/bin/python');
run(await uvCommand(), ['sync', '--frozen', '--project', project]);
run(process.execPath, [join(root, 'tools/build.ts')]);
const found = new Map<string, { readonly epochs: number; readonly value: number }[]>();
for (let seed = firstSeed; seed < firstSeed + seeds; seed++)
  for (const [name, method] of Object.entries(METHODS))
    found.set(name, [...(found.get(name) ?? []), sweep(method, seed)]);

const mean = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
const baseline = [...found.values()][0]!;
console.log(
  `${TRIALS} trials, at most ${EPOCHS} epochs each, ${ROUNDS} rounds where a median is asked, ${seeds} seeds from ${firstSeed}\n`,
);
console.log('| search | epochs trained | of random | winner, mean | less than random, mean | by seed |');
console.log('| --- | --- | --- | --- | --- | --- |');
for (const [name, runs] of found) {
  const epochs = mean(runs.map((one) => one.epochs));
  const share = (100 * epochs) / mean(baseline.map((one) => one.epochs));
  const value = mean(runs.map((one) => one.value));
  const less = runs.map((one, seed) => baseline[seed]!.value - one.value);
  const numbers = [value, mean(less)].map((number) => number.toFixed(4)).join(' | ');
  const bySeed = less.map((number) => number.toFixed(4)).join(', ');
  console.log(`| ${name} | ${epochs.toFixed(0)} | ${share.toFixed(0)} % | ${numbers} | ${bySeed} |`);
}

/** Epochs that were trained, by the programs' own count, and the winner's accuracy. */
function sweep({ search, stop }: Method, seed: number): { epochs: number; value: number } {
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
    const { best } = JSON.parse(out) as { best: { value: number } };
    return { epochs: readFileSync(log, 'utf8').split('\n').length - 1, value: best.value };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, OMP_NUM_THREADS: '1' },
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stderr}`);
  return stdout;
}
