// Classifies images with a trained model: docker/trainer/predict.py under the built-in trainer's Python.
//
//   npm run --silent predict -- MODEL_DIR IMAGE ...

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { trainerEnvironment } from '../cli/run/trainer.ts';
import { root } from './run.ts';

const python = join(await trainerEnvironment((line) => console.error(line)), 'python');
const { status } = spawnSync(python, [join(root, 'docker/trainer/predict.py'), ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exit(status ?? 1);
