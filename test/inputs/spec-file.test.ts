import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { BadInput } from '../../core/base/errors.ts';
import { resolveSpec } from '../../core/spec/resolve.ts';
import { readForeignFile } from '../../inputs/foreign-file.ts';
import { readSpecFile } from '../../inputs/spec-file.ts';

function file(name: string, content: string | Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), 'sweepstack-spec-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

/** What a person reads; anything but a refusal of the input fails the test. */
function refusal(name: string, content: string | Buffer): string {
  try {
    resolveSpec(readSpecFile(file(name, content)));
  } catch (error) {
    expect(error).toBeInstanceOf(BadInput);
    return (error as Error).message;
  }
  throw new Error('it was taken');
}

const REST = 'training: { command: [train] }\n';
const aliases = Array.from({ length: 500 }, (_, index) => `    q${index}: *r\n`).join('');

test.each([
  ['many aliases', `search:\n  space:\n    p: &r { min: 0, max: 1 }\n${aliases}${REST}`, 501],
  [
    'merged keys',
    `x-log: &log { min: 1.0e-4, max: 1, scale: log }\nsearch: { space: { a: { <<: *log, max: 2 } } }\n${REST}`,
    1,
  ],
  ['a byte-order mark', `\ufeffsearch: { space: { a: [1] } }\n${REST}`, 1],
  ['numbers for names of settings', `x-a: { 1: a, 2: b }\nsearch: { space: { a: [1] } }\n${REST}`, 1],
])('a spec with %s is read', (_, text, parameters) => {
  const spec = resolveSpec(readSpecFile(file('sweep.yaml', text)));
  expect(Object.keys(spec.search.space)).toHaveLength(parameters);
});

test('what a merge brings is overridden by what stands there', () => {
  const text = `x-log: &log { min: 1.0e-4, max: 1, scale: log }\nsearch: { space: { a: { <<: *log, max: 2 } } }\n${REST}`;
  expect(resolveSpec(readSpecFile(file('sweep.yaml', text))).search.space['a']).toMatchObject({ max: 2, scale: 'log' });
});

test('a spec in UTF-16 is read, as YAML and as JSON', () => {
  const json = '\ufeff{"search": {"space": {"a": [1]}}, "training": {"command": ["train"]}}';
  for (const name of ['sweep.yaml', 'sweep.json'])
    expect(readSpecFile(file(name, Buffer.from(json, 'utf16le')))).toMatchObject({ search: { space: { a: [1] } } });
});

test.each([
  ['an alias of nothing', 'search: *nothing\n', /Unresolved alias/],
  ['an alias of what it stands in', 'search: &a { space: *a }\n', /itself|Unresolved alias|anchor/i],
  [
    'a billion values',
    `x-0: &a0 [1]\n${Array.from({ length: 9 }, (_, i) => `x-${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(10)}]\n`).join('')}search: { space: { x: *a9 } }\n`,
    /500,000 values/,
  ],
  ['deep nesting', `search: ${'['.repeat(5000)}${']'.repeat(5000)}\n`, /nested/],
  ['brackets without end', '['.repeat(500_000), /nested/],
  [
    'keys without end',
    `${Array.from({ length: 700 }, (_, level) => `${' '.repeat(level)}a:\n`).join('')}`,
    /nested|levels/,
  ],
  ['a tag of another language', 'search: !!python/object:os.system { space: {} }\n', /Unresolved tag/],
  ['a date', '%YAML 1.1\n---\nsearch: { space: { x: [2026-01-01] } }\n', /JSON|Date|Unresolved/],
  ['a key twice', 'search: {}\nsearch: {}\n', /unique/],
  ['items on one line without end', '- '.repeat(100_000), /nested/],
  ['a key twice, as number and text', 'x-a: { 1: a, "1": b }\n', /unique/],
  ['a list for a key', '? [a, b]\n: c\n', /string/],
  ['two documents', 'a: 1\n---\nb: 2\n', /2 documents/],
  ['half a character', Buffer.from([0x61, 0x3a, 0xff]), /not valid UTF-8 text/],
  [
    '100,000 parameters',
    `search:\n  space:\n${Array.from({ length: 100_000 }, (_, i) => `    p${i}: [1]\n`).join('')}`,
    /holds more than 1 MB/,
  ],
  [
    '20,000 parameters',
    `search:\n  space:\n${Array.from({ length: 20_000 }, (_, i) => `    p${i}: [1]\n`).join('')}`,
    /20,000 parameters/,
  ],
])('a YAML spec with %s is refused by name', (_, text, reason) => {
  expect(refusal('sweep.yaml', text)).toMatch(reason);
});

