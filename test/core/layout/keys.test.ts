import { describe, expect, it, test } from 'vitest';
import { countedSource, sourceContent, sourceKey, sourceListKey } from '../../../core/layout/inputs.ts';
import {
  attemptPrefix,
  modelPrefix,
  parseAttemptKey,
  parseResultKey,
  parseRoundKey,
  parseShardKey,
  resultKey,
  shardKey,
} from '../../../core/layout/keys.ts';

describe('parseResultKey', () => {
  it('is the inverse of resultKey', () => {
    expect(parseResultKey('digits', resultKey('digits', '0123abcd', 27))).toEqual({ trialId: '0123abcd', epochs: 27 });
  });

  it.each([
    'sweeps/other/results/0123abcd.27.json',
    'sweeps/digits/results/0123abcd.json',
    'sweeps/digits/results/0123abcd.27.json.part',
    'sweeps/digits/results/a/b.27.json',
    'sweeps/digits/results/.27.json',
    'sweeps/digits/results/0123abcd.x.json',
  ])('knows no result of the sweep digits in %s', (key) => {
    expect(parseResultKey('digits', key)).toBeNull();
  });
});

describe('parseAttemptKey', () => {
  it('tells the attempt, and what follows its prefix', () => {
    expect(parseAttemptKey('digits', `${attemptPrefix('digits', '0123', '1-ab')}log.txt`)).toEqual({
      trialId: '0123',
      attempt: '1-ab',
      name: 'log.txt',
    });
  });

  it('keeps the folders below the prefix in the name', () => {
    const key = `${modelPrefix('digits', '0123', '1-ab')}weights/\nlayer 1`;
    expect(parseAttemptKey('digits', key)?.name).toBe('model/weights/\nlayer 1');
  });

  it.each(['sweeps/other/trials/0123/1-ab/log.txt', 'sweeps/digits/trials/0123/1-ab/', 'sweeps/digits/trials/0123/x'])(
    'knows no attempt of the sweep digits in %s',
    (key) => {
      expect(parseAttemptKey('digits', key)).toBeNull();
    },
  );
});

test('a round and a shard are read off the key of a manifest', () => {
  const key = shardKey('digits', 12, 3);
  expect(parseRoundKey(key)).toEqual({ sweepId: 'digits', round: 12 });
  expect(parseShardKey('digits', 12, key)).toBe(3);
});

test.each(['', 'sweeps/digits/spec.json', 'sweeps/digits/rounds/x/shard-0.json', 'sweeps/a/b/rounds/0/shard-0.json'])(
  'no round is read off %j',
  (key) => {
    expect(parseRoundKey(key)).toBeNull();
  },
);

test.each(['sweeps/digits/rounds/1/shard-0.json', 'sweeps/digits/rounds/12/shard-0.json.part', 'x'])(
  '%s is no shard of round 12',
  (key) => {
    expect(parseShardKey('digits', 12, key)).toBeNull();
  },
);

const [counted, content] = ['ab'.repeat(32), 'cd'.repeat(32)];

test("a source's key names its content, and beside it lies the list of its files", () => {
  expect(sourceContent(sourceKey({ counted, content }))).toBe(`${counted}-${content}`);
  expect(sourceContent(sourceKey({ counted, content: counted }))).toBe(counted);
  expect(sourceListKey(sourceKey({ counted, content }))).toBe(`sources/${counted}-${content}.json`);
  expect([sourceContent('../code'), sourceListKey('../code')]).toEqual([null, null]);
});

test('two contents that count the same are one source to ids', () => {
  expect(countedSource(sourceKey({ counted, content }))).toBe(sourceKey({ counted, content: counted }));
  expect(countedSource('../code')).toBe('../code');
});
