import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { place, printMetrics, TRIAL } from './support.ts';

/** What a script prints that is started with all of this beside it. */
async function printed(script: string, training: object, source: Record<string, string> = { 'own.txt': 'own' }) {
  const { attempt, file, folder, run } = await place(`${script}; ${printMetrics(1)}`, {
    spec: { data: '/set by the run', ...training },
    source,
  });
  const data = join(folder, 'the data');
  mkdirSync(join(data, 'train'), { recursive: true });
  writeFileSync(join(data, 'train', 'one'), 'first');
  const { result } = await attempt({ environment: { ...run.environment, S3_DATA_PATH: data } });
  return { result, log: (await file('log.txt', result!.attempt)) ?? '' };
}

describe('training.files', () => {
  test('are in the copy when the program starts, filled in', async () => {
    const files = { 'conf/a.txt': 'x={x} of {EPOCHS}', 'b.json': { x: '{x}' }, 'own.txt': 'replaced' };
    const { log } = await printed('cat conf/a.txt b.json own.txt', { files });
    expect(log).toBe('x=2 of 3{\n  "x": 2\n}\nreplaced');
  });
});

test('{args_json_file} and {args_wandb_file} name files with the parameters', async () => {
  const { log } = await printed('cat {args_json_file} "$W"', { environment: { W: '{args_wandb_file}' } });
  const [plain, ofWandb] = log.split('\n');
  expect(JSON.parse(plain!)).toEqual(TRIAL.parameters);
  expect(JSON.parse(ofWandb!)).toMatchObject({ wandb_version: 1, x: { value: TRIAL.parameters['x'] } });
});

describe('training.links', () => {
  test('lead to the data from inside the copy and from beside it', async () => {
    const links = { data: '{DATA_DIR}', '../train': '{DATA_DIR}/train' };
    expect((await printed('cat data/train/one ../train/one', { links })).log).toBe('firstfirst');
  });

  test('lead to a folder of the model that is made where the target ends in a slash', async () => {
    const { result } = await printed('echo hi > out/weights', { links: { out: '{MODEL_DIR}/out/' } });
    expect(result).toMatchObject({ status: 'succeeded', modelFiles: 1 });
  });

  test('hide nothing of the source: the trial fails by name before its program starts', async () => {
    const { result, log } = await printed('echo started', { links: { 'own.txt': '{DATA_DIR}' } });
    expect(result?.failure).toMatchObject({
      class: 'setup',
      reason: expect.stringContaining('training.links.own.txt'),
    });
    expect(log).not.toContain('started');
  });

  test('lead to nothing that the data lacks', async () => {
    const { result } = await printed('true', { links: { a: '{DATA_DIR}/test' } });
    expect(result?.failure?.reason).toContain('there is no test in the data');
  });
});

describe('training.workdir', () => {
  test('is where the program starts; files are still relative to the copy', async () => {
    const training = { workdir: 'pkg', files: { 'pkg/in.txt': 'inside', 'top.txt': 'top' } };
    expect((await printed('cat in.txt ../top.txt', training)).log).toBe('insidetop');
  });

  test('that is not there fails the trial by name', async () => {
    expect((await printed('true', { workdir: 'pkg' })).result?.failure?.reason).toContain('training.workdir');
  });
});
