import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FolderStore } from '../../storage/folder.ts';
import { compareKeys } from '../../storage/keys.ts';
import { listed, textOf } from './conformance.ts';

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'sweep-model-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

// Few names, so that operations meet; none is both a file and a folder.
const key = fc.constantFrom('a/b', 'a/c', 'a-b', 'a.b', 'd', 'e/f/g', 'e/f/h', '\uffee', '😀/x');
const body = fc.string({ maxLength: 4 });
const prefix = fc.constantFrom('', 'a', 'a/', 'a/b', 'e/f', 'e/f/', 'x', 'a/../');
const operation = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), key, body }),
  fc.record({ kind: fc.constant('putIfAbsent' as const), key, body }),
  fc.record({ kind: fc.constant('putIfMatch' as const), key, body, current: fc.boolean() }),
  fc.record({ kind: fc.constant('delete' as const), keys: fc.array(key, { maxLength: 3 }) }),
  fc.record({ kind: fc.constant('copy' as const), key, to: key }),
  fc.record({ kind: fc.constant('getRange' as const), key, start: fc.nat(5), length: fc.nat(5) }),
  fc.record({ kind: fc.constant('list' as const), prefix }),
  fc.record({ kind: fc.constant('get' as const), key }),
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

/** What the operation lets its caller see, on a plain map. */
function onModel(model: Map<string, Buffer>, step: Operation): unknown {
  switch (step.kind) {
    case 'put':
      model.set(step.key, Buffer.from(step.body));
      return null;
    case 'putIfAbsent':
      if (model.has(step.key)) return false;
      model.set(step.key, Buffer.from(step.body));
      return true;
    case 'putIfMatch':
      if (!model.has(step.key) || !step.current) return false;
      model.set(step.key, Buffer.from(step.body));
      return true;
    case 'delete':
      for (const name of step.keys) model.delete(name);
      return null;
    case 'copy':
      if (!model.has(step.key)) return 'missing';
      model.set(step.to, model.get(step.key)!);
      return null;
    case 'getRange':
      return (
        model
          .get(step.key)
          ?.subarray(step.start, step.start + step.length)
          .toString('hex') ?? null
      );
    case 'list':
      return [...model]
        .filter(([name]) => name.startsWith(step.prefix))
        .map(([name, { length }]) => `${name} ${length}`)
        .sort((a, b) => compareKeys(a.slice(0, a.lastIndexOf(' ')), b.slice(0, b.lastIndexOf(' '))));
    case 'get':
      return model.get(step.key)?.toString();
  }
}

async function onStore(store: FolderStore, step: Operation): Promise<unknown> {
  switch (step.kind) {
    case 'put':
      await store.put(step.key, step.body);
      return null;
    case 'putIfAbsent':
      return store.putIfAbsent(step.key, step.body);
    case 'putIfMatch': {
      const etag = (await store.get(step.key))?.etag ?? 'never';
      return store.putIfMatch(step.key, step.body, step.current ? etag : `${etag}0`);
    }
    case 'delete':
      await store.delete(step.keys);
      return null;
    case 'copy':
      return store.copy(step.key, step.to).then(
        () => null,
        () => 'missing',
      );
    case 'getRange':
      return (await store.getRange(step.key, step.start, step.start + step.length))?.toString('hex') ?? null;
    case 'list':
      return (await listed(store, step.prefix)).map((object) => `${object.key} ${object.size}`);
    case 'get':
      return textOf(store, step.key);
  }
}

test('any sequence of operations shows the same on a folder as on a map', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 5, maxLength: 40 }), async (steps) => {
      const store = new FolderStore(await mkdtemp(join(scratch, 's-')));
      const model = new Map<string, Buffer>();
      for (const step of [...steps, { kind: 'list', prefix: '' } as const]) {
        expect(await onStore(store, step), JSON.stringify(step)).toEqual(onModel(model, step));
      }
    }),
    { numRuns: 60 },
  );
});
