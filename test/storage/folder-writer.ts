/** A process of its own that writes to a folder store: `folder-writer.ts FOLDER KIND TIMES`. Prints a line. */
import { FolderStore } from '../../storage/folder.ts';

const [folder, kind, times] = process.argv.slice(2);
const store = new FolderStore(folder!);
const count = Number(times);

async function absent(): Promise<number> {
  let wins = 0;
  for (let index = 0; index < count; index++) {
    if (await store.putIfAbsent(`absent/${index}`, String(process.pid))) wins++;
  }
  return wins;
}

/** Compare-and-set: `step` is added; with 0 the content stays and its version changes. */
async function change(step: number): Promise<void> {
  for (let done = 0; done < count; ) {
    const { body, etag } = (await store.get('counter'))!;
    if (await store.putIfMatch('counter', String(Number(body) + step), etag)) done++;
    if (step === 0 && done === 1) console.log('running');
  }
}

async function large(): Promise<void> {
  for (let index = 0; index < count; index++) {
    await store.put(`large/${index % 5}`, Buffer.alloc(2_000_000, index));
    if (index === 7) console.log('running');
  }
}

if (kind === 'absent') console.log(await absent());
if (kind === 'count') await change(1).then(() => console.log('done'));
if (kind === 'churn') await change(0);
if (kind === 'large') await large();
