import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { inTemporary, makeTemporary, removeLeftTemporaries } from '../../storage/temporary.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sweep-temporary-'));
  vi.stubEnv('TMPDIR', root);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

const MODULE = join(import.meta.dirname, '../../storage/temporary.ts');
/** A process that makes a folder there, with something in it, and is killed. */
function killedInTheMiddle(): void {
  const script = `import { writeFileSync } from 'node:fs';
    const { makeTemporary } = await import(${JSON.stringify(MODULE)});
    writeFileSync(await makeTemporary() + '/half.tgz', 'x');
    process.kill(process.pid, 'SIGKILL');`;
  const { signal, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(signal, stderr).toBe('SIGKILL');
}

test('what a killed process left goes with the next use', async () => {
  killedInTheMiddle();
  expect(readdirSync(root)).toHaveLength(1);
  await inTemporary(async (folder) => expect(readdirSync(root)).toEqual([folder.slice(root.length + 1)]));
  expect(readdirSync(root)).toEqual([]);
});

test('the folder of a living process stays', async () => {
  const mine = await makeTemporary();
  await removeLeftTemporaries();
  expect(existsSync(mine)).toBe(true);
});

test('what others made, or nobody knows who, stays', async () => {
  killedInTheMiddle();
  const [left = ''] = readdirSync(root);
  const [, space = ''] = left.split('-');
  const others = [
    left.replace(space, space === '00000000' ? '11111111' : '00000000'),
    'sweepstack-cli-a1b2c3',
    'sweepstack-a1b2c3',
    'sweepstack-data',
  ];
  for (const name of others) mkdirSync(join(root, name));
  await removeLeftTemporaries();
  expect(readdirSync(root).sort()).toEqual(others.sort());
});

test('a link in its place is removed, and not what it leads to', async () => {
  killedInTheMiddle();
  const [left = ''] = readdirSync(root);
  rmSync(join(root, left), { recursive: true });
  mkdirSync(join(root, 'precious'));
  writeFileSync(join(root, 'precious', 'file'), '');
  symlinkSync(join(root, 'precious'), join(root, left));
  await removeLeftTemporaries();
  expect(readdirSync(root)).toEqual(['precious']);
  expect(existsSync(join(root, 'precious', 'file'))).toBe(true);
});
