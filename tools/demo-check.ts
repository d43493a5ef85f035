// After the demo: did it find a good model, and does the model load and predict in a fresh Python process?
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { trainerEnvironment } from '../cli/run/trainer.ts';
import { root } from './run.ts';

const workdir = join(root, 'examples', 'digits', '.sweepstack');
const [sweepId] = readdirSync(workdir).filter((name) => name.startsWith('digits-'));
const folder = join(workdir, sweepId!);
const leaderboard = JSON.parse(readFileSync(join(folder, 'leaderboard.json'), 'utf8')) as {
  trials: { value: number }[];
};
const best = leaderboard.trials[0]?.value ?? 0;
const image = join(
  root,
  'examples',
  'digits',
  'data',
  '7',
  readdirSync(join(root, 'examples', 'digits', 'data', '7')).sort()[0]!,
);
const python = join(await trainerEnvironment((line) => console.error(line)), 'python');
const { stdout, stderr, status } = spawnSync(python, ['docker/trainer/predict.py', join(folder, 'best'), image], {
  cwd: root,
  encoding: 'utf8',
});
console.error(stdout || stderr);
if (best <= 0.95) console.error(`the best validation accuracy is ${best}, not above 0.95`);
process.exit(best > 0.95 && status === 0 && stdout.includes('7') ? 0 : 1);
