import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { completionText, SHELLS } from '../../cli/commands/completion.ts';
import { commandMeant, EXAMPLES, examplesText } from '../../cli/examples.ts';
import { commands } from '../../cli/program.ts';
import { outputTo } from '../../cli/terminal/output.ts';
import { sweepCommands } from '../docs/blocks.ts';

const program = () => commands(outputTo(process.stdout, process.stderr, false), () => {});

const folder = mkdtempSync(join(tmpdir(), 'sweepstack-completion-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What bash would offer for a line that ends at the cursor. */
function offered(line: string): string[] {
  const file = join(folder, 'sweep.bash');
  writeFileSync(file, completionText('bash', program()));
  mkdirSync(join(folder, '.sweepstack/store/sweeps/digits-1a2b3c4d'), { recursive: true });
  const words = line.split(' ');
  const script = `source '${file}'; COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _sweep; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8' }).split('\n').filter(Boolean);
}

describe('bash completes', () => {
  test.each([
    ['sweep sta', ['start', 'status']],
    ['sweep export --fo', ['--format']],
    ['sweep export --format o', ['optuna']],
    ['sweep status dig', ['digits-1a2b3c4d']],
    // Files are bash's own to complete.
    ['sweep plan sw', []],
  ])('%s', (line, words) => {
    expect(offered(line)).toEqual(words);
  });
});

const has = (shell: string) => spawnSync(shell, ['--version']).status === 0;
test.each(SHELLS.filter(has))('%s parses its completion', (shell) => {
  const ended = spawnSync(shell, ['-n'], { input: completionText(shell, program()), encoding: 'utf8' });
  expect(ended.stderr).toBe('');
});

test.each(SHELLS)('the completion of %s names every command', (shell) => {
  const text = completionText(shell, program());
  for (const { commands: all } of [program()]) for (const each of all) expect(text).toContain(each.name());
});

describe('examples', () => {
  test.each(program().commands.map((each) => each.name()))('sweep %s --help has some', (name) => {
    expect(examplesText(name)).toMatch(new RegExp(`\\nExamples:\\n {2}.*sweep ${name}`));
  });

  test.each(Object.values(EXAMPLES).flat())('%s is a command line that the command takes', async (line) => {
    const [args] = sweepCommands(line.replace(/^source <\((.*)\)$/, '$1').replace(/ > .*/, ''));
    const parsed = program();
    for (const each of parsed.commands) each.action(() => {}).configureOutput({ writeErr: () => {} });
    await expect(parsed.parseAsync(args!, { from: 'user' })).resolves.toBeDefined();
  });
});

test.each([
  [['ls'], '(Did you mean sweep list?)'],
  [['--json', 'sweep.yaml'], '(Did you mean sweep run sweep.yaml?)'],
  [['frobnicate'], null],
])('%j is answered with %s', (argv, hint) => {
  expect(commandMeant(argv)).toBe(hint);
});
