// What halving and the median rule save: epochs trained, and the winner's accuracy, beside random search at full budget.
// Real trainings (mlp.py) through the real command, the same trials for each of them.
//
//   node tools/node24.mjs --install bench/halving/run.ts [seeds]
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../tools/run.ts';
import { uvCommand } from '../../tools/uv.ts';

const seeds = Number(process.argv[2] ?? 3);
const TRIALS = 27;
const EPOCHS = 27;
const METHODS = {
  'random, all epochs': { search: 'strategy: random', stop: '' },
  'halving by 3': { search: 'strategy: halving, halving: { proposals: random }', stop: '' },
  'random in 3 rounds, median rule': {
    search: 'strategy: random, rounds: 3',
    stop: ', stop: { median: true, minEpochs: 3 }',
  },
};

const project = join(root, 'bench/search');
run(await uvCommand(), ['sync', '--frozen', '--project', project]);
run(process.execPath, [join(root, 'tools/build.ts')]);
const totals = new Map<string, { epochs: number; value: number }[]>();
for (let seed = 0; seed < seeds; seed++) {
  for (const [name, { search, stop }] of Object.entries(METHODS)) {
    const folder = mkdtempSync(join(tmpdir(), 'sweepstack-bench-'));
    try {
      const log = join(folder, 'epochs');
      copyFileSync(join(root, 'bench/halving/mlp.py'), join(folder, 'mlp.py'));
      writeFileSync(join(folder, '.sweepignore'), 'epochs\n');
      writeFileSync(
        join(folder, 'sweep.yaml'),
        `name: bench
search:
  ${search.replaceAll(', ', '\n  ').replace('halving:\n', 'halving: ')}
  trials: ${TRIALS}
  seed: ${seed}
  space:
    learning_rate: { min: 0.00001, max: 1, scale: log }
    alpha: { min: 0.000001, max: 1, scale: log }
    width: { min: 8, max: 128, type: integer, scale: log }
    depth: [1, 2, 3]
    batch_size: [16, 32, 64, 128]
training:
  command: [${join(project, '.venv/bin/python')}, mlp.py, ${log}]
  source: .
  epochs: ${EPOCHS}${stop.replace(', stop', '\n  stop')}
`,
      );
      const out = run(process.execPath, [join(root, 'dist/sweep.mjs'), 'run', join(folder, 'sweep.yaml'), '--json']);
      const { best } = JSON.parse(out) as { best: { value: number } };
      const epochs = existsSync(log) ? readFileSync(log, 'utf8').split('\n').length - 1 : 0;
      totals.set(name, [...(totals.get(name) ?? []), { epochs, value: best.value }]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}
const [baseline] = totals.values();
console.log(`${TRIALS} trials, at most ${EPOCHS} epochs each, ${seeds} seeds\n`);
console.log('| search | epochs trained | of random | best validation accuracy, by seed |\n| --- | --- | --- | --- |');
for (const [name, runs] of totals) {
  const sum = (of: readonly { epochs: number }[]) => of.reduce((total, { epochs }) => total + epochs, 0);
  const share = sum(runs) / sum(baseline!);
  const values = runs.map(({ value }) => value.toFixed(4)).join(', ');
  console.log(`| ${name} | ${Math.round(sum(runs) / runs.length)} | ${(100 * share).toFixed(0)} % | ${values} |`);
}

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, OMP_NUM_THREADS: '1' },
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stderr}`);
  return stdout;
}
