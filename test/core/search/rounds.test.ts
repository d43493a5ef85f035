import { describe, expect, test } from 'vitest';
import { isLostRound, isRecorded, type RoundRemains, roundSize, shardRecord } from '../../../core/search/rounds.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { encodeManifest, trialText } from '../../../core/trial/manifest.ts';

const trial = (epochs: number) => ({ trial: 0, id: '0123456789abcdef', epochs, parameters: { a: 1 } });
const manifest = encodeManifest([trial(3)].map(trialText));
const recorded = shardRecord(manifest, 1);

test('a manifest is the recorded one', () => {
  expect(isRecorded(recorded, manifest, 1)).toBe(true);
});

test('another budget, which no id tells of, makes it another manifest', () => {
  expect(isRecorded(recorded, encodeManifest([trial(2)].map(trialText)), 1)).toBe(false);
});

test('of a record of an earlier release size and width have to fit', () => {
  const { size, width } = recorded;
  expect(isRecorded({ size, width }, encodeManifest([trial(2)].map(trialText)), 1)).toBe(true);
  expect(isRecorded({ size, width }, manifest, 2)).toBe(false);
  expect(isRecorded({ size, width }, encodeManifest([trial(20)].map(trialText)), 1)).toBe(false);
});

describe('a round planned anew is the one whose record was lost', () => {
  const planned = (...numbers: number[]) => numbers.map((number) => ({ trial: number, id: `id-${number}` }));
  const record = { kind: 'search' as const, first: 4, size: 2 };
  const next = (first: number) => ({ ...record, round: 2, first, exhausted: false, shards: [] });
  const isLost = (remains: Partial<RoundRemains>, anew = planned(4, 5)) =>
    isLostRound({ trials: [], isWhole: false, next: null, ...remains }, { ...record, size: anew.length }, anew);

  test('when it has the trials of its manifest, no more and no fewer', () => {
    expect(isLost({ trials: planned(4, 5), isWhole: true })).toBe(true);
    expect(isLost({ trials: planned(4, 5), isWhole: true }, planned(4, 5, 6))).toBe(false);
    expect(isLost({ trials: planned(4, 5), isWhole: true }, planned(4))).toBe(false);
  });
  test('when every trial that was collected has its number again', () => {
    expect(isLost({ trials: planned(5) })).toBe(true);
    expect(isLost({ trials: planned(6) })).toBe(false);
    expect(isLost({ trials: [{ trial: 4, id: 'id-5' }] })).toBe(false);
  });
  test('when the next round begins where it ends; a rung adds no trials', () => {
    expect(isLost({ next: next(6) })).toBe(true);
    expect(isLost({ next: next(7) })).toBe(false);
    const rung = { kind: 'rung' as const, first: 4, size: 2 };
    expect(isLostRound({ trials: [], isWhole: false, next: next(4) }, rung, planned(0, 1))).toBe(true);
  });
});

test('trials that rounds cannot share evenly come with the first ones', () => {
  const spec = resolveSpec({ search: { strategy: 'random', trials: 7, rounds: 3, space: { x: { min: 0, max: 1 } } } });
  expect([roundSize(spec, 0, 0), roundSize(spec, 1, 3), roundSize(spec, 2, 5)]).toEqual([3, 2, 2]);
});
