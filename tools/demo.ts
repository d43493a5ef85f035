// The demo: 12 PyTorch models on scikit-learn's digits, by the same command that runs any sweep.
import { writeData } from './data.ts';
import { run } from './run.ts';

const done =
  run('build', process.execPath, ['tools/build.ts']) &&
  (await writeData('digits')) &&
  run('sweep run examples/digits/sweep.yaml', process.execPath, [
    'dist/sweep.mjs',
    'run',
    'examples/digits/sweep.yaml',
    ...process.argv.slice(2),
  ]);
process.exit(done ? 0 : 1);
