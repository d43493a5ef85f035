import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { expect, onTestFinished, test } from 'vitest';
import * as z from 'zod';
import { sweepHandler } from '../../lambdas/shared/handler.ts';
import { withSourcePositions } from '../../lambdas/shared/source-positions.ts';

/** The stack trace of an error in the second line of broken.ts, bundled with a source map or without. */
async function stackOfBundle(sourcemap: boolean): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'sweepstack-positions-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const outfile = join(folder, 'index.mjs');
  const contents =
    '// a comment, which the bundle leaves out\nexport const fail = () => { throw new Error("a bug"); };';
  const stdin = { contents, sourcefile: 'broken.ts', resolveDir: folder };
  await build({ stdin, outfile, sourcemap, bundle: true, format: 'esm', minify: true });
  // In a process of its own: vitest puts the positions in by itself.
  const script = `import { fail } from ${JSON.stringify(pathToFileURL(outfile).href)};
    try { fail(); } catch (error) { process.stdout.write(error.stack); }`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).stdout;
}

test('a stack trace names the line of the source, and keeps its message', async () => {
  const [message, first] = (await withSourcePositions(await stackOfBundle(true))).split('\n');
  expect(message).toBe('Error: a bug');
  expect(first).toMatch(/^ {4}at broken\.ts:2:\d+$/);
});

test('a stack trace of a bundle without a map stays as it is', async () => {
  const stack = await stackOfBundle(false);
  expect(stack).toContain('index.mjs:1:');
  expect(await withSourcePositions(stack)).toBe(stack);
});

test("a function's error that is not one of ours comes with the lines of sources", async () => {
  const bug = Object.assign(new Error('a bug'), { stack: await stackOfBundle(true) });
  const handler = sweepHandler(z.unknown(), () => Promise.reject(bug));
  await expect(handler({}, {} as never)).rejects.toBe(bug);
  expect(bug.stack).toContain('at broken.ts:2:');
});
