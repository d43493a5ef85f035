// What a Lambda function's cold start costs beyond Lambda's own: from the start of Node to a handler that is ready to be
// called, for each bundle, beside a Node that imports nothing. Medians of interleaved runs, and the ratio to the plain
// start.
//
//   node tools/node24.mjs --install bench/cold-start.ts
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FUNCTION_NAMES } from '../lambdas/functions.ts';

const ROOT = join(import.meta.dirname, '..');
const RUNS = Number(process.env['RUNS'] ?? 15);
const bundleOf = (name: string) => join(ROOT, 'dist/lambdas', name, 'index.mjs');

spawnSync(process.execPath, ['tools/build.ts'], { cwd: ROOT, stdio: 'inherit' });

/** Milliseconds from spawn to the handler being there, as the process itself tells at its end. */
function start(module: string | null): number {
  const ready =
    module === null
      ? ''
      : `const { handler } = await import(${JSON.stringify(pathToFileURL(module).href)}); handler.name;`;
  const began = performance.timeOrigin + performance.now();
  const script = `${ready} process.stdout.write(String(performance.timeOrigin + performance.now()))`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
  if (status !== 0) throw new Error(stderr.toString());
  return Number(stdout.toString()) - began;
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

const times = new Map<string, number[]>([
  ['(nothing)', []],
  ...FUNCTION_NAMES.map((name) => [name, []] as [string, number[]]),
]);
for (let run = 0; run < RUNS; run++) {
  for (const [name, list] of times) list.push(start(name === '(nothing)' ? null : bundleOf(name)));
}
const plain = median(times.get('(nothing)')!);
console.log(`from the start of Node to a handler that is ready, median of ${RUNS} runs`);
for (const [name, list] of times) {
  const size = name === '(nothing)' ? '' : `  ${(statSync(bundleOf(name)).size / 1000).toFixed(0)} kB`;
  const middle = median(list);
  console.log(`${name.padEnd(10)} ${middle.toFixed(0).padStart(5)} ms  ${(middle / plain).toFixed(1)} x${size}`);
}
