import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as keys from '../../core/layout/keys.ts';
import { StorageError } from '../../storage/errors.ts';
import { place, printMetrics, TRIAL } from './support.ts';

// A program that says how often it was started, and a store that refuses some uploads of its model.

const script = `echo run >> "$OUT/runs"; echo weights > "$MODEL_DIR/w"; ${printMetrics(0.5)}`;
const full = () =>
  new StorageError('upload', 'k', 'upload failed: the disk is full', {
    cause: Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }),
  });

async function trained(refusals: Error[], more: { pauses?: number[] } = {}) {
  const at = await place(script);
  const { store } = at;
  const upload = store.upload.bind(store);
  store.upload = async (key, file) => {
    const refusal = key.includes('/model/') ? refusals.shift() : undefined;
    if (refusal !== undefined) throw refusal;
    await upload(key, file);
  };
  const keepFolder = join(at.folder, 'kept');
  const inherited = { PATH: process.env['PATH'], OUT: at.folder };
  const attempt = () => at.attempt({ keepFolder, inherited, storePauses: more.pauses ?? [0, 0] });
  return { ...at, keepFolder, attempt };
}

describe('a result that the store refuses', () => {
  test('is stored at the next try; nothing is trained again', async () => {
    const { attempt, store } = await trained([new Error('a passing fault'), new Error('another')]);
    const { status, result } = await attempt();
    expect({ status, modelFiles: result?.modelFiles, number: result?.facts.attemptNumber }).toEqual({
      status: 'succeeded',
      modelFiles: 1,
      number: 1,
    });
    expect(await store.get(`${keys.modelPrefix('s', TRIAL.id, result!.attempt)}w`)).not.toBeNull();
  });

  test('for want of open files is stored once there are some', async () => {
    const scarce = () => new StorageError('upload', 'k', 'upload failed: too many open files (EMFILE: open)');
    const { attempt, folder } = await trained([scarce()], { pauses: [] });
    expect((await attempt()).result).toMatchObject({ modelFiles: 1 });
    expect(readFileSync(join(folder, 'runs'), 'utf8')).toBe('run\n');
  });

  test('of a full store is kept, said, and stored by the next run without training', async () => {
    const { attempt, store, keepFolder, folder } = await trained([full()]);
    await expect(attempt()).rejects.toThrow(
      /^the result of trial 0 .* cannot be stored: upload failed: the disk is full; what it trained is kept in .*kept.*run the sweep again, which stores it$/,
    );
    expect(await store.get(keys.resultKey('s', TRIAL.id, TRIAL.epochs))).toBeNull();
    const { status, result } = await attempt();
    expect(status).toBe('succeeded');
    expect(result).toMatchObject({ value: 0.5, modelFiles: 1 });
    expect(String((await store.get(`${keys.modelPrefix('s', TRIAL.id, result!.attempt)}w`))?.body)).toBe('weights\n');
    expect(existsSync(keepFolder)).toBe(false);
    expect(readFileSync(join(folder, 'runs'), 'utf8')).toBe('run\n');
  });
});

test('a failure that a full store refuses is trained again by the next run, not stored by it', async () => {
  const { attempt, store, folder } = await place(
    `if [ -e "$OUT/ran" ]; then ${printMetrics(0.5)}; exit 0; fi; touch "$OUT/ran"; echo No space left on device; exit 1`,
  );
  const put = store.putIfAbsent.bind(store);
  const refusals = [full()];
  store.putIfAbsent = async (key, body) => {
    const refusal = key.includes('/results/') ? refusals.shift() : undefined;
    if (refusal !== undefined) throw refusal;
    return put(key, body);
  };
  const again = () =>
    attempt({
      keepFolder: join(folder, 'kept'),
      inherited: { PATH: process.env['PATH'], OUT: folder },
      storePauses: [],
    });
  await expect(again()).rejects.toThrow(
    /^trial 0 \(.*\) failed \(disk-full: .*\), which cannot be stored: .*run the sweep again, which trains it again$/,
  );
  expect((await again()).result).toMatchObject({ status: 'succeeded', value: 0.5 });
});

test('odd file names in MODEL_DIR cost no training, and are told in the log and the facts', async () => {
  const { attempt, file } = await place(`printf x > "$MODEL_DIR/a\\\\b"; mkfifo "$MODEL_DIR/pipe"; ${printMetrics(1)}`);
  const { status, result } = await attempt();
  expect(status).toBe('succeeded');
  const notes = ['MODEL_DIR: "a\\\\b" is stored as "a%5Cb"', 'MODEL_DIR: "pipe" is left out: it is a FIFO'];
  expect(result!.facts.notes).toEqual(notes);
  expect(await file('log.txt', result!.attempt)).toBe(notes.map((note) => `sweep: ${note}\n`).join(''));
});

test('odd file names in CHECKPOINT_DIR come back under their own names', async () => {
  const { attempt } = await place(
    `if [ -e "$CHECKPOINT_DIR/a\\\\b" ]; then ${printMetrics(1)}; exit 0; fi; printf x > "$CHECKPOINT_DIR/a\\\\b"; exit 75`,
  );
  expect((await attempt()).status).toBe('interrupted');
  expect((await attempt()).status).toBe('succeeded');
});

describe('a folder that the program replaced is not followed, and said', () => {
  const replaced = (folder: string, by: string) => `rm -r "$${folder}"; ${by} "$${folder}"; ${printMetrics(1)}`;
  const out = 'mkdir -p "$HOME/out"; echo x > "$HOME/out/secret"; ln -s "$HOME/out"';
  test.each([
    ['MODEL_DIR', out, 'MODEL_DIR: nothing is stored: it was replaced with a link, which is not followed'],
    ['MODEL_DIR', 'echo x >', 'MODEL_DIR: nothing is stored: it is not a folder any more'],
    ['CHECKPOINT_DIR', out, 'CHECKPOINT_DIR: nothing is stored: it was replaced with a link, which is not followed'],
  ])('%s by %s', async (folder, by, note) => {
    const { attempt, store, folder: home } = await place(replaced(folder, by));
    const { status, result } = await attempt({ inherited: { PATH: process.env['PATH'], HOME: home } });
    expect({ status, modelFiles: result?.modelFiles }).toEqual({ status: 'succeeded', modelFiles: 0 });
    expect(result!.facts.notes).toEqual([`${note}; write files into the folder that is given`]);
    const stored = await Array.fromAsync(store.list(''), ({ key }) => key);
    expect(stored.filter((key) => key.includes('secret'))).toEqual([]);
  });

  test('a link from one of its folders to the other is', async () => {
    const { attempt } = await place(
      `rmdir "$MODEL_DIR"; ln -s "$CHECKPOINT_DIR" "$MODEL_DIR"; echo x > "$CHECKPOINT_DIR/w"; ${printMetrics(1)}`,
    );
    expect((await attempt()).result).toMatchObject({ modelFiles: 1 });
  });

  test('the folder of all of them, with what lies behind the link left alone', async () => {
    const { attempt, folder } = await place(
      'd=$(dirname "$METRICS_FILE"); mkdir -p "$HOME/out/model"; echo x > "$HOME/out/model/mine"; rm -r "$d"; ln -s "$HOME/out" "$d"',
    );
    const { status } = await attempt({ inherited: { PATH: process.env['PATH'], HOME: folder } });
    expect(status).toBe('failed');
    expect(readFileSync(join(folder, 'out', 'model', 'mine'), 'utf8')).toBe('x\n');
  });
});
