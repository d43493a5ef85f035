import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fill, fillAtOnce } from '../../storage/fill.ts';

function opened(text: string): number {
  const folder = mkdtempSync(join(tmpdir(), 'sweepstack-fill-'));
  writeFileSync(join(folder, 'file'), text);
  const descriptor = openSync(join(folder, 'file'), 'r');
  onTestFinished(() => {
    closeSync(descriptor);
    rmSync(folder, { recursive: true });
  });
  return descriptor;
}

describe.each([
  ['fill', fill],
  ['fillAtOnce', fillAtOnce],
])('%s', (_, take) => {
  test('reads from a place on, as much as the buffer holds', async () => {
    expect((await take(opened('0123456789'), Buffer.alloc(4), 3)).toString()).toBe('3456');
  });

  test('ends where the file ends, with no bytes that are none of its', async () => {
    expect((await take(opened('0123'), Buffer.alloc(100, 'x'), 2)).toString()).toBe('23');
  });
});
