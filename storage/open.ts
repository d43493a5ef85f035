import { badInput } from '../core/base/errors.ts';
import { show } from '../core/base/text.ts';
import { FolderStore } from './folder.ts';
import type { ObjectStore } from './store.ts';
import { ALLOWED, toFolder } from './urls.ts';

/**
 * The store of a URL: `file:///abs/folder`, an absolute path, or `s3://bucket/prefix`. The AWS SDK is loaded only for
 * the last, so that a run in a folder does not wait for it. Neither looks yet whether the place exists.
 * @throws BadInput when it is none of these.
 */
export async function openStore(url: string): Promise<ObjectStore> {
  if (url.startsWith('s3:')) {
    const { S3Store } = await import('./s3.ts');
    return new S3Store(url);
  }
  if (/^[a-z][a-z0-9+.-]*:/i.test(url) && !url.startsWith('file:'))
    throw badInput('', `${show(url)} is not a store; ${ALLOWED}`);
  return new FolderStore(toFolder(url));
}
