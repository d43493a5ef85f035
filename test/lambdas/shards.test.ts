import { expect, test } from 'vitest';
import { decodeManifest, MAX_SHARD, type Manifest, type ManifestTrial, trialsIn } from '../../core/trial/manifest.ts';
import { writeShards } from '../../lambdas/plan/shards.ts';

const PIECES = 7;

function* trials(): Generator<ManifestTrial> {
  for (let trial = 0; trial < PIECES * MAX_SHARD; trial++)
    yield { trial, id: '0123456789abcdef', epochs: 1, parameters: {} };
}

/** A place for manifests that takes them in the order in which the test lets it. */
function place() {
  const begun: { readonly shard: number; readonly first: number; end(error?: Error): void }[] = [];
  const ended: number[] = [];
  const putShard = (_: number, shard: number, manifest: Manifest) =>
    new Promise<{ size: number; width: number }>((resolve, reject) => {
      const end = (error?: Error) => {
        ended.push(shard);
        if (error === undefined) resolve({ size: trialsIn(manifest), width: shard });
        else reject(error);
      };
      begun.push({ shard, first: decodeManifest(manifest.bytes)![0]!.trial, end });
    });
  return { begun, ended, putShard };
}

test('manifests are written four at a time, and recorded in their own order', async () => {
  const { begun, putShard } = place();
  const written = writeShards({ putShard }, 0, 3, trials());
  // The second of those under way ends each time, the first last of all.
  const underWay = [0, 1, 2, 3];
  for (let next = 4; underWay.length > 0; next++) {
    await expect.poll(() => begun.length).toBe(Math.min(next, PIECES));
    begun[underWay.splice(underWay.length > 1 ? 1 : 0, 1)[0]!]!.end();
    if (next < PIECES) underWay.push(next);
  }
  expect((await written).map(({ width }) => width)).toEqual([3, 4, 5, 6, 7, 8, 9]);
  expect(begun.map(({ first }) => first)).toEqual(begun.map((_, piece) => piece * MAX_SHARD));
});

test('after a failure no manifest begins, and it is told when those under way have ended', async () => {
  const { begun, ended, putShard } = place();
  let told = false;
  const written = writeShards({ putShard }, 0, 0, trials()).finally(() => {
    told = true;
  });
  const outcome = expect(written).rejects.toThrow('the disk is full');
  begun[1]!.end(new Error('the disk is full'));
  for (const shard of [0, 2, 3]) {
    await new Promise(setImmediate);
    expect(told).toBe(false);
    begun[shard]!.end();
  }
  await outcome;
  expect([begun.length, ended]).toEqual([4, [1, 0, 2, 3]]);
});
