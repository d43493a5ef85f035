import { closeSync, fstatSync, mkdtempSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { OutputPipes } from '../../runner/output-pipes.ts';

let folder: string;
let outputPipes: typeof import('../../runner/output-pipes.ts')['outputPipes'];
let runProgram: typeof import('../../runner/program.ts')['runProgram'];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sweepstack-output-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  // No pipes from before.
  vi.resetModules();
  ({ outputPipes } = await import('../../runner/output-pipes.ts'));
  ({ runProgram } = await import('../../runner/program.ts'));
});

test('a program is heard where no pipe can be made', async () => {
  let said = '';
  const end = await runProgram({
    command: ['sh', '-c', 'echo a; echo b >&2'],
    folder,
    environment: { PATH: process.env['PATH'] ?? '', METRICS_FILE: join(folder, 'metrics.jsonl') },
    mark: 'METRICS_FILE',
    onOutput: (chunk) => {
      said += chunk;
      return undefined;
    },
    stop: new AbortController().signal,
    graceSeconds: 30,
    pipes: '/no/such/folder/std',
  });
  expect(end).toEqual({ exitCode: 0, signal: null });
  expect(said.split('\n').sort().join('')).toBe('ab');
});

describe.skipIf(process.platform !== 'linux')('the pipes for a program', () => {
  const inodes = ({ writers }: OutputPipes) => writers.map((fd) => fstatSync(fd).ino);
  /** What both hold, read to the end. */
  async function read({ stdout, stderr }: OutputPipes): Promise<string[]> {
    const texts = [stdout, stderr].map(async (stream) => Buffer.concat(await stream.toArray()).toString());
    return Promise.all(texts);
  }

  test('have no names', async () => {
    const pipes = (await outputPipes(join(folder, 'std')))!;
    expect(readdirSync(folder)).toEqual([]);
    pipes.closeWriters();
    await read(pipes);
  });

  test('serve the next program when they were read to their end', async () => {
    const first = (await outputPipes(join(folder, 'std')))!;
    const before = inodes(first);
    writeSync(first.writers[0], 'out');
    first.closeWriters();
    expect(await read(first)).toEqual(['out', '']);
    first.giveBack();
    const second = (await outputPipes(join(folder, 'std')))!;
    expect(inodes(second)).toEqual(before);
    writeSync(second.writers[1], 'err');
    second.closeWriters();
    expect(await read(second)).toEqual(['', 'err']);
  });

  test('serve no other while somebody may write to them', async () => {
    const first = (await outputPipes(join(folder, 'std')))!;
    const before = inodes(first);
    closeSync(first.writers[0]);
    first.stdout.resume();
    await new Promise((resolve) => first.stdout.once('close', resolve));
    first.stderr.destroy();
    first.giveBack();
    const second = (await outputPipes(join(folder, 'std')))!;
    expect(inodes(second)).not.toEqual(before);
    closeSync(first.writers[1]);
    second.closeWriters();
    await read(second);
  });
});
