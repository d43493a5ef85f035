import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EXAMPLES_WITH_DATA, preparing } from '../../tools/data.ts';

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
