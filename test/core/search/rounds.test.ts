import { expect, test } from 'vitest';
import { isRecorded, shardRecord } from '../../../core/search/rounds.ts';
import { encodeManifest } from '../../../core/trial/manifest.ts';

const trial = (epochs: number) => ({ trial: 0, id: '0123456789abcdef', epochs, parameters: { a: 1 } });
const manifest = encodeManifest([trial(3)]);
const recorded = shardRecord(manifest, 1);

test('a manifest is the recorded one, as text and as bytes', () => {
  expect(isRecorded(recorded, manifest, 1)).toBe(true);
  expect(isRecorded(recorded, { ...manifest, text: Buffer.from(manifest.text) }, 1)).toBe(true);
});

test('another budget, which no id tells of, makes it another manifest', () => {
  expect(isRecorded(recorded, encodeManifest([trial(2)]), 1)).toBe(false);
});

test('of a record of an earlier release size and width have to fit', () => {
  const { size, width } = recorded;
  expect(isRecorded({ size, width }, encodeManifest([trial(2)]), 1)).toBe(true);
  expect(isRecorded({ size, width }, manifest, 2)).toBe(false);
  expect(isRecorded({ size, width }, encodeManifest([trial(20)]), 1)).toBe(false);
});
