import { statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { badInput } from '../../core/base/errors.ts';
import { show } from '../../core/base/text.ts';
import { uploadFolder } from '../../storage/folders.ts';
import { openStore } from '../../storage/open.ts';
import { inTemporary } from '../../storage/temporary.ts';
import { splitS3Url } from '../../storage/urls.ts';

/** Where a person wants files: a folder, or a prefix of a bucket. */
export interface Destination {
  /** The absolute folder, or s3://bucket/prefix. */
  readonly address: string;
  readonly isFolder: boolean;
  /** Runs work that fills a folder, and puts what it left where it belongs; nothing when the work fails. */
  fill<T>(work: (folder: string) => Promise<T>): Promise<T>;
}

/** @throws BadInput where there is something already: files of two models in one place make neither */
export async function destination(to: string): Promise<Destination> {
  return to.startsWith('s3:') ? bucketDestination(to) : folderDestination(to);
}

async function folderDestination(to: string): Promise<Destination> {
  const folder = resolve(to);
  if (statSync(folder, { throwIfNoEntry: false })?.isFile() === true)
    throw badInput(
      '--to',
      `received ${show(to)}, which is a file; allowed: a new or empty folder, or s3://bucket/prefix`,
    );
  if ((await readdir(folder).catch(() => [])).length > 0)
    throw badInput(
      '--to',
      `received ${show(to)}, which is not empty; allowed: a new or empty folder, or s3://bucket/prefix`,
    );
  return { address: folder, isFolder: true, fill: (work) => work(folder) };
}

async function bucketDestination(to: string): Promise<Destination> {
  const { bucket, key } = splitS3Url(to);
  const prefix = key.replace(/\/+$/, '');
  if (prefix === '')
    throw badInput('--to', `received ${show(to)}; allowed: s3://bucket/prefix; name a prefix for the model`);
  const store = await openStore(`s3://${bucket}`);
  for await (const { key: found } of store.list(`${prefix}/`))
    throw badInput('--to', `received ${show(to)}, which holds ${show(found)}; allowed: a prefix without objects`);
  return {
    address: `s3://${bucket}/${prefix}`,
    isFolder: false,
    fill: (work) =>
      inTemporary(async (folder) => {
        const done = await work(folder);
        await uploadFolder(store, folder, `${prefix}/`);
        return done;
      }),
  };
}
