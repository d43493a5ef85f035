import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../storage/open.ts';
import { fromUrl, objectUrl, splitS3Url } from '../../storage/urls.ts';

test.each([
  ['/work/store', 'file:///work/store'],
  ['/work/store/', 'file:///work/store'],
  ['file:///work/my%20store', 'file:///work/my%20store'],
  ['s3://bucket/prefix/', 's3://bucket/prefix'],
  ['s3://bucket', 's3://bucket'],
])('%s opens the store %s', async (value, url) => {
  expect((await openStore(value)).url).toBe(url);
});

test.each(['work/store', '', 'https://host/x', 's3://', 's3://B_/x', 's3:/bucket', 'file://host/x', 'gs://b/x'])(
  '%j is refused with what is allowed',
  async (value) => {
    const refusal = await openStore(value).catch((reason: unknown) => reason);
    expect(refusal).toMatchObject({ name: 'BadInput' });
    expect(String(refusal)).toContain(JSON.stringify(value));
    expect(String(refusal)).toContain('s3://bucket/prefix');
  },
);

test('a folder is opened without loading the AWS SDK', () => {
  const root = join(import.meta.dirname, '../..');
  const localNode = join(root, 'node_modules/.bin/node');
  const script = `
    import { registerHooks } from 'node:module';
    const seen = [];
    registerHooks({ resolve: (name, context, next) => (seen.push(name), next(name, context)) });
    const { openStore } = await import('./storage/open.ts');
    await openStore('/none');
    console.log(seen.some((name) => name.includes('aws-sdk')));`;
  const node = existsSync(localNode) ? localNode : process.execPath;
  const said = execFileSync(node, ['--input-type=module', '-e', script], { cwd: root, encoding: 'utf8' });
  expect(said.trim()).toBe('false');
});

test('an S3 address is split as it stands, nothing decoded', () => {
  expect(splitS3Url('s3://bucket/a b/%20')).toEqual({ bucket: 'bucket', key: 'a b/%20' });
});

test.each([
  ['s3://bucket/prefix', 'a/b c.json'],
  ['file:///work/my%20store', 'a#1/b c?.json'],
])('the address of an object of %s leads back to it', (storeUrl, key) => {
  const place = fromUrl(objectUrl(storeUrl, key));
  expect(objectUrl(place.storeUrl, place.key)).toBe(objectUrl(storeUrl, key));
});

test.each(['s3://bucket', 's3://bucket/', 'file:///a/'])('%s names no object', (url) => {
  expect(() => fromUrl(url)).toThrow(/does not name an object/);
});
