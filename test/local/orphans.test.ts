import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { thisMachine } from '../../local/owner.ts';
import { removeLeftovers } from '../../local/work-folders.ts';

let workdir: string;
let folder: string;

beforeEach(async () => {
  workdir = await mkdtemp(join(tmpdir(), 'sweep-orphans-'));
  folder = join(workdir, 'work', `${process.pid}-1-${thisMachine.host}`, 'trial');
  await mkdir(folder, { recursive: true });
});
afterEach(() => rm(workdir, { recursive: true, force: true }));

const onLinux = test.runIf(process.platform === 'linux');

onLinux('a training program that outlived its killed run is ended', async () => {
  const orphan = spawn('sleep', ['60'], { cwd: folder, env: { ...process.env, TRIAL_ID: 'abc' } });
  const exit = once(orphan, 'exit');
  await once(orphan, 'spawn');
  await removeLeftovers(workdir);
  expect(await exit).toEqual([null, 'SIGKILL']);
  expect(await readdir(join(workdir, 'work'))).toEqual([]);
});

onLinux('a process in that folder that is no trial is left alone', async () => {
  const shell = spawn('sleep', ['60'], { cwd: folder });
  await once(shell, 'spawn');
  await removeLeftovers(workdir);
  expect(shell.exitCode ?? shell.signalCode).toBeNull();
  const exit = once(shell, 'exit');
  shell.kill();
  await exit;
});
