import { describe, expect, it, test } from 'vitest';
import { CorruptObject } from '../../../core/base/errors.ts';
import {
  arrayOf,
  claimKey,
  noPointKey,
  objectText,
  parseClaimKey,
  parseObject,
  parsePointKey,
  parseUnitStart,
  parseWaveReference,
  pointObjectKey,
  pointSchema,
  releaseKey,
  unitCheckpointPrefix,
  waveReference,
} from '../../../core/layout/asynchronous.ts';

const claim = { number: 12, epochs: 27, generation: 3 };

describe('parseClaimKey', () => {
  it('is the inverse of claimKey and of releaseKey', () => {
    expect(parseClaimKey('digits', claimKey('digits', claim))).toEqual({ ...claim, released: false });
    expect(parseClaimKey('digits', releaseKey('digits', claim))).toEqual({ ...claim, released: true });
    expect(parseClaimKey('digits', claimKey('digits', { ...claim, number: 0 }))?.number).toBe(0);
  });

  it.each(['other/claims/12.27.3', 'digits/claims/12.27', 'digits/claims/12.0.1', 'digits/claims/12.27.3.x'])(
    'knows no claim of the sweep digits in sweeps/%s',
    (key) => expect(parseClaimKey('digits', `sweeps/${key}`)).toBeNull(),
  );
});

describe('parsePointKey', () => {
  it('is the inverse of pointObjectKey and of noPointKey', () => {
    const trialId = '0123456789abcdef';
    expect(parsePointKey('digits', pointObjectKey('digits', trialId))).toEqual({ trialId });
    expect(parsePointKey('digits', noPointKey('digits', 7))).toEqual({ none: 7 });
  });

  it.each(['other/points/0123456789abcdef', 'digits/points/0123', 'digits/points/none-', 'digits/points/none-x'])(
    'knows no point of the sweep digits in sweeps/%s',
    (key) => expect(parsePointKey('digits', `sweeps/${key}`)).toBeNull(),
  );
});

test('the array of a child is the part of its id before the index', () => {
  expect([arrayOf('4f2c-9a:17'), arrayOf('4f2c-9a')]).toEqual(['4f2c-9a', '4f2c-9a']);
});

test('an object comes back as it was written; one with a changed value, a cut one, and one of another kind are refused', () => {
  const point = { number: 3, bracket: 0, parameters: { x: 0.5 }, passed: 0 };
  const text = objectText(point);
  expect(parseObject(pointSchema, 'k', text)).toEqual(point);
  for (const damaged of [text.replace('0.5', '0.6'), text.slice(0, 20), objectText({ number: 3 })])
    expect(() => parseObject(pointSchema, 'k', damaged)).toThrow(CorruptObject);
});

test('the start of a unit is told by the folder of its checkpoints, and no other folder is one', () => {
  const start = { epochs: 27, generation: 2 };
  expect(unitCheckpointPrefix('s', 'a'.repeat(16), start)).toBe(`checkpoints/s/${'a'.repeat(16)}/27.2/`);
  expect(parseUnitStart('27.2')).toEqual(start);
  for (const name of ['27', '27.0', '027.1', '1.model', '3.1.1']) expect(parseUnitStart(name)).toBeNull();
});

test('what a child of a wave is given names sweep and wave, and no manifest or other store does', () => {
  const reference = waveReference('s3://bucket/a', 'my-sweep', 3);
  expect(parseWaveReference('s3://bucket/a', reference)).toEqual({ sweepId: 'my-sweep', wave: 3 });
  expect(parseWaveReference('s3://bucket', reference)).toBeNull();
  expect(parseWaveReference('s3://bucket', 's3://bucket/sweeps/s/rounds/0/shard-0.json#width=99')).toBeNull();
});
