import { expect, test } from 'vitest';
import { secretIn } from '../../core/secrets.ts';
import { resolveSpec } from '../../core/spec-check.ts';

test.each([
  ['WANDB_API_KEY', 'abc'],
  ['MY_SECRET', 'x'],
  ['DB_PASSWORD', 'hunter2'],
  ['HF_TOKEN', 'x'],
  ['aws_secret_key', 'x'],
])('the name %s says that it is a secret', (name, value) => {
  expect(secretIn(name, value)).toMatch(/name/);
});

test.each([
  `AKIA${'ABCDEFGHIJKLMNOP'}`,
  `ghp_${'a'.repeat(36)}`,
  `https://user:hf_${'b'.repeat(34)}@host`,
  '-----BEGIN RSA PRIVATE KEY-----',
])('a value like %s looks like a key', (value) => {
  expect(secretIn('X', value)).toMatch(/looks like/);
});

test.each([
  ['MAX_TOKENS', '100'],
  ['TOKENIZER', 'bert-base'],
  ['WANDB_API_KEY', ''],
  ['SCHEDULE', 'sk-short'],
  ['COMMIT', 'a'.repeat(40)],
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
