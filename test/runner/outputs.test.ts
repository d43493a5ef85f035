import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import * as keys from '../../core/layout/keys.ts';
import { resolveSpec } from '../../core/spec/resolve.ts';
import { makeFolders } from '../../runner/attempt-folders.ts';
import { Outputs } from '../../runner/outputs.ts';
import type { TrialRun } from '../../runner/run-trial.ts';
import type { WrittenBeside } from '../../runner/types.ts';
import { StorageError } from '../../storage/errors.ts';
import { FolderStore } from '../../storage/folder.ts';
import { place, printMetrics, TRIAL } from './support.ts';

/** An attempt's folders, with files in the copy of the source. */
async function copy(outputs: string[], run: Partial<TrialRun> = {}) {
  const root = mkdtempSync(join(tmpdir(), 'sweepstack-outputs-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const folders = await makeFolders(root);
  mkdirSync(folders.source, { recursive: true });
  const spec = resolveSpec({
    search: { space: { x: [1] } },
    objective: { metric: 'score' },
    training: { command: ['true'], ...(outputs.length === 0 ? {} : { outputs }) },
  });
  const write = (path: string, text: string) => {
    mkdirSync(join(folders.source, path, '..'), { recursive: true });
    writeFileSync(join(folders.source, path), text);
  };
  const kept = () =>
    readdirSync(folders.outputs, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folders.outputs.length + 1))
      .sort();
  const attempt = { sweepId: 's', trial: TRIAL, name: '1-000000', spec, folders, run: run as TrialRun };
  return { folders, write, kept, outputs: new Outputs(attempt) };
}

test('what training.outputs names is kept, less what was there before the program', async () => {
  const { write, outputs, kept } = await copy(['runs', '*.csv']);
  write('data.csv', 'old');
  write('changed.csv', 'old');
  await outputs.begin();
  write('runs/a/events', '1');
  write('metrics.csv', '2');
  write('changed.csv', 'new text');
  write('other.txt', '3');
  expect(await outputs.collect()).toEqual([]);
  expect(kept()).toEqual(['changed.csv', 'metrics.csv', 'runs/a/events']);
});

test('offline runs of W&B and runs of MLflow are kept without asking', async () => {
  const { write, outputs, kept, folders } = await copy([]);
  await outputs.begin();
  write('wandb/offline-run-1/run.wandb', '1');
  write('wandb/latest-run/x', '1');
  write('out.csv', '1');
  mkdirSync(join(folders.mlflow, '0'), { recursive: true });
  writeFileSync(join(folders.mlflow, '0/meta.yaml'), '1');
  await outputs.collect();
  expect(kept()).toEqual(['mlruns/0/meta.yaml', 'wandb/offline-run-1/run.wandb']);
});

test('what is too much is named, and the rest kept', async () => {
  const { write, outputs, kept } = await copy(['runs']);
  await outputs.begin();
  write('runs/log', 'x'.repeat(10));
  write('runs/weights', 'x'.repeat(200));
  expect(await outputs.collect(100)).toEqual([
    'training.outputs: more than 100 B in all; not kept: "runs/weights" (200 B); write models to MODEL_DIR',
  ]);
  expect(kept()).toEqual(['runs/log']);
});

test('what a link to a folder leads to is kept once', async () => {
  const { write, outputs, kept, folders } = await copy(['runs']);
  await outputs.begin();
  write('runs/3/log', '1');
  symlinkSync('3', join(folders.source, 'runs/last'));
  await outputs.collect();
  expect(kept()).toEqual(['runs/3/log']);
});

test('a link is kept as what it leads to in the copy, and not where it leads out of it', async () => {
  const { write, outputs, kept, folders } = await copy(['runs']);
  await outputs.begin();
  write('runs/a', 'text');
  symlinkSync('a', join(folders.source, 'runs/last'));
  symlinkSync('/etc/passwd', join(folders.source, 'runs/users'));
  symlinkSync(folders.model, join(folders.source, 'runs/model'));
  writeFileSync(join(folders.model, 'weights'), 'w');
  await outputs.collect();
  expect(kept()).toEqual(['runs/a', 'runs/last']);
  expect(readFileSync(join(folders.outputs, 'runs/last'), 'utf8')).toBe('text');
});

test('all that was written is told, whatever of it is kept', async () => {
  const told: (readonly WrittenBeside[])[] = [];
  const { write, outputs } = await copy(['runs'], { onWritten: (files) => void told.push(files) });
  write('train.py', 'code');
  await outputs.begin();
  write('runs/a', '12');
  write('model.pt', '123');
  await outputs.collect();
  expect(told).toEqual([
    [
      { path: 'model.pt', size: 3, isKept: false },
      { path: 'runs/a', size: 2, isKept: true },
    ],
  ]);
});

const WRITING = `${printMetrics(1)}; mkdir runs; echo hello > 'runs/a\\b'; echo gone > x.txt`;

test('outputs are stored with the attempt under names that every store takes', async () => {
  const { attempt, file } = await place(WRITING, { spec: { outputs: ['runs'] } });
  const { result } = await attempt();
  expect(await file('outputs/runs/a%5Cb', result!.attempt)).toBe('hello\n');
  expect(await file('outputs/x.txt', result!.attempt)).toBeNull();
  expect(result!.facts.notes).toEqual([expect.stringContaining('training.outputs: "runs/a\\\\b" is stored as')]);
});

test('a failed trial keeps its outputs too', async () => {
  const { attempt, file } = await place(`${WRITING}; exit 3`, { spec: { outputs: ['runs'] } });
  const { result } = await attempt();
  expect(result).toMatchObject({ status: 'failed' });
  expect(await file('outputs/runs/a%5Cb', result!.attempt)).toBe('hello\n');
});

test('outputs that the store refuses fail no training', async () => {
  const { attempt, store, folder } = await place(WRITING, { spec: { outputs: ['runs'] } });
  class Refusing extends FolderStore {
    override async upload(key: string, path: string): Promise<void> {
      if (key.includes('/outputs/')) throw new StorageError('upload', key, 'no room');
      return super.upload(key, path);
    }
  }
  const { status, result } = await attempt({ store: new Refusing(join(folder, 'store')), storePauses: [] });
  expect(status).toBe('succeeded');
  expect(result!.facts.notes).toEqual([expect.stringContaining('training.outputs: nothing is kept')]);
  for await (const { key } of store.list(keys.attemptPrefix('s', TRIAL.id, result!.attempt)))
    expect(key).not.toContain('/outputs/');
});
