import { randomUUID } from 'node:crypto';
import { copyFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BadInput, CorruptObject } from '../core/base/errors.ts';
import { show } from '../core/base/text.ts';
import { dataIndexKey } from '../core/layout/inputs.ts';
import { type DataFile, type Pack, packFiles } from '../core/layout/packs.ts';
import { archive } from './archive.ts';
import { concurrently } from './concurrently.ts';
import { readDataIndex } from './data-index.ts';
import { makeFolder } from './files.ts';
import { type FolderIdentity, identifyFolder } from './folder-digest.ts';
import { jsonText } from './json.ts';
import { isFilePath } from './keys.ts';
import type { ObjectStore } from './store.ts';
import { inTemporary } from './temporary.ts';
import { unpack } from './unpack.ts';

/** Packs under way at a time. */
const AT_ONCE = 4;

export interface DataUpload {
  /** Objects there are, and those that this call put. */
  readonly packs: number;
  readonly uploaded: number;
  /** Bytes of the files in those that this call put. */
  readonly bytes: number;
}

/**
 * Puts a folder of data into the store under the digest it is known by; what is there already is not sent again.
 * @param onPack called after each pack that was sent, with the bytes sent so far and the bytes of all packs
 * @throws StorageError; what was sent stays, and the next call goes on from there
 */
export async function uploadData(
  store: ObjectStore,
  folder: string,
  identity: FolderIdentity,
  onPack: (sent: number, total: number) => void = () => {},
): Promise<DataUpload> {
  const packs = packFiles(identity.entries);
  checkNames(identity.entries);
  if ((await store.get(dataIndexKey(identity.digest))) !== null) return { packs: packs.length, uploaded: 0, bytes: 0 };
  let uploaded = 0;
  let bytes = 0;
  await inTemporary((temporary) =>
    concurrently(packs, AT_ONCE, async (pack) => {
      const sent = await putPack(store, folder, pack, temporary);
      if (!sent) return;
      uploaded += 1;
      bytes += bytesOf(pack);
      onPack(bytes, identity.bytes);
    }),
  );
  const described = packs.map((pack) =>
    pack.kind === 'tar' ? { kind: pack.kind, key: pack.key } : { kind: pack.kind, key: pack.key, name: pack.file.name },
  );
  const { files, bytes: all } = identity;
  await store.put(dataIndexKey(identity.digest), jsonText({ files, bytes: all, packs: described }), { durable: true });
  return { packs: packs.length, uploaded, bytes };
}

function checkNames(files: readonly DataFile[]): void {
  const bad = files.filter(({ name }) => !isFilePath(name)).slice(0, 5);
  if (bad.length > 0) {
    throw new BadInput(
      bad.map(({ name }) => ({
        field: 'training.data',
        message: `contains a file called ${show(name)}; allowed: names without control characters and backslashes; rename it`,
      })),
    );
  }
}

const bytesOf = (pack: Pack): number =>
  pack.kind === 'file' ? pack.file.size : pack.files.reduce((sum, { size }) => sum + size, 0);

/** Whether it was sent: one that is there has the same content, because that is its name. */
async function putPack(store: ObjectStore, folder: string, pack: Pack, temporary: string): Promise<boolean> {
  for await (const { key } of store.list(pack.key)) if (key === pack.key) return false;
  if (pack.kind === 'file') {
    await store.upload(pack.key, join(folder, pack.file.name), { durable: true });
    return true;
  }
  const file = join(temporary, basename(pack.key));
  const names = pack.files.map(({ name }) => name);
  await archive(file, folder, names, { gzip: false });
  try {
    await store.upload(pack.key, file, { durable: true });
  } finally {
    await rm(file, { force: true });
  }
  return true;
}

/** Writes the files that were uploaded under the digest to a folder, as they were. @throws CorruptObject, StorageError */
export async function downloadData(store: ObjectStore, digest: string, folder: string): Promise<void> {
  const index = await readDataIndex(store, digest);
  if (index === null) throw new CorruptObject(`${store.url}/${dataIndexKey(digest)} is missing`);
  const missing = (key: string) => new CorruptObject(`${store.url}/${key} is missing, but data/${digest} needs it`);
  await concurrently(index.packs, AT_ONCE, async (pack) => {
    const file = join(folder, `.pack-${randomUUID()}`);
    try {
      if (!(await store.download(pack.key, file))) throw missing(pack.key);
      if (pack.kind === 'tar') await unpack(file, folder, `${store.url}/${pack.key}`);
      else await placeFile(file, folder, pack.name);
    } finally {
      await rm(file, { force: true });
    }
  });
  // Once a machine: a model that was trained on other data than its id says would be worse than none.
  const { digest: found } = await identifyFolder(folder, null);
  if (found !== digest) {
    throw new CorruptObject(
      `the data under ${store.url}/data/${digest} is not what was uploaded; delete ${dataIndexKey(digest)} and the packs it names, and start the sweep again`,
    );
  }
}

async function placeFile(from: string, folder: string, name: string): Promise<void> {
  if (!isFilePath(name)) throw new CorruptObject(`the data's index contains a file called ${show(name)}`);
  const to = join(folder, name);
  makeFolder(dirname(to));
  await rename(from, to).catch(() => copyFile(from, to));
}
