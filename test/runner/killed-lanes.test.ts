import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import * as keys from '../../core/layout/keys.ts';
import { encodeManifest, manifestReference, trialText } from '../../core/trial/manifest.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { fakeMps, place, TRIAL } from './support.ts';

const TRIALS = [1, 2, 3, 4].map((x, trial) => ({
  ...TRIAL,
  trial,
  id: `00000000000000a${x}`,
  parameters: { ...TRIAL.parameters, x },
}));

/** Goes on from its checkpoint, if it has one; else trains until it is told to end, which the last does not hear. */
const PROGRAM = `report() { echo "{\\"epoch\\": $1, \\"score\\": $((X * 10 + $1))}" >> "$METRICS_FILE"; }
state="$CHECKPOINT_DIR/state"
if [ -e "$state" ]; then cp "$state" "$SHARED/went-on-$X"; report 3; exit 0; fi
echo "$CUDA_MPS_PIPE_DIRECTORY" >> "$SHARED/pipes"
report 1; echo early > "$state"
if [ $X = 4 ]; then trap '' TERM; else trap 'report 2; echo late > "$state"; exit 75' TERM; fi
while true; do sleep 0.05; done
`;

/** A folder for the PATH with a driver's programs, as for one GPU. */
function machineWithGpu(folder: string): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'nvidia-smi'), "#!/bin/sh\n[ $1 = -L ] && echo 'GPU 0: A10G' || exec sleep 600\n", {
    mode: 0o755,
  });
  fakeMps(bin);
  // A container takes its daemon with it when it is killed.
  onTestFinished(() => {
    for (const pid of readFileSync(join(folder, 'daemons'), 'utf8').trim().split('\n'))
      try {
        process.kill(-pid, 'SIGKILL');
      } catch {
        // It has ended.
      }
  });
  return bin;
}

test('a container that is told to end, and killed before its last lane has, costs no trial and fails none', async () => {
  const at = await place(PROGRAM, { compute: { gpus: 1, trialsPerGpu: 4 } });
  const bin = machineWithGpu(at.folder);
  const manifest = encodeManifest(TRIALS.map(trialText));
  await at.store.put(keys.shardKey('s', 0, 0), manifest.bytes);
  const url = `${at.store.url}/${keys.shardKey('s', 0, 0)}`;
  const { checkpoints, results, failures } = sweepObjects(at.store, 's');
  /** The container's entrypoint, in a process group of its own. */
  const container = (attempt: number) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, '../../runner/main.ts')], {
      detached: true,
      stdio: 'ignore',
      env: {
        ...process.env,
        ...at.run.environment,
        SWEEP_MANIFEST: manifestReference(url, manifest.width, { lines: 4, each: 4 }),
        AWS_BATCH_JOB_ATTEMPT: String(attempt),
        AWS_EC2_METADATA_DISABLED: 'true',
        SWEEP_WORK: at.folder,
        SWEEP_CACHE: at.run.cacheFolder!,
        SHARED: at.folder,
        HERE: at.folder,
        SWEEP_GPUS: '1',
        PATH: `${bin}:${process.env['PATH']}`,
      },
    });
    onTestFinished(() => void (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL')));
    return { child, ended: once(child, 'exit') };
  };
  /** Lines of metrics that came with each trial's checkpoint. */
  const epochsStored = () =>
    Promise.all(
      TRIALS.map(async ({ id }) => {
        const stored = await checkpoints.latest(id);
        return stored === null || stored === 'malformed' ? stored : stored.metrics.trim().split('\n').length;
      }),
    );

  const first = container(1);
  const eventually = { timeout: 60_000, interval: 100 };
  await expect.poll(epochsStored, eventually).toEqual([1, 1, 1, 1]);
  process.kill(-first.child.pid!, 'SIGTERM');
  await expect.poll(epochsStored, eventually).toEqual([2, 2, 2, 1]);
  process.kill(-first.child.pid!, 'SIGKILL');
  expect(await first.ended).toEqual([null, 'SIGKILL']);
  expect(TRIALS.filter(({ parameters: { x } }) => existsSync(join(at.folder, `went-on-${x}`)))).toEqual([]);

  const lines = (file: string) => readFileSync(join(at.folder, file), 'utf8').trim().split('\n');
  const pipe = lines('started')[0]!.split(' ')[0]!;
  expect(lines('pipes')).toEqual([pipe, pipe, pipe, pipe]);

  expect(await container(2).ended).toEqual([0, null]);
  expect(lines('ended')).toEqual(['quit']);
  const states = TRIALS.map(({ parameters: { x } }) => readFileSync(join(at.folder, `went-on-${x}`), 'utf8').trim());
  expect(states).toEqual(['late', 'late', 'late', 'early']);
  const left = await Promise.all(TRIALS.map(({ id, epochs }) => results.read({ trialId: id, epochs })));
  expect(left).toMatchObject(
    TRIALS.map(({ parameters: { x } }) => ({ status: 'succeeded', value: 10 * x + 3, epoch: 3 })),
  );
  expect(await failures.ofRound(0)).toEqual([]);
});
