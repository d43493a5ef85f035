import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { specFileOf } from '../../../cli/lookup/spec-file.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { openStore } from '../../../storage/open.ts';

const input = { name: 'twice', search: { strategy: 'sobol', trials: 4, space: { a: { min: 0, max: 1 } } } } as const;
const withFirst = { ...input, search: { ...input.search, initial: [{ a: 0.5 }] } };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sweepstack-spec-file-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, spec: object) => writeFileSync(join(folder, name), JSON.stringify(spec));
const found = async () => {
  const workdir = join(folder, '.sweepstack');
  return specFileOf(
    {
      sweepId: 'twice-1',
      workdir,
      stack: null,
      store: await openStore(join(workdir, 'store')),
      isRunning: async () => false,
    },
    resolveSpec(input),
    undefined,
  );
};

test('of two specs of a space the one whose whole search is the same made the sweep', async () => {
  write('a-next.json', withFirst);
  write('b.json', input);
  expect((await found())?.path).toBe(join(folder, 'b.json'));
});

test('of two that both differ neither is taken for it', async () => {
  write('a-next.json', withFirst);
  write('b.json', { ...withFirst, search: { ...withFirst.search, trials: 8 } });
  await expect(found()).rejects.toThrow(/a-next\.json and .*b\.json search the same space/);
});
