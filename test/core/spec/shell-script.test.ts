import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fillCommand } from '../../../core/spec/command.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { scriptIn } from '../../../core/spec/shell-script.ts';
import { fillingOf } from './filling.ts';

/** What a real shell makes of a script with its placeholders filled. */
function said(script: string, parameters: Record<string, string | number>): string {
  const [shell, ...args] = fillCommand(['sh', '-c', script], fillingOf(parameters));
  return spawnSync(shell!, args, { encoding: 'utf8' }).stdout;
}

const NASTY = [
  'a b',
  "it's",
  '"',
  '$HOME',
  '$(echo owned)',
  '`echo owned`',
  '; echo owned',
  '\\',
  '\n',
  '*',
  '',
  '#x',
  '&',
];

describe('a value in a script', () => {
  test.each([
    ['bare', `printf %s {x}`],
    ['glued to a word', `for arg in --x={x}; do printf %s "\${arg#--x=}"; done`],
    ['in double quotes', `printf %s "{x}"`],
    ['in single quotes', `printf %s '{x}'`],
    ['in a substitution', `printf %s "$(printf %s {x})"`, '\n'],
    ['in quotes in a substitution in quotes', `printf %s "$(printf %s "{x}")"`, '\n'],
    ['behind quotes that ended', `printf %s 'it'"s"; printf '\\r%s' {x}`],
    ['behind an expansion', `printf %s "\${HOME}" >/dev/null; printf %s {x}`],
    ['behind an escaped quote', `printf %s \\' >/dev/null; printf %s {x}`],
    ['of an assignment', `X={x}; printf %s "$X"`],
  ])('stands there as it is: %s', (_, script, without = '') => {
    for (const value of NASTY.filter((text) => without === '' || !text.includes(without)))
      expect(said(script, { x: value }).split('\r').at(-1)).toBe(value);
  });

  test('is never more than itself, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...`ab '"$\`\\;&|()<>{}*?~#!\n`) }), (value) => {
        expect(said(`printf '%s|' {x} "{x}" '{x}'`, { x: value })).toBe(`${value}|${value}|${value}|`);
      }),
      { numRuns: 50 },
    );
  });

  test('may be all of them', () => {
    expect(said(`printf '%s|' {args}`, { x: "it's $HOME", y: 2 })).toBe("--x=it's $HOME|--y=2|");
  });
});

const UNCLEAR = [
  'echo # {x}',
  'cat <<END\n{x}\nEND',
  'echo $(( {x} + 1 ))',
  'echo `echo {x}`',
  "echo $'{x}'",
  'eval "echo {x}"',
  'bash -c "echo {x}"',
  "ssh host 'train {x}'",
  'echo "$(case a in a) echo {x};; esac)"',
  `echo \${Y:-'}'} {x}`,
  'echo \\{x}',
];

describe.each(UNCLEAR)('where no shell can be foreseen: %s', (script) => {
  const spec = (choices: unknown[]) => ({
    search: { space: { x: choices } },
    training: { command: ['sh', '-c', script] },
  });

  test('a text is refused by name, at the plan', () => {
    expect(() => resolveSpec(spec(['a', 'b']))).toThrow(/training\.command\[2\]: \{x\} is where/);
  });

  test('a number passes, as it is one wherever it stands', () => {
    expect(() => resolveSpec(spec([1, -2.5]))).not.toThrow();
    expect(fillCommand(['sh', '-c', script], fillingOf({ x: -2.5 }))[2]).toContain('-2.5');
  });

  test('a text that came all the same is not filled in', () => {
    expect(() => fillCommand(['sh', '-c', script], fillingOf({ x: 'a' }))).toThrow(/\{x\} is where/);
  });
});

test.each([
  [['sh', '-c', 'x'], 2],
  [['/bin/bash', '-euo', 'pipefail', '-c', 'x', 'name'], 4],
  [['env', 'A=b', 'bash', '-lc', 'x'], 4],
  [['bash', '-c', '-e', 'x'], 3],
  [['bash', 'run.sh', '-c', 'x'], -1],
  [['python', '-c', 'x'], -1],
  [['sh'], -1],
])('the script of %j is at %i', (command, index) => {
  expect(scriptIn(command)).toBe(index);
});

test('elsewhere a value is an argument, which no shell reads', () => {
  expect(fillCommand(['sh', '-c', 'train "$1"', 'sh', '{x}'], fillingOf({ x: '$HOME' }))).toEqual([
    ...['sh', '-c', 'train "$1"', 'sh', '$HOME'],
  ]);
  expect(fillCommand(['python', '-c', 'print({x})'], fillingOf({ x: 'a b' }))[2]).toBe('print(a b)');
});
