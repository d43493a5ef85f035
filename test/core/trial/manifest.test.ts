import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  childrenFor,
  decodeLines,
  encodeManifest,
  linesOfChild,
  manifestReference,
  parseManifestReference,
  trialText,
} from '../../../core/trial/manifest.ts';

const trial = fc.record({
  trial: fc.nat(),
  id: fc.stringMatching(/^[0-9a-f]{16}$/),
  epochs: fc.integer({ min: 1, max: 1000 }),
  parameters: fc.dictionary(
    fc.string({ unit: 'binary' }).filter((name) => name !== '__proto__'),
    fc.jsonValue() as fc.Arbitrary<never>,
    {
      noNullPrototype: true,
    },
  ),
});

test('a manifest is a JSON array of its trials', () => {
  fc.assert(
    fc.property(fc.array(trial, { minLength: 1, maxLength: 20 }), (trials) => {
      expect(JSON.parse(encodeManifest(trials.map(trialText)).bytes.toString())).toEqual(
        JSON.parse(JSON.stringify(trials)),
      );
    }),
  );
});

test('every line has one width in bytes, so each trial is one range', () => {
  fc.assert(
    fc.property(fc.array(trial, { minLength: 1, maxLength: 20 }), (trials) => {
      const { bytes, width } = encodeManifest(trials.map(trialText));
      expect(bytes.length).toBe(width * trials.length);
      trials.forEach((expected, i) => {
        const line = bytes.subarray(i * width, (i + 1) * width);
        expect(line.at(-1)).toBe(10);
        expect(decodeLines(line, width, 1, 'manifest')).toEqual([JSON.parse(JSON.stringify(expected))]);
      });
    }),
  );
});

test('a value whose key is __proto__ arrives with it', () => {
  const parameters = { shape: JSON.parse('{"__proto__":{"x":1}}') };
  const { bytes, width } = encodeManifest([{ trial: 0, id: '0'.repeat(16), epochs: 1, parameters }].map(trialText));
  expect(JSON.stringify(decodeLines(bytes, width, 1, 'manifest')[0]?.parameters)).toBe(
    '{"shape":{"__proto__":{"x":1}}}',
  );
});

test('a torn line is an error that says where', () => {
  const { bytes, width } = encodeManifest([{ trial: 0, id: '0'.repeat(16), epochs: 1, parameters: {} }].map(trialText));
  expect(() => decodeLines(bytes.subarray(1), width, 1, 'shard-0.json')).toThrow(/shard-0.json/);
});

test('a reference names the manifest and its width', () => {
  const reference = manifestReference('s3://bucket/a#b/shard-0.json', 512);
  expect(parseManifestReference(reference)).toEqual({ url: 's3://bucket/a#b/shard-0.json', width: 512, share: null });
});

test('a reference says how its lines are shared among children, where they train several', () => {
  const share = { lines: 250, each: 100 };
  const reference = manifestReference('file:///x/shard-0.json', 512, share);
  expect(reference).toBe('file:///x/shard-0.json#width=512&lines=250&each=100');
  expect(parseManifestReference(reference)).toEqual({ url: 'file:///x/shard-0.json', width: 512, share });
});

test('children have fixed ranges that hold every line once', () => {
  const share = { lines: 250, each: 100 };
  expect(childrenFor(share)).toBe(3);
  expect([0, 1, 2, 3].map((child) => linesOfChild(share, child))).toEqual([
    { first: 0, count: 100 },
    { first: 100, count: 100 },
    { first: 200, count: 50 },
    { first: 300, count: 0 },
  ]);
  expect(childrenFor({ lines: 100_000, each: 100 })).toBe(1000);
  expect(linesOfChild(null, 7)).toEqual({ first: 7, count: 1 });
});

test('a reference without a width is refused', () => {
  expect(() => parseManifestReference('s3://bucket/shard-0.json')).toThrow(/#width=/);
});
