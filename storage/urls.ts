import { isAbsolute, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { badInput } from '../core/base/errors.ts';
import { show } from '../core/base/text.ts';

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** An object's place: the store that reaches it and its key there. */
export interface ObjectPlace {
  readonly storeUrl: string;
  readonly key: string;
}

/**
 * `s3://bucket/a/b` as bucket and key `a/b`; the key is empty for a bare bucket. Nothing is decoded: S3 URLs are plain.
 * @throws BadInput
 */
export function splitS3Url(url: string): { bucket: string; key: string } {
  const rest = url.startsWith('s3://') ? url.slice('s3://'.length) : '';
  const slash = rest.indexOf('/');
  const bucket = slash === -1 ? rest : rest.slice(0, slash);
  if (!BUCKET.test(bucket)) {
    throw badInput(
      '',
      `${show(url)} is not an S3 address; write s3://bucket or s3://bucket/prefix (bucket: 3 to 63 of a-z 0-9 . -)`,
    );
  }
  return { bucket, key: slash === -1 ? '' : rest.slice(slash + 1) };
}

/**
 * Where the object of a URL is: `s3://bucket/prefix/key` or `file:///folder/key`. The store is the whole bucket, or
 * the file's folder: a URL does not say where a prefix ends.
 * @throws BadInput
 */
export function fromUrl(url: string): ObjectPlace {
  if (!url.startsWith('file:')) {
    const { bucket, key } = splitS3Url(url);
    if (key === '') throw badInput('', `${show(url)} does not name an object; write s3://bucket/key`);
    return { storeUrl: `s3://${bucket}`, key };
  }
  const path = toFolder(url);
  const cut = path.lastIndexOf('/');
  if (path.endsWith('/')) throw badInput('', `${show(url)} does not name an object; write file:///folder/name`);
  return { storeUrl: pathToFileURL(path.slice(0, cut) || '/').href, key: path.slice(cut + 1) };
}

/** The URL of an object of a store; `fromUrl` reads it. */
export function objectUrl(storeUrl: string, key: string): string {
  if (!storeUrl.startsWith('file:')) return `${storeUrl}/${key}`;
  return pathToFileURL(join(fileURLToPath(storeUrl), key)).href;
}

/**
 * The folder that a `file:` URL or an absolute path names.
 * @throws BadInput
 */
export function toFolder(value: string): string {
  if (isAbsolute(value)) return value;
  try {
    return fileURLToPath(value);
  } catch {
    throw badInput('', `${show(value)} is not a store; ${ALLOWED}`);
  }
}

export const ALLOWED = 'give an absolute path, file:///absolute/folder or s3://bucket/prefix';
