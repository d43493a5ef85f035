import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { ownSearches } from '../../../inputs/source/own-search.ts';

test('only the program that the command starts is looked at, from its workdir', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'own-search-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'pkg'));
  const files = ['pkg/opt.py', 'pkg/other.py', 'opt.py'].map((name) => ({ name }));
  for (const { name } of files) writeFileSync(join(folder, name), 'x = trial.suggest_int("x", 1, 2)');
  const training = { command: ['python', 'opt.py'], source: '.', workdir: 'pkg' };
  const spec = resolveSpec({ search: { space: { x: [1, 2] } }, training });
  expect(await ownSearches({ folder, files }, new Set(['python', 'opt.py']), spec.training)).toEqual([
    expect.stringMatching(/^pkg\/opt\.py asks Optuna/),
  ]);
});
