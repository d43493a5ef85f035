import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Mps } from '../../runner/mps.ts';
import { fakeMps } from './support.ts';

function machine(more: Record<string, string> = {}, hasControl = true, patienceMs = 60_000) {
  const folder = mkdtempSync(join(tmpdir(), 'sweepstack-mps-'));
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  if (hasControl) fakeMps(bin);
  const said: string[] = [];
  const path = hasControl ? [bin, process.env['PATH']].join(delimiter) : bin;
  const environment = { PATH: path, HERE: folder, CUDA_VISIBLE_DEVICES: '1', ...more };
  const mps = new Mps(environment, (message) => said.push(message), new AbortController().signal, patienceMs);
  onTestFinished(async () => {
    await mps.end();
    rmSync(folder, { recursive: true, force: true });
  });
  const lines = (file: string) =>
    existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8').trim().split('\n') : [];
  return { mps, said, lines };
}

test('all lanes use one daemon, which sees the GPUs as the container does and ends with them', async () => {
  const { mps, lines } = machine();
  const shares = await Promise.all([mps.share(), mps.share()]);
  const pipe = shares[0]!.environment['CUDA_MPS_PIPE_DIRECTORY']!;
  expect(shares[1]!.environment).toEqual(shares[0]!.environment);
  expect(lines('started')).toEqual([`${pipe} unset`]);
  await mps.end();
  expect(lines('ended')).toEqual(['quit']);
  expect(existsSync(pipe)).toBe(false);
});

test.each([
  ['has none', {}, false, /no nvidia-cuda-mps-control in the image/],
  ['has one that ends', { BROKEN: '1' }, true, /ended with 1/],
  ['has one that does not answer', { SILENT: '1' }, true, /does not answer/],
])(
  'an image that %s shares by time slices, says so once and keeps nothing',
  async (_, environment, hasControl, why) => {
    const { mps, said, lines } = machine(environment, hasControl, 'SILENT' in environment ? 400 : undefined);
    expect(await mps.share()).toBeNull();
    expect(await mps.share()).toBeNull();
    expect(said).toEqual([expect.stringMatching(why)]);
    expect(lines('started').map((line) => existsSync(dirname(line.split(' ')[0]!)))).toEqual(hasControl ? [false] : []);
  },
);

test('a daemon that others run is theirs', async () => {
  const { mps, lines } = machine({ CUDA_MPS_PIPE_DIRECTORY: '/theirs' });
  expect(await mps.share()).toBeNull();
  expect(lines('started')).toEqual([]);
});

test('a trial that succeeded has shown that sharing works', async () => {
  const { mps } = machine();
  const sharing = (await mps.share())!;
  await mps.heard({ status: 'failed' });
  expect(sharing.hasWorked()).toBe(false);
  await mps.heard({ status: 'succeeded' });
  expect(sharing.hasWorked()).toBe(true);
});

test('after a failure that sharing may have caused nothing more shares, and the server’s log is told', async () => {
  const { mps, said } = machine();
  await mps.share();
  await mps.heard({ status: 'crowded' });
  await mps.heard({ status: 'crowded' });
  expect(await mps.share()).toBeNull();
  expect(said.slice(1)).toEqual([expect.stringMatching(/no longer used.*Server is in fault state/)]);
});
