// What the built functions start with (npm run build makes them). Each thing that is left out was measured: bench/README.md.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { FUNCTION_NAMES } from '../../lambdas/functions.ts';

const BUNDLES = join(import.meta.dirname, '../../dist/lambdas');
const bundleOf = (name: string) => join(BUNDLES, name, 'index.mjs');

/** The text of the files that a start reads. */
function startOf(file: string, seen = new Map<string, string>()): string {
  if (!seen.has(file)) {
    const text = readFileSync(file, 'utf8');
    seen.set(file, text);
    for (const [, path] of text.matchAll(/(?:\bfrom|\bimport)"(\.\/[^"]+)"/g))
      startOf(join(dirname(file), path!), seen);
  }
  return [...seen.values()].join('\n');
}

/** What a start reads that fits; not the text that holds it, which a failure would print. */
const foundIn = (name: string, pattern: RegExp): string | null => pattern.exec(startOf(bundleOf(name)))?.[0] ?? null;

/** The modules of Node that are loaded once the handler is there. */
function builtinsOf(name: string): string[] {
  const url = pathToFileURL(bundleOf(name)).href;
  const script = `await import(${JSON.stringify(url)}); process.stdout.write(process.moduleLoadList.join('\\n'))`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.split('\n').map((line) => line.replace('NativeModule ', ''));
}

describe.each(FUNCTION_NAMES)('the bundle of %s', (name) => {
  test('reads no schema of an operation that nobody calls', () => {
    expect(foundIn(name, /"\/\?(acl|analytics|versioning)/)).toBeNull();
  });

  test('reads no protocol that only a client for later speaks, nor a stream of events', () => {
    // Batch is what the release function is for.
    if (name !== 'release') expect(foundIn(name, /x-amz-json/)).toBeNull();
    expect(foundIn(name, /":message-type"/)).toBeNull();
  });

  test("loads none of Node's modules for exports that nobody names", () => {
    const wanted = builtinsOf(name);
    expect(wanted).toContain('https');
    expect(wanted.filter((module) => /undici|worker_threads|child_process|^module$/.test(module))).toEqual([]);
  });
});
