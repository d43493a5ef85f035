import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { CheckpointObjects } from '../../objects/checkpoint.ts';
import { type CheckpointFolders, Checkpoints } from '../../runner/checkpoint.ts';
import { FolderStore } from '../../storage/folder.ts';
import { place, printMetrics } from './support.ts';

const OF = { metric: 'score', epochs: 9 };

let folder: string;
let folders: CheckpointFolders;
let store: FolderStore;
let checkpoints: Checkpoints;
beforeEach(() => {
  const root = mkdtempSync(join(tmpdir(), 'sweepstack-checkpoint-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  folder = join(root, 'checkpoint');
  folders = { checkpoint: folder, model: join(root, 'model') };
  mkdirSync(folder);
  mkdirSync(folders.model);
  store = new FolderStore(join(root, 'store'));
  checkpoints = new Checkpoints(new CheckpointObjects(store, 'c/'), folders, OF);
});

const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const save = (program: 'runs' | 'ended' | 'broke off') => checkpoints.save(async () => 'metrics\n', program);
async function stored(): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list('c/')) keys.push(key.slice(2));
  return keys;
}
async function restored(name: string): Promise<string> {
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  expect((await new Checkpoints(new CheckpointObjects(store, 'c/'), folders, OF).restore()).unusable).toBeNull();
  return readFile(join(folder, name), 'utf8');
}

describe('a checkpoint of a training for more epochs', () => {
  const restoredAt = async (epochs: number, lines: string) => {
    write('a', '1');
    await checkpoints.save(async () => lines, 'ended');
    const fewer = new Checkpoints(new CheckpointObjects(store, 'c/'), folders, { metric: 'score', epochs });
    return fewer.restore();
  };
  const lines = (count: number) =>
    Array.from({ length: count }, (_, index) => `{"epoch": ${index + 1}, "score": 1}\n`).join('');

  test('is left alone where it has trained more than are asked for now', async () => {
    expect(await restoredAt(3, lines(4))).toEqual({
      metrics: '',
      unusable: 'the checkpoint is of epoch 4, and 3 are asked for now',
    });
  });

  test('is gone on with where it has not', async () => {
    expect(await restoredAt(3, lines(3))).toEqual({ metrics: lines(3), unusable: null });
  });

  test('is left alone where nothing tells how far it has come', async () => {
    expect((await restoredAt(3, '')).unusable).toBe(
      'the checkpoint is of a training for 9 epochs, and 3 are asked for now',
    );
  });

  test('is gone on with for as many, however its program counts them', async () => {
    expect((await restoredAt(9, '{"epoch": 500, "score": 1}\n')).unusable).toBeNull();
  });
});

