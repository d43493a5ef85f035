import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Place, trialsOf } from '../support/sweep-command.ts';

// A disk of its own, where the system lets one be mounted (root, and no sandbox that forbids it).

const disk = mkdtempSync(join(tmpdir(), 'sweepstack-disk-'));
const mount = (options: string) => spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', disk]).status === 0;
const mounted = process.platform === 'linux' && mount('size=4m');

let place: Place;
beforeAll(() => {
  place = new Place().write({
    'sweep.yaml': `
name: full
sweepId: full-1
search: { space: { x: [1, 2, 3, 4] } }
objective: { metric: score }
training: { command: [sh, train.sh], source: ., epochs: 1 }
compute: { maxParallel: 1 }
tolerance: { failedTrials: 1 }
`,
    'train.sh': `set -e
if [ $X = 3 ]; then dd if=/dev/zero of="$MODEL_DIR/weights" bs=1M count=8; fi
echo "$X" > "$MODEL_DIR/x"
echo "{\\"score\\": $X}" >> "$METRICS_FILE"
`,
  });
});
afterAll(() => {
  place.remove();
  if (mounted) spawnSync('umount', ['-l', disk]);
  rmSync(disk, { recursive: true, force: true });
});

describe.runIf(mounted)('a store that is full after a training', () => {
  const small = mkdtempSync(join(tmpdir(), 'sweepstack-store-'));
  const remount = (size: string) => spawnSync('mount', ['-o', `remount,size=${size}`, small]);
  let trained: Place;
  beforeAll(() => {
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=5m', 'tmpfs', small]);
    trained = new Place().write({
      'sweep.yaml': `
name: kept
sweepId: kept-1
search: { space: { x: [1] } }
objective: { metric: score }
training: { command: [sh, train.sh], source: ., epochs: 1 }
`,
      'train.sh': `echo "$X" >> "$OUT/runs"; head -c 3500000 /dev/zero > "$MODEL_DIR/weights"; echo '{"score": 1}' >> "$METRICS_FILE"\n`,
    });
  });
  afterAll(() => {
    trained.remove();
    spawnSync('umount', ['-l', small]);
    rmSync(small, { recursive: true, force: true });
  });

  test('stops the sweep with its own words, and the next run stores what was trained', async () => {
    const stopped = await trained.sweep(['run', 'sweep.yaml', '--workdir', join(small, 'w')]);
    expect(stopped.status, stopped.stderr).toBe(1);
    expect(stopped.stderr).toMatch(
      /the result of trial 0 .* cannot be stored: .*the disk is full.* is kept in .*run the sweep again/,
    );
    expect(stopped.stderr).not.toContain('fault of sweep');
    remount('64m');
    const summary = await trained.run(['--workdir', join(small, 'w')]);
    expect(summary.trials).toMatchObject({ planned: 1, failed: 0 });
    expect(statSync(join(summary.best!.model!, 'weights')).size).toBe(3_500_000);
    expect(trained.lines('runs')).toEqual(['1']);
  });
});

describe.runIf(mounted)('a disk that is full', () => {
  test('fails the trial that filled it, by its class, and no other', async () => {
    const summary = await place.run(['--workdir', join(disk, 'w')]);
    expect(summary.best?.parameters).toEqual({ x: 4 });
    expect(trialsOf(summary).filter(({ status }) => status === 'failed')).toMatchObject([
      { parameters: { x: 3 }, failureClass: 'disk-full' },
    ]);
  });

  test('lets the sweep go on once there is space', async () => {
    spawnSync('mount', ['-o', 'remount,size=64m', disk]);
    const summary = await place.run(['--workdir', join(disk, 'w')]);
    expect(summary.trials).toEqual({ planned: 4, trained: 1, reused: 3, failed: 0 });
  });
});
