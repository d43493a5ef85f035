import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { chunk, partitionLength, partitionsOf } from '../../../core/search/partitions.ts';
import { roundOf } from './support.ts';

test('a list is cut into pieces of at most that length, nothing lost', () => {
  fc.assert(
    fc.property(fc.array(fc.nat()), fc.integer({ min: 1, max: 9 }), (items, length) => {
      const pieces = chunk(items, length);
      expect(pieces.flat()).toEqual(items);
      expect(pieces.slice(0, -1).every((piece) => piece.length === length)).toBe(true);
      expect(pieces.every((piece) => piece.length > 0 && piece.length <= length)).toBe(true);
    }),
  );
});

test('partitions cover every line of every shard once', () => {
  const size = fc.integer({ min: 1, max: 10_000 });
  fc.assert(
    fc.property(fc.array(size, { minLength: 1, maxLength: 5 }), (sizes) => {
      const shards = sizes.map((lines) => ({ size: lines, width: 64 }));
      const partitions = partitionsOf('s', roundOf(2, 0, 1, { shards }));
      expect(partitions.map(({ partition }) => partition)).toEqual(partitions.map((_, index) => index));
      for (const [shard, lines] of sizes.entries()) {
        const ofShard = partitions.filter(
          ({ manifest }) => manifest === `sweeps/s/rounds/2/shard-${shard}.json#width=64`,
        );
        let next = 0;
        for (const { first, count } of ofShard) {
          expect(first).toBe(next);
          next += count;
        }
        expect(next).toBe(lines);
      }
    }),
  );
});

test('a partition holds a listing page of 1,000 trials, and twice that above half a million', () => {
  expect([partitionLength(1), partitionLength(500_000), partitionLength(500_001)]).toEqual([1000, 1000, 2000]);
  const shards = Array.from({ length: 60 }, () => ({ size: 10_000, width: 64 }));
  expect(partitionsOf('s', roundOf(0, 0, 600_000, { shards }))).toHaveLength(300);
});
