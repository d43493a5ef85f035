import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
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
