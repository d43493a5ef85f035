// The examples by the deployed stack beside this script (test/support/cloud.ts), and by `sweep run` on this machine: both
// have to rank the same trials with the same numbers, and what is promoted has to go on from its checkpoint.
//
//   npm run build && node tools/node24.mjs bench/cloud/examples.ts [EXAMPLE ...]
//
// What a requirements file lists is installed by uv, as in a container. The image brings the packages of its own programs;
// here the interpreter of the program's uv project stands for it. One thread a training, so that sums are added in one order
// everywhere. Needs uv (UV names it), and for all of them half an hour of a core. fashion-mnist is not among them: it would
// train for half an hour by itself.
import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inspect, isDeepStrictEqual } from 'node:util';
import { parse, stringify } from 'yaml';
import * as keys from '../../core/layout/keys.ts';
import { startCloud } from '../../test/support/cloud.ts';
import { type BoardTrial, Place } from '../../test/support/sweep-command.ts';

const ROOT = join(import.meta.dirname, '../..');
const EXAMPLES = join(ROOT, 'examples');
const SOURCE = '../../docker';
/** Those whose program comes with Sweepstack: its uv project, and where it is in docker/. */
const PROGRAMS: Readonly<Record<string, { readonly project: string; readonly program: string }>> = {
  digits: { project: 'trainer', program: 'trainer/train.py' },
  'fine-tune': { project: 'trainer', program: 'trainer/train.py' },
  lora: { project: 'finetune', program: 'finetune/tune.py' },
};
/** What a few minutes leave out. */
const FEWER: Readonly<Record<string, { readonly trials: number }>> = { digits: { trials: 4 } };
const TOO_LONG = ['fashion-mnist'];
/** Where own-s3 finds what it reads, in the store's bucket: where trials may read. */
const NUMBERS = 'data/numbers';

const uv = process.env['UV'] ?? 'uv';
const withoutVenv = (path: string) => !/(^|\/)(\.venv|__pycache__|\.sweepstack|data)$/.test(path);

/** Brings the example into the place, with its data; its folder. */
async function bring(place: Place, name: string): Promise<string> {
  const folder = join(place.project, 'examples', name);
  cpSync(join(EXAMPLES, name), folder, { recursive: true, filter: withoutVenv });
  const spec = parse(readFileSync(join(folder, 'sweep.yaml'), 'utf8'));
  const training = name in PROGRAMS ? withOurProgram(place, folder, name, spec.training) : spec.training;
  if (name === 'own-s3') {
    await cloud.store.put(`${NUMBERS}/numbers.csv`, readFileSync(join(folder, 'numbers.csv')));
    training.data = `${cloud.store.url}/${NUMBERS}`;
  }
  const environment = { ...training.environment, OMP_NUM_THREADS: 1 };
  const search = { ...spec.search, ...FEWER[name] };
  const own = { ...spec, search, training: { ...training, environment }, sweepId: `${name}-1` };
  writeFileSync(join(folder, 'sweep.yaml'), stringify(own));
  return folder;
}

/** Its data prepared, and `training` with the program's own interpreter. */
function withOurProgram(place: Place, folder: string, name: string, training: Record<string, unknown>) {
  const { project, program } = PROGRAMS[name]!;
  const python = ['run', '--frozen', '--quiet', '--project', join(ROOT, 'docker', project), 'python'];
  cpSync(join(ROOT, 'docker'), join(place.project, 'docker'), { recursive: true, filter: withoutVenv });
  execFileSync(uv, [...python, join(folder, 'prepare.py')], { stdio: ['ignore', 'ignore', 'inherit'] });
  const interpreter = execFileSync(uv, [...python, '-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' });
  const { requirements: _, ...others } = training;
  return { ...others, command: [interpreter.trim(), program], source: SOURCE };
}

/** What a search came to, without what hangs on the machine. */
function outcome(board: { readonly trials: readonly BoardTrial[] }) {
  return board.trials.map(({ rank, id, value, epochs, status }) => ({ rank, id, value, epochs, status }));
}

/** The leaderboard of the same by `sweep run`. */
async function runHere(name: string, command: (args: string[], environment?: object) => Promise<string>) {
  // Its program reads and writes S3 itself, so the store is there.
  const below = `${NUMBERS}-store`;
  const store = name === 'own-s3' ? ['--store', `${cloud.store.url}/${below}`] : [];
  const { leaderboard } = JSON.parse(await command(['run', 'sweep.yaml', '--json', ...store], cloud.environment));
  const text =
    store.length === 0
      ? readFileSync(leaderboard, 'utf8')
      : await textOf(`${below}/${keys.leaderboardKey(`${name}-1`)}`);
  return JSON.parse(text!);
}

/** metrics.jsonl of each rung of a trial. */
async function metricsOf(sweepId: string, trialId: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of cloud.store.list(keys.trialPrefix(sweepId, trialId)))
    if (key.endsWith('/metrics.jsonl')) found.push((await textOf(key))!);
  return found;
}

const textOf = async (key: string) => (await cloud.store.get(key))?.body.toString();

const all = readdirSync(EXAMPLES, { withFileTypes: true })
  .flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
  .filter((name) => !TOO_LONG.includes(name));
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !all.includes(name));
if (unknown.length > 0) throw new Error(`${unknown} is none of ${all.join(', ')}`);
// Where a container has it.
if (uv.includes('/')) process.env['PATH'] = `${dirname(uv)}:${process.env['PATH']}`;
const place = new Place();
const cloud = await startCloud();
try {
  for (const name of asked.length > 0 ? asked : all) {
    const folder = await bring(place, name);
    const command = async (args: string[], environment = {}) => {
      const ended = await place.sweep(args, { folder, environment });
      if (ended.status !== 0) throw new Error(`sweep ${args.join(' ')} ended with ${ended.status}:\n${ended.stderr}`);
      return ended.stdout;
    };
    await command(['start', 'sweep.yaml'], cloud.environment);
    await command(['watch', `${name}-1`], cloud.environment);
    const away = JSON.parse((await textOf(keys.leaderboardKey(`${name}-1`)))!);
    const here = await runHere(name, command);
    if (!isDeepStrictEqual(outcome(away), outcome(here)))
      throw new Error(
        `${name}: the two differ\n${inspect({ cloud: outcome(away), here: outcome(here) }, { depth: 3 })}`,
      );
    for (const { id } of outcome(away)) {
      const rungs = (await metricsOf(`${name}-1`, id)).sort((a, b) => a.length - b.length);
      // The lines say how long their epochs took, so an epoch that was trained again would differ in that.
      const goesOn = rungs.every((rung, place) => place === 0 || rung.startsWith(rungs[place - 1]!));
      if (!goesOn) throw new Error(`${name}: ${id} did not go on from its checkpoint\n${rungs.join('\n')}`);
      if (rungs.length > 1)
        console.log(`${name} ${id}  ended rungs after epochs ${rungs.map((rung) => rung.split('\n').length - 1)}`);
    }
    console.log(`${name}: the same ${here.trials.length} trials in the cloud and here, value by value`);
  }
} finally {
  await cloud.stop();
  place.remove();
}