test.each([
  ['a key twice', '{"search": {}, "search": {}}', /unique/],
  ['deep nesting', `{"search": ${'['.repeat(5000)}${']'.repeat(5000)}}`, /nested/],
  ['a cut end', '{"search": ', /is not valid JSON/],
  [
    '20,000 parameters',
    JSON.stringify({ search: { space: Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`p${i}`, [1]])) } }),
    /20,000 parameters/,
  ],
])('a JSON spec with %s is refused by name', (_, text, reason) => {
  expect(refusal('sweep.json', text)).toMatch(reason);
});

test.skipIf(process.platform !== 'linux')('a spec that never ends is refused, and one from a pipe is read', () => {
  const link = `${file('sweep.yaml', '')}.link`;
  symlinkSync('/dev/zero', link);
  expect(() => readSpecFile(link)).toThrow(/holds more than 1 MB/);
  const module = join(import.meta.dirname, '../../inputs/spec-file.ts');
  const script = `import(${JSON.stringify(module)}).then(({ readSpecFile }) => console.log(readSpecFile('/dev/stdin').a))`;
  const piped = spawnSync('/bin/sh', ['-c', `echo 'a: 7' | "$0" -e "$1"`, process.execPath, script]);
  expect(piped.stdout.toString()).toBe('7\n');
});

const spaceOf = (name: string, content: string) => resolveSpec(readSpecFile(file(name, content))).search.space;

test('one number written as a float makes a list of floats, in YAML and in JSON', () => {
  const floats = { choices: [1, 2], type: 'float' };
  expect(spaceOf('a.yaml', `search: { space: { a: [1.0, 2], b: [1e0, 2], c: [1, 2] } }\n${REST}`)).toEqual({
    a: floats,
    b: floats,
    c: [1, 2],
  });
  expect(
    spaceOf('a.json', '{"search": {"space": {"a": [1.0, 2], "c": [1, 2]}}, "training": {"command": ["train"]}}'),
  ).toEqual({ a: floats, c: [1, 2] });
});

test('floats that only YAML tells apart are the same spec as those whose type is said', () => {
  expect(spaceOf('a.yaml', `search: { space: { a: [0.5, 1.0], b: [1.0] } }\n${REST}`)).toEqual(
    resolveSpec({
      search: { space: { a: [0.5, 1], b: { choices: [1], type: 'float' } } },
      training: { command: ['train'] },
    }).search.space,
  );
});

test.each(['a.yaml', 'a.json'])('whole numbers beyond 2^53 are refused by field, with their digits: %s', (name) => {
  const numbers = '"seed_value": [1, 1234567890123456789], "b": {"choices": ["x", [9007199254740993]]}';
  expect(
    refusal(name, `{"search": {"space": {${numbers}}}, "training": {"command": ["train", 12345678901234567890]}}`),
  ).toMatch(
    /^search\.space\.seed_value\[1\]: received 1234567890123456789;.*\nsearch\.space\.b\.choices\[1\]\[0\]: received 9007199254740993;.*\ntraining\.command\[1\]: received 12345678901234567890;/,
  );
});

