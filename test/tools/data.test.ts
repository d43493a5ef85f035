import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { EXAMPLES_WITH_DATA, preparing, removeUnfinished } from '../../tools/data.ts';

const folder = (name: string) => join(import.meta.dirname, '../../examples', name);

test.each(EXAMPLES_WITH_DATA)('examples/%s says how its data is made', (name) => {
  expect(readFileSync(join(folder(name), 'README.md'), 'utf8')).toContain(`npm run data ${name}\n`);
});

test('an example whose program comes with Sweepstack is prepared with the packages of that program', async () => {
  process.env['UV'] = 'the-uv';
  const [command, args] = await preparing('lora');
  expect([command, ...args.slice(0, 3)]).toEqual(['the-uv', 'run', '--frozen', '--project']);
  expect(args.slice(3)).toEqual([
    expect.stringMatching(/docker\/finetune$/),
    'python',
    join(folder('lora'), 'prepare.py'),
  ]);
});

test('what a preparation left that was killed long ago goes; one that may run stays, as does the data', async () => {
  const example = mkdtempSync(join(tmpdir(), 'sweepstack-example-'));
  onTestFinished(() => rmSync(example, { recursive: true }));
  for (const name of ['.data-killed', '.data-running', 'data', '.venv']) mkdirSync(join(example, name));
  const longAgo = new Date(Date.now() - 3 * 86_400_000);
  for (const name of ['.data-killed', 'data', '.venv']) utimesSync(join(example, name), longAgo, longAgo);
  await removeUnfinished(example);
  expect(readdirSync(example).sort()).toEqual(['.data-running', '.venv', 'data']);
});
