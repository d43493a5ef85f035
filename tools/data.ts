// Writes an example's data by its prepare.py, with the packages that this needs:  npm run data EXAMPLE
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../inputs/paths.ts';
import { pythonEnvironment } from '../runner/python.ts';
import { removeAbandoned } from '../storage/files.ts';
import { root, run } from './run.ts';
import { uvCommand } from './uv.ts';

/** The uv projects in docker/ whose packages prepare.py needs, where the example has no requirements for it. */
const PROJECTS: Readonly<Record<string, string>> = {
  'fashion-mnist': 'trainer',
  'fine-tune': 'trainer',
  lora: 'finetune',
};

/** The examples that have a prepare.py. */
export const EXAMPLES_WITH_DATA: readonly string[] = readdirSync(join(root, 'examples'))
  .filter((name) => existsSync(join(root, 'examples', name, 'prepare.py')))
  .sort();

/** What starts prepare.py of an example: a command and its arguments. */
export async function preparing(name: string): Promise<[string, string[]]> {
  const folder = join(root, 'examples', name);
  const program = join(folder, 'prepare.py');
  const project = PROJECTS[name];
  if (project !== undefined)
    return [await uvCommand(), ['run', '--frozen', '--project', join(root, 'docker', project), 'python', program]];
  const bin = await pythonEnvironment(join(folder, 'requirements.txt'), cacheFolder(), null);
  return [join(bin, 'python'), [program]];
}

/** Where prepare.py makes the data, before it gives it its name; one that is killed leaves it. */
const isUnfinished = (name: string): boolean => name.startsWith('.data-');

/** Makes examples/NAME/data, unless it is there; whether it is then. */
export async function writeData(name: string): Promise<boolean> {
  await removeUnfinished(join(root, 'examples', name));
  if (existsSync(join(root, 'examples', name, 'data'))) {
    console.error(`examples/${name}/data is there already`);
    return true;
  }
  return run(`data of examples/${name}`, ...(await preparing(name)));
}

/** Removes what a prepare.py left that was killed long ago; one that runs is done within that time. */
export const removeUnfinished = (folder: string): Promise<void> => removeAbandoned(folder, isUnfinished);

if (import.meta.main) {
  const [name = ''] = process.argv.slice(2);
  if (!EXAMPLES_WITH_DATA.includes(name)) {
    console.error(
      `npm run data EXAMPLE: received '${name}'; these have data to prepare: ${EXAMPLES_WITH_DATA.join(', ')}`,
    );
    process.exit(2);
  }
  process.exit((await writeData(name)) ? 0 : 1);
}
