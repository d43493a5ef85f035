import { bytesText } from '../core/base/text.ts';
import { dataFolder } from '../core/layout/inputs.ts';
import type { Spec } from '../core/spec/spec.ts';
import { uploadData } from '../storage/data-packs.ts';
import type { ObjectStore } from '../storage/store.ts';
import { storeDataList } from './file-lists.ts';
import type { Prepared } from './prepare.ts';
import { storeSnapshot } from './source/snapshot.ts';

export interface StoredInputs {
  /** The spec as an execution gets it: source and data are objects of the store. */
  readonly spec: Spec;
  /** Objects put, and bytes of the data in them. */
  readonly uploaded: { readonly objects: number; readonly bytes: number };
}

const NOTE_EVERY_MS = 5000;

/** Puts a spec's source and data where machines that are not this one find them; what is there is not sent again. */
export async function storeInputs(
  store: ObjectStore,
  prepared: Prepared,
  note: (line: string) => void,
): Promise<StoredInputs> {
  const { spec, snapshot, data } = prepared;
  let objects = 0;
  if (snapshot !== null && (await storeSnapshot(store, snapshot, note)).stored) objects += 1;
  if (data === null || spec.training.data === undefined) return { spec, uploaded: { objects, bytes: 0 } };
  await storeDataList(store, data);
  note(`data: ${data.files} files, ${bytesText(data.bytes)}`);
  let noted = Date.now();
  const sent = await uploadData(store, spec.training.data, data, (bytes, total) => {
    if (Date.now() - noted < NOTE_EVERY_MS) return;
    noted = Date.now();
    note(`data: sent ${bytesText(bytes)} of ${bytesText(total)}`);
  });
  if (sent.uploaded === 0) note('data: everything is already there');
  return {
    spec: { ...spec, training: { ...spec.training, data: dataFolder(data.digest) } },
    uploaded: { objects: objects + sent.uploaded, bytes: sent.bytes },
  };
}
