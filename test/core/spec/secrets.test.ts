import { describe, expect, test } from 'vitest';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { formsOf, secretIn, unfitSecret } from '../../../core/spec/secrets.ts';

test.each([
  ['WANDB_API_KEY', 'abc'],
  ['MY_SECRET', 'x'],
  ['DB_PASSWORD', 'hunter2'],
  ['HF_TOKEN', 'x'],
  ['aws_secret_key', 'x'],
  ['MYSQL_PWD', 'x'],
  ['SMTP_PASS', 'x'],
  ['PGPASSWORD', 'x'],
  ['MINIO_ACCESS_KEY', 'x'],
  ['DEPLOY_PRIVATE_KEY', 'x'],
  ['OPENAI_APIKEY', 'x'],
  ['DB_PASSWORD', 12345678],
])('the name %s says that it is a secret', (name, value) => {
  expect(secretIn(name, value)).toMatch(/name/);
});

test.each([
  `AKIA${'ABCDEFGHIJKLMNOP'}`,
  `ghp_${'a'.repeat(36)}`,
  `https://user:hf_${'b'.repeat(34)}@host`,
  '-----BEGIN RSA PRIVATE KEY-----',
  'postgres://me:hunter2@db.example.com:5432/runs',
  'https://:hunter2@host/simple',
  `sk-proj-${'aB3'.repeat(12)}`,
  'xoxb-1234567890-abcdef',
])('a value like %s looks like a key', (value) => {
  expect(secretIn('X', value)).toMatch(/looks like/);
});

test.each([
  ['MAX_TOKENS', '100'],
  ['TOKENIZER', 'bert-base'],
  ['WANDB_API_KEY', ''],
  ['SCHEDULE', 'sk-short'],
  ['COMMIT', 'a'.repeat(40)],
  ['PWD', '/work'],
  ['MAX_PASSES', '3'],
  ['MONKEY', 'x'],
  ['COMPASS', 'north'],
  ['PAD_TOKEN', 0],
  ['USE_API_KEY', true],
  ['DATABASE_URL', 'postgres://me@db.example.com:5432/runs'],
  ['TRACKING', 'https://host:8080/a@b'],
  ['MODEL', 'sk-learn-random-forest-classifier-2'],
])('%s=%s passes', (name, value) => {
  expect(secretIn(name, value)).toBeNull();
});

const spec = (training: object) => ({ search: { space: { x: [1] } }, training: { command: ['true'], ...training } });

test('a secret in the clear is refused by field with the remedy, and without its value', () => {
  const refuse = () => resolveSpec(spec({ environment: { WANDB_API_KEY: 'topsecret' } }));
  expect(refuse).toThrow(/training\.environment\.WANDB_API_KEY.*\{ secret: NAME \}/);
  expect(refuse).not.toThrow(/topsecret/);
});

test('a secret by reference passes', () => {
  expect(() => resolveSpec(spec({ environment: { WANDB_API_KEY: { secret: 'wandb' } } }))).not.toThrow();
});

test('a key in the command is refused', () => {
  expect(() => resolveSpec(spec({ command: ['curl', `ghp_${'a'.repeat(36)}`] }))).toThrow(/training\.command\[1\]/);
});

const KEY = `AKIA${'ABCDEFGHIJKLMNOP'}`;
test.each([
  ['search.space.x[1]', { search: { space: { x: ['a', KEY] } } }],
  ['search.space.x.choices[0]', { search: { space: { x: { choices: [{ deep: [KEY] }] } } } }],
  ['search.initial[0].x', { search: { space: { x: ['a', 'b'] }, initial: [{ x: KEY }] } }],
  ['objective.pattern', { objective: { pattern: `${KEY} ([0-9]+)` } }],
])('a key in %s is refused there, without its value', (field, more) => {
  const refuse = () => resolveSpec({ ...spec({}), ...more });
  expect(refuse).toThrow(field);
  expect(refuse).toThrow(/an AWS access key/);
  expect(refuse).not.toThrow(new RegExp(KEY));
});

describe('a secret is known again', () => {
  const secret = 'p@ss/w"ö rd\\x';
  test.each([
    ['as it is', secret],
    ['as JSON', JSON.stringify({ secret })],
    ["as Python's JSON", '"p@ss/w\\"\\u00f6 rd\\\\x"'],
    ["as Python's repr", `'p@ss/w"ö rd\\\\x'`],
    ['in a URL', encodeURIComponent(secret)],
    ["as Python's quote", 'p%40ss/w%22%C3%B6%20rd%5Cx'],
    ["as Python's quote_plus", 'p%40ss%2Fw%22%C3%B6+rd%5Cx'],
    ['in a URL in lower case', 'p%40ss%2fw%22%c3%b6%20rd%5cx'],
  ])('%s', (_, text) => {
    expect(formsOf([secret]).some((form) => text.includes(form))).toBe(true);
  });

  test('line by line, but for lines too short to tell', () => {
    expect(formsOf(['first-line\nab\nsecond-line'])).toEqual(expect.arrayContaining(['first-line', 'second-line']));
    expect(formsOf(['first-line\nab\nsecond-line'])).not.toContain('ab');
  });

  test('by its longest form first', () => {
    expect(formsOf(['abcdef', 'abcdefghij'])).toEqual(['abcdefghij', 'abcdef']);
  });
});

test('a value of under six characters cannot be kept secret', () => {
  expect(unfitSecret('12345')).toMatch(/has 5 characters; allowed: at least 6/);
  expect(unfitSecret('123456')).toBeNull();
  expect(unfitSecret('  12345 \n')).toMatch(/has 5/);
});
