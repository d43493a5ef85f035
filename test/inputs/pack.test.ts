import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packInputs } from '../../inputs/pack.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sweepstack-pack-'));
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'data', 'a.txt'), 'a');
  writeFileSync(join(folder, 'train.sh'), 'true\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SPEC =
  'name: packed\nsearch: { space: { x: [1] } }\ntraining: { command: [sh, train.sh], source: ., data: ./data }\n';

/** Packs the spec into a folder of this name. */
function packed(name: string, text: string) {
  const path = join(folder, `${name}.yaml`);
  writeFileSync(path, text);
  return packInputs(path, join(folder, name), () => {});
}

test('source and data lie in the folder under the keys that the spec names', async () => {
  const { spec } = await packed('inputs', SPEC);
  const { source, data } = spec.training;
  expect(source).toMatch(/^sources\/[0-9a-f]{64}(-[0-9a-f]{64})?\.tgz$/);
  expect(existsSync(join(folder, 'inputs', source!))).toBe(true);
  expect(existsSync(join(folder, 'inputs', data!))).toBe(true);
});

test('the spec gets no id that its file does not name, so that each execution is a sweep of its own', async () => {
  expect((await packed('without-id', SPEC)).spec).not.toHaveProperty('sweepId');
  expect((await packed('with-id', `${SPEC}sweepId: packed-2\n`)).spec.sweepId).toBe('packed-2');
});

test('a spec that cannot be used leaves no folder', async () => {
  await expect(packed('refused', SPEC.replace('./data', './nowhere'))).rejects.toThrow(/training\.data/);
  expect(existsSync(join(folder, 'refused'))).toBe(false);
});
