// Manifests are a sweep's identity: a sweep that is resumed by a later version has to find its own. Small sweeps are
// recorded whole in test/recorded; these are long enough to use up spaces and to leave the beginning of each sequence.
import { expect, test } from 'vitest';
import { sha256 } from '../../../core/base/digest.ts';
import { planRoundTrials } from '../../../core/search/next-round.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { circumstancesOf, trialIdentifier } from '../../../core/trial/identity.ts';
import { encodeManifest, trialText } from '../../../core/trial/manifest.ts';

const space = {
  learning_rate: { min: 0.0001, max: 0.3, scale: 'log' },
  dropout: { min: -0.2, max: 0.5, step: 0.1 },
  layers: { min: 1, max: 6, type: 'integer' },
  shape: [{ width: 2, depth: [1, 0.5] }, 'größer', null],
  optimizer: ['adam', 'sgd'],
  'optimizer.momentum': { min: 0.8, max: 0.99, when: { optimizer: 'sgd' } },
};
const { learning_rate: _, 'optimizer.momentum': __, ...finite } = space;

function digestOfManifest(search: object): string {
  const spec = resolveSpec({ search });
  const { trials } = planRoundTrials(spec, { rounds: [], records: [], warm: [] }, [{ optimizer: 'sgd' }]);
  const identify = trialIdentifier(circumstancesOf(spec, null, null));
  const listed = trials.map(({ trial, parameters }) => ({ trial, id: identify(parameters), epochs: 3, parameters }));
  const { bytes, width } = encodeManifest(listed.map(trialText));
  return `${trials.length} x ${width}: ${sha256(bytes).slice(0, 16)}`;
}

test.each([
  ['grid', { strategy: 'grid', space: finite }, '288 x 146: 684fa557c8d37499'],
  ['random', { strategy: 'random', trials: 3000, seed: 5, space }, '3000 x 205: 2bcd75eaf17b2778'],
  [
    'random, in a space that it exhausts',
    { strategy: 'random', trials: 3000, space: finite },
    '288 x 147: 3de9087d63394fdd',
  ],
  ['sobol', { strategy: 'sobol', trials: 3000, seed: 5, space }, '3000 x 205: e1920754f509f926'],
  [
    'bayesian, its first round',
    { strategy: 'bayesian', trials: 300, rounds: 2, seed: 5, space },
    '150 x 204: f6f635389eb5563c',
  ],
])('a manifest of %s has the bytes it always had', (_name, search, digest) => {
  expect(digestOfManifest(search)).toBe(digest);
});
