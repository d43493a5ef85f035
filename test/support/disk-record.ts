import fs, { type NoParamCallback } from 'node:fs';
import fsp, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

/** A file was flushed (or a folder: its names), or got its own name. */
export type DiskCall =
  | { readonly call: 'flush'; readonly path: string }
  | { readonly call: 'place'; readonly from: string; readonly path: string };

/** What this process flushed and placed while `work` ran, in order. */
export async function recordDisk(work: () => Promise<void>): Promise<DiskCall[]> {
  const calls: DiskCall[] = [];
  const paths = new WeakMap<FileHandle, string>();
  const probe = await fsp.open('/dev/null', 'r');
  const handles = Object.getPrototypeOf(probe) as FileHandle;
  await probe.close();
  const { open, rename, link } = fsp;
  const { sync, datasync } = handles;
  // What is done at once.
  const { openSync, renameSync, linkSync, fdatasync } = fs;
  const opened = new Map<number, string>();
  fsp.open = async (path, ...rest) => {
    const handle = await open(path, ...rest);
    paths.set(handle, String(path));
    return handle;
  };
  const flushing = (flush: () => Promise<void>) =>
    async function (this: FileHandle) {
      await flush.call(this);
      calls.push({ call: 'flush', path: paths.get(this) ?? '' });
    };
  Object.assign(handles, { sync: flushing(sync), datasync: flushing(datasync) });
  for (const [name, place] of Object.entries({ rename, link }))
    Object.assign(fsp, {
      [name]: async (from: string, path: string) => {
        await place(from, path);
        calls.push({ call: 'place', from, path });
      },
    });
  fs.openSync = (path, ...rest) => {
    const fd = openSync(path, ...rest);
    opened.set(fd, String(path));
    return fd;
  };
  const flushingFd = (fd: number, done: NoParamCallback) =>
    fdatasync(fd, (error) => {
      if (error === null) calls.push({ call: 'flush', path: opened.get(fd) ?? '' });
      done(error);
    });
  Object.assign(fs, { fdatasync: flushingFd });
  for (const [name, place] of Object.entries({ renameSync, linkSync }))
    Object.assign(fs, {
      [name]: (from: string, path: string) => {
        place(from, path);
        calls.push({ call: 'place', from, path });
      },
    });
  syncBuiltinESMExports();
  try {
    await work();
  } finally {
    Object.assign(fs, { openSync, renameSync, linkSync, fdatasync });
    Object.assign(fsp, { open, rename, link });
    Object.assign(handles, { sync, datasync });
    syncBuiltinESMExports();
  }
  return calls;
}

/** What a loss of power after these calls may take of a file below `root`; null: nothing. */
export function atRisk(calls: readonly DiskCall[], file: string, root: string): string | null {
  const placed = calls.findLastIndex(({ call, path }) => call === 'place' && path === file);
  const place = calls[placed];
  if (place?.call !== 'place') return 'it was not written';
  if (!calls.slice(0, placed).some(({ call, path }) => call === 'flush' && path === place.from)) return 'its content';
  const after = calls.slice(placed).filter(({ call }) => call === 'flush');
  for (let folder = file; folder !== root; ) {
    folder = folder.slice(0, folder.lastIndexOf('/'));
    if (!after.some(({ path }) => path === folder)) return `its name in ${folder}`;
  }
  return null;
}