test.each([
  ['train.py', 'import a\n'],
  ['train', '#!/usr/bin/env python3\nimport a\n'],
])('the program %s in place of the spec is told from one', (name, content) => {
  expect(() => readSpecFile(file(name, content))).toThrow(/is a program, not a spec; sweep init --from /);
});

test('a parser that stumbles over every line is quoted for the first three', () => {
  const said = refusal('s.yaml', 'a: "1" 2\n'.repeat(9));
  expect(said.match(/is not valid YAML/g)).toHaveLength(3);
  expect(said).toMatch(/and \d+ more, which may follow from the first/);
});

test('a line on which the parser stumbles more than once is quoted once, with what to do', () => {
  const said = refusal(
    's.yaml',
    `search: { space: { a: [1] } }\ntraining: { command: python3 train.py {args}, epochs: 2 }\n`,
  );
  expect(said.match(/is not valid YAML/g)).toHaveLength(1);
  expect(said).toContain('Write a text that holds {name} in quotes');
});

describe('a refusal does not quote a secret', () => {
  const SPACE = 'search: { space: { a: [1] } }\n';
  const TOKEN = `ghp_${'hunter2'.repeat(6)}`;
  const environment = (text: string) => `${SPACE}training: { command: [a], environment: ${text} }\n`;

  test.each([
    [
      'written as a list',
      environment('{ DB_PASSWORD: [hunter2] }'),
      'training.environment.DB_PASSWORD: received a list',
    ],
    [
      'in place of its name',
      environment('{ DB_PASSWORD: { secret: [hunter2] } }'),
      'DB_PASSWORD.secret: received a list',
    ],
    ['in a name', environment('{ DB_PASSWORD=hunter2: 1 }'), 'training.environment.DB_PASSWORD=...'],
    ['in a list of variables', environment('[DB_PASSWORD=hunter2]'), 'training.environment: received a list'],
    ['below a part of the wrong type', `${SPACE}training: [{ environment: { A: hunter2 } }]`, '"environment":"..."'],
    ['under a name of its own', `${SPACE}training: [{ password: hunter2 }]`, '"password":"..."'],
    ['in place of an initial point', `search: { space: { a: [1] }, initial: [${TOKEN}] }\n${REST}`, 'is not shown'],
    ['that stands twice', `search: { space: { a: [${TOKEN}, ${TOKEN}] } }\n${REST}`, 'search.space.a'],
    ['on a line that does not parse', environment('{ DB_PASSWORD: "hunter2\\hunter2" }'), 'Invalid escape sequence'],
    ['on the line above', `${environment(`{ A: ${TOKEN}`)}objective: x`, 'is not valid YAML'],
    ['that looks like an alias', environment('{ DB_PASSWORD: *hunter2 }'), 'Unresolved alias'],
  ])('%s', (_, text, said) => {
    const words = refusal('s.yaml', text);
    expect(words).toContain(said);
    expect(words).not.toContain('hunter2');
  });

  test('in JSON that does not parse', () => {
    const words = refusal('s.json', '{"training": {"environment": {"DB_PASSWORD": hunter2}}}');
    expect(words).toContain('is not valid JSON');
    expect(words).not.toContain('hunter2');
  });

  test('a line without one is quoted', () => {
    expect(refusal('s.yaml', environment('{ WANDB_API_KEY: { secret: wandb }, A: "\\h" }'))).toContain('^');
  });
});

test('a sweep of another tool in place of the spec is told from one', () => {
  expect(() => readSpecFile(file('wb.yaml', 'method: grid\nparameters: { a: { values: [1] } }\n'))).toThrow(
    /is a W&B sweep, not a spec; sweep import .*wb\.yaml writes a spec of it$/,
  );
});

test('a program in place of the sweep of another tool is told from one', () => {
  expect(() => readForeignFile(file('tune.py', 'import a\n'))).toThrow(/is a program; sweep init --from .*tune\.py/);
});
