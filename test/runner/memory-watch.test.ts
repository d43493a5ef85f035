import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { MemoryWatch } from '../../runner/memory-watch.ts';

const MIB = 1024 * 1024;

/** A shell whose child takes 64 MiB and then waits. */
function program(): number {
  const code = 'const b = Buffer.alloc(64 * 1024 * 1024, 1); setInterval(() => b, 1e6)';
  const child = spawn('sh', ['-c', `"${process.execPath}" -e '${code}'; :`], { detached: true, stdio: 'ignore' });
  onTestFinished(() => {
    process.kill(-child.pid!, 'SIGKILL');
  });
  return child.pid!;
}

test('the memory of all that a program started is seen, and that of its GPUs where nvidia-smi is there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sweepstack-smi-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(
    join(folder, 'nvidia-smi'),
    '#!/bin/sh\ncase "$1" in *compute*) echo "1, 9";; *) echo "0, GPU-a, 512";; esac\n',
  );
  chmodSync(join(folder, 'nvidia-smi'), 0o755);
  const watch = new MemoryWatch(['0'], { PATH: `${folder}:${process.env['PATH']}` });
  onTestFinished(() => watch.stop());
  watch.begin(program());
  await expect.poll(() => watch.peak?.host ?? 0, { timeout: 60_000 }).toBeGreaterThan(64 * MIB);
  await expect.poll(() => watch.peak?.gpu, { timeout: 60_000 }).toBe(512 * MIB);
});