describe('a checkpoint', () => {
  test('tells what the GPUs of its trial were last seen doing', async () => {
    const gpus = [{ index: '0', uuid: 'GPU-1', busy: 23, memory: { used: 3, total: 24 } }];
    write('a', '1');
    await checkpoints.save(async () => 'metrics\n', 'ended', gpus);
    expect(await new CheckpointObjects(store, 'c/').manifest()).toMatchObject({ gpus });
  });

  test('of a program that runs goes once it has not changed between two looks', async () => {
    write('a', '1');
    await save('runs');
    expect(await stored()).toEqual([]);
    await save('runs');
    expect(await stored()).toEqual(['1/a', 'checkpoint.json']);
  });

  test('of a program that ended goes at once', async () => {
    write('a', '1');
    await save('ended');
    expect(await stored()).toEqual(['1/a', 'checkpoint.json']);
  });

  test('tells when it was as it is stored: not when nothing was, nor when the same was seen again', async () => {
    vi.useFakeTimers({ now: 1_000, toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    await save('ended');
    expect(checkpoints.storedAt).toBeNull();
    write('a', '1');
    await save('ended');
    expect(checkpoints.storedAt).toBe(1_000);
    vi.setSystemTime(5_000);
    await save('ended');
    expect(checkpoints.storedAt).toBe(1_000);
  });

  test('that a program was writing when it was killed does not take the place of the last whole one', async () => {
    write('a', 'whole');
    await save('ended');
    write('a', 'half of th');
    await save('broke off');
    expect(await restored('a')).toBe('whole');
  });

  test('that a killed program had finished goes', async () => {
    write('a', '1');
    const then = Date.now() / 1000 - 10;
    utimesSync(join(folder, 'a'), then, then);
    await save('broke off');
    expect(await stored()).toEqual(['1/a', 'checkpoint.json']);
  });

  test('that an attempt was killed after is the only one left once the next attempt goes on from it', async () => {
    for (const text of ['one', 'two']) {
      write('a', text);
      await save('ended');
    }
    await store.put('c/1/a', 'one');
    await store.put('c/3/a', 'of another attempt, which has not written its checkpoint.json yet');
    expect(await restored('a')).toBe('two');
    expect(await stored()).toEqual(['2/a', '3/a', 'checkpoint.json']);
  });

  test('with a link to a file holds that file', async () => {
    write('epoch-3', 'three');
    symlinkSync('epoch-3', join(folder, 'last'));
    await save('ended');
    expect(await restored('last')).toBe('three');
  });

  test('with a link to one of its folders holds what is in it', async () => {
    mkdirSync(join(folder, 'epoch-3'));
    write('epoch-3/state', '3');
    symlinkSync('epoch-3', join(folder, 'last'));
    await save('ended');
    expect(await restored('last/state')).toBe('3');
  });

  test('whose file goes away while it is read waits for the next look', async () => {
    write('a', '1');
    write('b', '1');
    const upload = store.upload.bind(store);
    store.upload = async (key, file) => {
      if (file.endsWith('b')) unlinkSync(file);
      await upload(key, file);
    };
    await save('ended');
    expect(await stored()).not.toContain('checkpoint.json');
    store.upload = upload;
    await save('ended');
    expect(await restored('a')).toBe('1');
  });

  test('uploads what changed, and keeps what has not where it lies', async () => {
    write('best', 'one');
    write('last', 'one');
    await save('ended');
    write('last', 'second');
    await save('ended');
    expect(await stored()).toEqual(['1/best', '2/last', 'checkpoint.json']);
    write('last', 'the third');
    await save('ended');
    expect(await stored()).toEqual(['1/best', '3/last', 'checkpoint.json']);
    expect(await restored('best')).toBe('one');
    expect(await readFile(join(folder, 'last'), 'utf8')).toBe('the third');
  });

  test('that was restored goes on so: only what changes then is uploaded', async () => {
    write('best', 'one');
    write('last', 'one');
    await save('ended');
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    checkpoints = new Checkpoints(new CheckpointObjects(store, 'c/'), folders, OF);
    await checkpoints.restore();
    write('last', 'second');
    await save('ended');
    expect(await stored()).toEqual(['1/best', '2/last', 'checkpoint.json']);
    unlinkSync(join(folder, 'best'));
    await save('ended');
    expect(await stored()).toEqual(['2/last', 'checkpoint.json']);
  });

  test('knows a file that got another name', async () => {
    write('now', 'one');
    await save('ended');
    for (const [text, expected] of [
      ['second', ['1/now', '2/now', 'checkpoint.json']],
      ['the third', ['2/now', '3/now', 'checkpoint.json']],
    ] as const) {
      renameSync(join(folder, 'now'), join(folder, 'before'));
      write('now', text);
      await save('ended');
      expect(await stored()).toEqual(expected);
    }
    expect(await restored('before')).toBe('second');
    expect(await readFile(join(folder, 'now'), 'utf8')).toBe('the third');
  });

  test('does not take a file for another of the same size and time', async () => {
    const then = Date.now() / 1000 - 10;
    for (const [name, text] of [
      ['a', 'one'],
      ['b', 'two'],
    ] as const) {
      write(name, text);
      utimesSync(join(folder, name), then, then);
    }
    await save('ended');
    unlinkSync(join(folder, 'a'));
    write('c', 'new');
    utimesSync(join(folder, 'c'), then, then);
    write('d', 'more');
    await save('ended');
    expect(await restored('c')).toBe('new');
    expect(await readFile(join(folder, 'b'), 'utf8')).toBe('two');
  });

  test('takes a file for changed whose time was set back', async () => {
    const then = Date.now() / 1000 - 10;
    write('other', '1');
    write('a', 'one');
    utimesSync(join(folder, 'a'), then, then);
    await save('ended');
    write('other', '22');
    write('a', 'two');
    utimesSync(join(folder, 'a'), then, then);
    await save('ended');
    expect(await restored('a')).toBe('two');
  });

  test('that an earlier version of the runner left is restored, and uploaded anew', async () => {
    const sha256 = createHash('sha256').update('one').digest('hex');
    await store.put('c/4/a', 'one');
    await store.put(
      'c/checkpoint.json',
      JSON.stringify({ number: 4, files: [{ path: 'a', size: 3, sha256 }], metrics: '' }),
    );
    expect(await checkpoints.restore()).toEqual({ metrics: '', unusable: null });
    expect(await readFile(join(folder, 'a'), 'utf8')).toBe('one');
    write('b', 'more');
    await save('ended');
    expect(await stored()).toEqual(['5/a', '5/b', 'checkpoint.json']);
  });

  test('uploads a file that is still needed again before it expires', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    write('best', 'one');
    write('last', 'one');
    await save('ended');
    vi.setSystemTime(Date.now() + 13 * 3600 * 1000);
    write('last', 'second');
    await save('ended');
    expect(await stored()).toEqual(['2/best', '2/last', 'checkpoint.json']);
  });

  test('that is damaged is uploaded anew as a whole', async () => {
    write('best', 'one');
    write('last', 'one');
    await save('ended');
    await store.put('c/1/last', 'tampered with');
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    checkpoints = new Checkpoints(new CheckpointObjects(store, 'c/'), folders, OF);
    expect((await checkpoints.restore()).unusable).toContain('last');
    await save('ended');
    expect(await stored()).toEqual(['2/best', '2/last', 'checkpoint.json']);
  });

  test('of an empty folder is none', async () => {
    await save('ended');
    expect(await stored()).toEqual([]);
  });
});

test('a program that says 75 because its time is over has failed by timeout, not been interrupted', async () => {
  const at = await place(`trap 'kill $!; exit 75' TERM; ${printMetrics(1)}; sleep 1000 & wait`, {
    compute: { timeoutMinutes: 0.005 },
  });
  expect(await at.attempt()).toMatchObject({
    status: 'failed',
    exitCode: 1,
    result: { failure: { class: 'timeout' } },
  });
});

test('a program that reaches its last epoch while it is interrupted counts; one that then reported nothing is interrupted', async () => {
  for (const [line, status] of [
    [printMetrics(1, 3), 'succeeded'],
    ['true', 'interrupted'],
  ] as const) {
    const controller = new AbortController();
    const at = await place(
      `trap 'kill $!; ${line.replaceAll("'", `'"'"'`)}; exit 0' TERM; sleep 1000 & touch "$READY"; wait`,
    );
    const ready = join(at.folder, 'ready');
    const done = at.attempt({ signal: controller.signal, inherited: { ...at.run.inherited, READY: ready } });
    await expect
      .poll(() =>
        readFile(ready).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    controller.abort();
    expect((await done).status).toBe(status);
  }
});

describe('the model', () => {
  const writeModel = (name: string, text: string) => writeFileSync(join(folders.model, name), text);
  const saveAt = (metrics: string, program: 'runs' | 'ended' | 'broke off' = 'ended') =>
    checkpoints.save(async () => metrics, program);
  const epoch = (number: number) => `{"epoch": ${number}, "score": ${number}}\n`;

  /** Another attempt, on another machine; what its MODEL_DIR holds. */
  async function goOn(): Promise<Record<string, string>> {
    for (const one of Object.values(folders)) {
      rmSync(one, { recursive: true });
      mkdirSync(one);
    }
    checkpoints = new Checkpoints(new CheckpointObjects(store, 'c/'), folders, OF);
    expect((await checkpoints.restore()).unusable).toBeNull();
    return Object.fromEntries(
      readdirSync(folders.model).map((name) => [name, readFileSync(join(folders.model, name), 'utf8')]),
    );
  }

  test('travels with the checkpoint', async () => {
    write('state', '1');
    writeModel('weights', 'of epoch 1');
    await saveAt(epoch(1));
    expect(await stored()).toEqual(['1.model/weights', '1/state', 'checkpoint.json']);
    expect(await goOn()).toEqual({ weights: 'of epoch 1' });
  });

  test('goes once while it does not change', async () => {
    write('state', '1');
    writeModel('weights', 'of epoch 1');
    await saveAt(epoch(1));
    await goOn();
    write('state', 'two');
    await saveAt(epoch(1) + epoch(2));
    expect(await stored()).toEqual(['1.model/weights', '2/state', 'checkpoint.json']);
  });

  test('alone is no checkpoint', async () => {
    writeModel('weights', 'of epoch 1');
    await saveAt(epoch(1));
    expect(await stored()).toEqual([]);
  });

  test('that is written after the checkpoint of its epoch goes too', async () => {
    write('state', '1');
    await saveAt(epoch(1));
    writeModel('weights', 'of epoch 1');
    await saveAt(epoch(1));
    expect(await goOn()).toEqual({ weights: 'of epoch 1' });
  });

  test('of an epoch that the checkpoint does not know stays behind', async () => {
    write('state', '1');
    writeModel('weights', 'of epoch 1');
    await saveAt(epoch(1));
    writeModel('weights', 'of epoch 2, later');
    await saveAt(epoch(1) + epoch(2));
    expect(await goOn()).toEqual({ weights: 'of epoch 1' });
  });

  test('that is being written is waited for', async () => {
    write('state', '1');
    writeModel('weights', 'of');
    await saveAt(epoch(1), 'runs');
    writeModel('weights', 'of epoch 1');
    await saveAt(epoch(1), 'runs');
    expect(await stored()).toEqual([]);
    await saveAt(epoch(1), 'runs');
    expect(await goOn()).toEqual({ weights: 'of epoch 1' });
  });

  test('whose log never rests does not keep the checkpoint from being saved', async () => {
    write('state', '1');
    writeModel('weights', 'of epoch 1');
    writeModel('log', '');
    for (let look = 0; look < 5; look++) {
      writeModel('log', 'x'.repeat(look + 1));
      await saveAt(epoch(1), 'runs');
    }
    expect(await goOn()).toEqual({ weights: 'of epoch 1' });
  });

  test('is missing in a checkpoint of an earlier version, which is read all the same', async () => {
    write('state', '1');
    await saveAt(epoch(1));
    const { model: _, checksum: __, ...earlier } = JSON.parse((await store.get('c/checkpoint.json'))!.body.toString());
    await store.put('c/checkpoint.json', JSON.stringify(earlier));
    expect(await goOn()).toEqual({});
    expect(await readFile(join(folder, 'state'), 'utf8')).toBe('1');
  });

  test('that is damaged makes the whole checkpoint damaged', async () => {
    write('state', '1');
    writeModel('weights', 'of epoch 1');
    await saveAt(epoch(1));
    await store.put('c/1.model/weights', 'of epoch 9');
    expect((await new Checkpoints(new CheckpointObjects(store, 'c/'), folders, OF).restore()).unusable).toMatch(
      /weights is not what was written/,
    );
  });

  describe('written again', () => {
    beforeEach(async () => {
      write('state', '2');
      writeModel('weights', 'of epoch 2, the best');
      writeModel('log', 'short');
      await saveAt(epoch(1) + epoch(2) + epoch(3));
      await goOn();
    });

    test('is told from one that was left alone, or beside which another file changed', async () => {
      expect(await checkpoints.modelRewrite()).toBeUndefined();
      writeModel('log', 'longer');
      expect(await checkpoints.modelRewrite()).toBeUndefined();
    });

    test('with the same content is the same model', async () => {
      writeModel('weights', 'of epoch 2, the best');
      expect(await checkpoints.modelRewrite()).toBeUndefined();
    });

    test('is told with the epoch that the attempt went on from', async () => {
      writeModel('weights', 'of epoch 4');
      expect(await checkpoints.modelRewrite()).toEqual({ resumedAfter: 3, whileTraining: false });
    });

    test('or removed counts as written again', async () => {
      unlinkSync(join(folders.model, 'weights'));
      expect(await checkpoints.modelRewrite()).toEqual({ resumedAfter: 3, whileTraining: false });
    });

    test('before more epochs were reported was written while the program trained', async () => {
      writeModel('weights', 'of epoch 4');
      checkpoints.restoredModel!.reported();
      checkpoints.restoredModel!.touched();
      expect(await checkpoints.modelRewrite()).toMatchObject({ whileTraining: false });
      checkpoints.restoredModel!.reported();
      expect(await checkpoints.modelRewrite()).toMatchObject({ whileTraining: true });
    });

    test('is still known after the next interruption', async () => {
      write('state', 'four');
      writeModel('weights', 'of epoch 4');
      await saveAt(epoch(1) + epoch(2) + epoch(3) + epoch(4));
      await goOn();
      expect(await checkpoints.modelRewrite()).toEqual({ resumedAfter: 3, whileTraining: false });
    });
  });
});
