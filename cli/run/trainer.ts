import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, packageRoot } from '../../inputs/paths.ts';
import { pythonEnvironment } from '../../runner/python.ts';

const project = join(packageRoot, 'docker', 'trainer');
let made: Promise<string[]> | undefined;

/** The built-in trainer as argv. Its Python environment is made with uv by the first run that needs it, and said aloud. */
export function trainerCommand(note: (line: string) => void): Promise<string[]> {
  made ??= makeTrainer(note);
  return made;
}

async function makeTrainer(note: (line: string) => void): Promise<string[]> {
  return [join(await trainerEnvironment(note), 'python'), join(project, 'train.py')];
}

/** The folder of the trainer's Python. */
export async function trainerEnvironment(note: (line: string) => void): Promise<string> {
  const cache = cacheFolder();
  if (cache !== null && !existsSync(join(cache, 'python')))
    note(`Installing PyTorch for the built-in trainer into ${cache} (about 5 GB, once per machine) ...`);
  // Trackers that bring much with them, and timm, are extras of pyproject.toml: SWEEPSTACK_EXTRAS=wandb,mlflow.
  const extras = (process.env['SWEEPSTACK_EXTRAS'] ?? '').split(/[\s,]+/).filter((extra) => extra !== '');
  return pythonEnvironment(join(project, 'uv.lock'), cache, null, extras);
}
