// The demo: 12 PyTorch models on scikit-learn's digits, by the same command that runs any sweep.
import { join } from 'node:path';
import { trainerEnvironment } from '../cli/run/trainer.ts';
import { run } from './run.ts';

const python = join(await trainerEnvironment((line) => console.error(line)), 'python');
const done =
  run('build', process.execPath, ['tools/build.ts']) &&
  run('data: 1,797 images of digits', python, ['examples/digits/prepare.py']) &&
  run('sweep run examples/digits/sweep.yaml', process.execPath, [
    'dist/sweep.mjs',
    'run',
    'examples/digits/sweep.yaml',
    ...process.argv.slice(2),
  ]);
process.exit(done ? 0 : 1);
