import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { earlierSweep, earlierText } from '../../../cli/lookup/earlier-sweep.ts';
import { prepare } from '../../../inputs/prepare.ts';
import { FolderStore } from '../../../storage/folder.ts';

test('of a sweep that is another only by the format of its spec, that is what is said', async () => {
  const root = mkdtempSync(join(tmpdir(), 'sweepstack-earlier-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const file = join(root, 'sweep.yaml');
  const rate = '{ min: 0.1, max: 1, scale: log }';
  const write = (more: string) =>
    writeFileSync(
      file,
      `name: mine\nsearch: { space: { rate: ${rate} } }\nobjective: { metric: score }\ntraining: { command: [echo${more}] }\n`,
    );
  write('');
  const prepared = await prepare(file, { environment: {} });
  const { format: _, ...before } = prepared.spec;
  // Then, the type of a number was not written down.
  const spec = { ...before, search: { ...before.search, space: { rate: { min: 0.1, max: 1, scale: 'log' } } } };
  const folder = join(root, 'store', 'sweeps', 'mine-00000000');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'spec.json'), JSON.stringify({ ...spec, sweepId: 'mine-00000000' }));
  const store = new FolderStore(join(root, 'store'));
  const earlier = await earlierSweep(store, prepared);
  expect(earlier).toMatchObject({ sweepId: 'mine-00000000', hasOtherFormat: true, source: null, data: null });
  expect(earlierText(earlier!)).toMatch(
    /^Since mine-00000000, a new version of Sweepstack has changed the format of sweeps/,
  );
  write(', more');
  expect(await earlierSweep(store, await prepare(file, { environment: {} }))).toBeNull();
});
