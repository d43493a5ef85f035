import { describe, expect, test } from 'vitest';
import { dataPlaceProblem } from '../../../core/aws/data-places.ts';

const places = { store: 's3://sweeps-abc', dataBuckets: ['team-data'] };

describe('trials read', () => {
  test.each(['s3://team-data', 's3://team-data/any/where', 's3://sweeps-abc/data/images', 'data/0123', undefined])(
    '%s',
    (data) => {
      expect(dataPlaceProblem(data, places)).toBeNull();
    },
  );

  test('what is uploaded to a store below a prefix', () => {
    const below = { ...places, store: 's3://sweeps-abc/team' };
    expect(dataPlaceProblem('s3://sweeps-abc/team/data/0123', below)).toBeNull();
    expect(dataPlaceProblem('s3://sweeps-abc/data/0123', below)).toMatch(/below s3:\/\/sweeps-abc\/team\/data\//);
  });

  test('data/ of any bucket while that of the sweeps has no name yet', () => {
    const unnamed = { ...places, store: null };
    expect(dataPlaceProblem('s3://sweeps-abc/data/images', unnamed)).toBeNull();
    for (const data of ['s3://sweeps-abc/images', 's3://sweeps-abc/data', 's3://sweeps-abc/data/', 's3://sweeps-abc'])
      expect(dataPlaceProblem(data, unnamed)).toMatch(
        /may read data\/ in the bucket of the sweeps, s3:\/\/team-data; add "sweeps-abc"/,
      );
  });

  test('a bucket of which it is not known here', () => {
    expect(dataPlaceProblem('s3://other/images', { ...places, dataBuckets: null })).toBeNull();
  });
});

describe('trials do not read, and it is said before anything is uploaded', () => {
  test('another bucket, nor one whose name begins alike', () => {
    for (const bucket of ['other', 'team-data-2', 'team'])
      expect(dataPlaceProblem(`s3://${bucket}/images`, places)).toBe(
        `received "s3://${bucket}/images"; trials may read s3://sweeps-abc/data/, s3://team-data; add "${bucket}" to "dataBuckets" in cdk.json and deploy, or copy the data`,
      );
  });

  test.each([
    's3://sweeps-abc',
    's3://sweeps-abc/',
    's3://sweeps-abc/data',
    's3://sweeps-abc/data/',
    's3://sweeps-abc/images',
  ])('what else is in the bucket of the sweeps: %s', (data) => {
    for (const dataBuckets of [['team-data'], null])
      expect(dataPlaceProblem(data, { ...places, dataBuckets })).toMatch(/a prefix below s3:\/\/sweeps-abc\/data\//);
  });
});
