import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Place } from '../support/sweep-command.ts';

// The examples that need nothing but a shell, Python or a compiler, run as a reader runs them.

const examples = join(import.meta.dirname, '../../examples');
const hasCompiler = spawnSync('c++', ['--version']).status === 0;

test.each([
  ['any-program', 30, { x: 3, y: -1 }],
  ['helper', 6, { learning_rate: 0.3, batch_size: 10 }],
  ['key-value', 6, { learning_rate: 0.1, use_bias: true }],
  ...(hasCompiler ? [['cpp', 4, { rate: 0.001, momentum: 0.9 }] as const] : []),
] as const)('examples/%s finds its best', async (name, trained, parameters) => {
  const place = new Place();
  onTestFinished(() => place.remove());
  const filter = (path: string) => basename(path) !== '.sweepstack';
  cpSync(join(examples, name), place.project, { recursive: true, filter });
  const summary = await place.run();
  expect(summary.trials, summary.error).toMatchObject({ trained, failed: 0 });
  expect(summary.best).toMatchObject({ parameters });
});
