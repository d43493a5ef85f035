import { describe, expect, test } from 'vitest';
import { sourceKey } from '../../../core/layout/inputs.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { circumstancesOf, trialIdentifier } from '../../../core/trial/identity.ts';

const idOf = (training: object = {}, data: string | null = 'd', image: string | null = null, more: object = {}) => {
  const spec = resolveSpec({
    search: { space: { x: [1, 2], y: [1] } },
    training: { command: ['a'], ...training },
    ...more,
  });
  return trialIdentifier(circumstancesOf(spec, data, image))({ x: 1, y: 1 });
};

test('an id is 16 hexadecimal digits', () => {
  expect(idOf()).toMatch(/^[0-9a-f]{16}$/);
});

describe('a trial is another one', () => {
  test.each<[string, string]>([
    [
      'with other parameters',
      trialIdentifier(circumstancesOf(resolveSpec({ search: { space: { x: [1] } } }), 'd', null))({ x: 2 }),
    ],
    ['with another command', idOf({ command: ['b'] })],
    ['with other code', idOf({ source: 'sources/x' })],
    [
      'with floats for whole numbers',
      idOf({}, 'd', null, { search: { space: { x: { choices: [1, 2], type: 'float' }, y: [1] } } }),
    ],
    ['with other requirements', idOf({ source: 'sources/x', requirements: 'r.txt' })],
    ['with a file beside it', idOf({ files: { a: '1' } })],
    ['with a link beside it', idOf({ links: { a: '{MODEL_DIR}' } })],
    ['with another variable', idOf({ environment: { A: '1' } })],
    ['with another seed', idOf({ seed: 1 })],
    ['on other data', idOf({}, 'e')],
    ['in another image', idOf({}, 'd', 'sha256:1')],
  ])('%s', (_, id) => {
    expect(id).not.toBe(idOf());
  });
});

test('a trial is another one where its program starts elsewhere', () => {
  expect(idOf({ source: 's', workdir: 'a' })).not.toBe(idOf({ source: 's' }));
});

describe('a trial is the same one', () => {
  test.each<[string, string]>([
    ['trained longer', idOf({ epochs: 99 })],
    ['with its command in one text', idOf({ command: 'a' })],
    ['with another secret', idOf({ environment: { KEY: { secret: 'mine' } } })],
    ['on another machine', idOf({}, 'd', null, { compute: { gpus: 2 } })],
    ['by another objective', idOf({}, 'd', null, { objective: { metric: 'f1' } })],
  ])('%s', (_, id) => {
    expect(id).toBe(idOf());
  });

  test('whatever the order of its parameters', () => {
    const identify = trialIdentifier(circumstancesOf(resolveSpec({ search: { space: { x: [1] } } }), null, null));
    expect(identify({ a: 1, b: { d: 1, c: 2 } })).toBe(identify({ b: { c: 2, d: 1 }, a: 1 }));
  });
});

test('files of the source that do not count make no other trial', () => {
  const source = (content: string) => sourceKey({ counted: 'a'.repeat(64), content: content.repeat(64) });
  expect(idOf({ source: source('b') })).toBe(idOf({ source: source('c') }));
});
