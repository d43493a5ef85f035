import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { specJsonSchema } from '../../../core/spec/spec.ts';

const file = (name: string) => readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8');
const EXAMPLES = readdirSync(new URL('../../../examples', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => `examples/${name}/sweep.yaml`);

test('the shipped JSON Schema is the one of the spec', () => {
  expect(JSON.parse(file('sweep.schema.json'))).toEqual(JSON.parse(JSON.stringify(specJsonSchema())));
});

test.each(EXAMPLES)('%s is valid under the shipped schema, and names it for editors', (name) => {
  const validate = new Ajv({ strict: false }).compile(JSON.parse(file('sweep.schema.json')));
  expect(validate(parse(file(name))), JSON.stringify(validate.errors)).toBe(true);
  expect(file(name)).toContain('$schema=../../sweep.schema.json');
});

test.each(EXAMPLES)('%s is a spec', (name) => {
  expect(() => resolveSpec(parse(file(name)))).not.toThrow();
});

test.each(['README.md', 'docs/spec-reference.md'])('the spec that %s shows as an example is a spec', (page) => {
  const [, text = ''] = /```yaml\n(name: digits[\s\S]*?)```/.exec(file(page)) ?? [];
  expect(() => resolveSpec(parse(text))).not.toThrow();
});

test('a resolved spec resolves to itself', () => {
  const resolved = resolveSpec(parse(file('examples/digits/sweep.yaml')));
  expect(resolveSpec(JSON.parse(JSON.stringify(resolved)))).toEqual(resolved);
});
