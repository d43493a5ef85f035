import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { takeSnapshot, withheldNote } from '../../inputs/snapshot.ts';

async function snapshotOf(files: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'sweepstack-snapshot-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries({ 'train.py': '', ...files })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return takeSnapshot(folder, []);
}

test('files of secrets stay here, and are named', async () => {
  const files = { '.env': 'KEY=1', 'a/.env.local': '', '.env.example': '', 'keys/id_rsa': '', '.aws/credentials': '' };
  const snapshot = await snapshotOf(files);
  expect(snapshot.files).toEqual(['.env.example', 'train.py']);
  expect(snapshot.withheld).toEqual(['.aws', '.env', 'a/.env.local', 'keys/id_rsa']);
  expect(withheldNote(snapshot)).toMatch(
    /^\.aws, \.env, .* hold secrets, so trials get no copy.*!\.aws in \.sweepignore/,
  );
});

test('they travel where .sweepignore takes them back, whatever else does', async () => {
  expect((await snapshotOf({ '.env': '', '.sweepignore': '!.env' })).files).toContain('.env');
  expect((await snapshotOf({ '.env': '', '.gitignore': '.env', '.sweepignore': '!.env' })).files).toContain('.env');
  expect((await snapshotOf({ '.env': '', '.gitignore': '!.env' })).files).not.toContain('.env');
});

test('they change nothing of what the snapshot is', async () => {
  const [one, other] = [await snapshotOf({ '.env': '1' }), await snapshotOf({ '.env': '2' })];
  expect(one.digest).toBe(other.digest);
});

test('what .gitignore names is left out without a word', async () => {
  expect(withheldNote(await snapshotOf({ '.env': '', '.gitignore': '.env' }))).toBeNull();
});

test('a source of which nothing travels is refused', async () => {
  await expect(snapshotOf({ '.gitignore': '*' })).rejects.toThrow(/training\.source: .* contains no files for a trial/);
});
