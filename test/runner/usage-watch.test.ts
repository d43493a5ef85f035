import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { GpuSampler } from '../../runner/gpu-sampler.ts';
import { UsageWatch } from '../../runner/usage-watch.ts';
import { alive } from './support.ts';

/** A sampler whose nvidia-smi is this script; each of its processes leaves its id in `pids`. */
function place(script: string, silentMs = 60_000) {
  const folder = mkdtempSync(join(tmpdir(), 'sweepstack-smi-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'nvidia-smi'), `#!/bin/sh\necho $$ >> "$0.pids"\n${script}\n`);
  chmodSync(join(folder, 'nvidia-smi'), 0o755);
  const environment = { PATH: `${folder}:${process.env['PATH']}` };
  const sampler = new GpuSampler(environment, { every: 10, silentMs, lingerMs: 0 });
  const pids = () => readFileSync(join(folder, 'nvidia-smi.pids'), 'utf8').trim().split('\n').map(Number);
  return { sampler, pids };
}

const line = (index: number, busy: number) => `echo '${index}, GPU-${index}0, ${busy}, 3000, 24000, 70.1, 40'`;
const watch = (sampler: GpuSampler, gpus: string[]) => new UsageWatch(gpus, 4, null, { busyCores: 1.5 }, sampler);

test('trials that run at once share one nvidia-smi, each hears of its own GPUs, and the last ends it', async () => {
  const { sampler, pids } = place(`${line(0, 20)}; ${line(1, 90)}; exec sleep 1000`);
  const [first, second] = [watch(sampler, ['0']), watch(sampler, ['GPU-10'])];
  const heard: string[] = [];
  for (const each of [first, second]) each.begin(({ uuid }) => heard.push(uuid));
  await expect.poll(() => heard.toSorted(), { timeout: 30_000 }).toEqual(['GPU-00', 'GPU-10']);
  expect(first.usage([])).toMatchObject({ gpu: { devices: 1, busy: { mean: 20 } }, cores: { busy: 1.5, given: 4 } });
  expect(second.usage([])).toMatchObject({ gpu: { busy: { mean: 90 } } });
  first.stop();
  second.stop();
  await expect.poll(() => Promise.all(pids().map(alive)), { timeout: 30_000 }).toEqual([false]);
});

test('an nvidia-smi that ends by itself is started again a few times, then left alone', async () => {
  const { sampler, pids } = place('exit 9');
  const watching = watch(sampler, ['0']);
  watching.begin(() => {});
  await expect.poll(() => pids().length, { timeout: 30_000 }).toBe(3);
  await expect.poll(() => Promise.all(pids().map(alive)), { timeout: 30_000 }).toEqual([false, false, false]);
  watching.stop();
  expect(watching.usage([])).toEqual({ cores: { busy: 1.5, given: 4 } });
});

test('an nvidia-smi that hangs is killed, and the next one heard', async () => {
  const { sampler, pids } = place(`[ "$(wc -l < "$0.pids")" = 1 ] || ${line(0, 20)}; exec sleep 1000`, 500);
  const watching = watch(sampler, ['0']);
  const heard: string[] = [];
  watching.begin(({ uuid }) => heard.push(uuid));
  await expect.poll(() => heard.length, { timeout: 30_000 }).toBeGreaterThan(0);
  expect(await alive(pids()[0]!)).toBe(false);
  watching.stop();
});

test('without nvidia-smi, and without a GPU of its own, a trial runs as ever', async () => {
  const sampler = new GpuSampler({ PATH: '/nowhere' });
  const blind = new UsageWatch(['0'], 1, null, { busyCores: null }, sampler);
  blind.begin(() => {});
  blind.stop();
  expect(blind.usage([])).toBeNull();
});
