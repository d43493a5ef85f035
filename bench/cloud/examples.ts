// examples/fine-tune and examples/lora by the deployed stack beside this script (test/support/cloud.ts), and by `sweep run`
// on this machine: both have to rank the same trials with the same numbers, and what is promoted has to go on from its
// checkpoint.
//
//   npm run build && node tools/node24.mjs bench/cloud/examples.ts [fine-tune | lora ...]
//
// The image brings its programs' packages; here the interpreter of the program's uv project stands for it. One thread a
// training, so that sums are added in one order everywhere. Needs uv (UV names it), and some minutes of a core.
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect, isDeepStrictEqual } from 'node:util';
import { parse, stringify } from 'yaml';
import * as keys from '../../core/layout/keys.ts';
import { startCloud } from '../../test/support/cloud.ts';
import { type BoardTrial, Place } from '../../test/support/sweep-command.ts';

const ROOT = join(import.meta.dirname, '../..');
const SOURCE = '../../docker';
const PROGRAMS = {
  'fine-tune': { project: 'trainer', program: 'trainer/train.py' },
  lora: { project: 'finetune', program: 'finetune/tune.py' },
} as const;
type Name = keyof typeof PROGRAMS;

const uv = process.env['UV'] ?? 'uv';
const withoutVenv = (path: string) => !/(^|\/)(\.venv|__pycache__|\.sweepstack|data)$/.test(path);

/** Brings the example into the place, prepared, with the program's own interpreter in its spec; the example's folder. */
function bring(place: Place, name: Name): string {
  const { project, program } = PROGRAMS[name];
  const python = ['run', '--frozen', '--quiet', '--project', join(ROOT, 'docker', project), 'python'];
  const folder = join(place.project, 'examples', name);
  cpSync(join(ROOT, 'docker'), join(place.project, 'docker'), { recursive: true, filter: withoutVenv });
  cpSync(join(ROOT, 'examples', name), folder, { recursive: true, filter: withoutVenv });
  execFileSync(uv, [...python, join(folder, 'prepare.py')], { stdio: ['ignore', 'ignore', 'inherit'] });
  const interpreter = execFileSync(uv, [...python, '-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' });
  const spec = parse(readFileSync(join(folder, 'sweep.yaml'), 'utf8'));
  const { requirements: _, environment, ...training } = spec.training;
  const command = [interpreter.trim(), program];
  spec.training = { ...training, command, source: SOURCE, environment: { ...environment, OMP_NUM_THREADS: 1 } };
  writeFileSync(join(folder, 'sweep.yaml'), stringify({ ...spec, sweepId: `${name}-1` }));
  return folder;
}

/** What a search came to, without what hangs on the machine. */
function outcome(board: { readonly trials: readonly BoardTrial[] }) {
  return board.trials.map(({ rank, id, value, epochs, status }) => ({ rank, id, value, epochs, status }));
}

/** metrics.jsonl of each rung of a trial. */
async function metricsOf(sweepId: string, trialId: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of cloud.store.list(keys.trialPrefix(sweepId, trialId)))
    if (key.endsWith('/metrics.jsonl')) found.push((await textOf(key))!);
  return found;
}

const textOf = async (key: string) => (await cloud.store.get(key))?.body.toString();

const names = process.argv.length > 2 ? (process.argv.slice(2) as Name[]) : (Object.keys(PROGRAMS) as Name[]);
const unknown = names.filter((name) => !(name in PROGRAMS));
if (unknown.length > 0) throw new Error(`${unknown} is none of ${Object.keys(PROGRAMS).join(', ')}`);
const place = new Place();
const cloud = await startCloud();
try {
  for (const name of names) {
    const folder = bring(place, name);
    const command = async (args: string[], environment = {}) => {
      const ended = await place.sweep(args, { folder, environment });
      if (ended.status !== 0) throw new Error(`sweep ${args.join(' ')} ended with ${ended.status}:\n${ended.stderr}`);
      return ended.stdout;
    };
    await command(['start', 'sweep.yaml'], cloud.environment);
    await command(['watch', `${name}-1`], cloud.environment);
    const away = JSON.parse((await textOf(keys.leaderboardKey(`${name}-1`)))!);
    const { leaderboard } = JSON.parse(await command(['run', 'sweep.yaml', '--json']));
    const here = JSON.parse(readFileSync(leaderboard, 'utf8'));
    if (!isDeepStrictEqual(outcome(away), outcome(here)))
      throw new Error(
        `${name}: the two differ\n${inspect({ cloud: outcome(away), here: outcome(here) }, { depth: 3 })}`,
      );
    for (const { id } of outcome(away)) {
      const rungs = (await metricsOf(`${name}-1`, id)).sort((a, b) => a.length - b.length);
      // The lines say how long their epochs took, so an epoch that was trained again would differ in that.
      const goesOn = rungs.every((rung, place) => place === 0 || rung.startsWith(rungs[place - 1]!));
      if (!goesOn) throw new Error(`${name}: ${id} did not go on from its checkpoint\n${rungs.join('\n')}`);
      console.log(`${name} ${id}  ended rungs after epochs ${rungs.map((rung) => rung.split('\n').length - 1)}`);
    }
    console.log(`${name}: the same ${here.trials.length} trials in the cloud and here, value by value`);
  }
} finally {
  await cloud.stop();
  place.remove();
}
