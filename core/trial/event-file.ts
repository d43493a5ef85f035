import type { MetricsRecord } from './numbering.ts';

/**
 * TensorBoard's event files: TFRecords (a length of 8 bytes, its checksum of 4, the data, its checksum of 4), each an
 * `Event` in protocol buffers. Field numbers are those of event.proto, summary.proto and tensor.proto of TensorFlow.
 */
const HEADER = 12;
const FOOTER = 4;

/** Whether bytes begin as an event file does: its first record is its version, `brain.Event:2`. */
export const isEventFile = (bytes: Uint8Array): boolean =>
  new TextDecoder('latin1').decode(bytes.subarray(0, 64)).includes('brain.Event:');

/**
 * The scalars of an event file, a record for each step, in order. A scalar called `epoch`, as Lightning writes it, numbers
 * its step. What is being written at the end is left out.
 */
export function readEventFile(bytes: Uint8Array): MetricsRecord[] {
  const steps = new Map<number, Record<string, number | null>>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + HEADER <= bytes.length; ) {
    const length = Number(view.getBigUint64(at, true));
    const end = at + HEADER + length;
    if (!Number.isSafeInteger(end) || end + FOOTER > bytes.length) break;
    const { step, values } = eventOf(bytes.subarray(at + HEADER, end));
    if (Object.keys(values).length > 0) steps.set(step, { ...steps.get(step), ...values });
    at = end + FOOTER;
  }
  return [...steps].sort(([a], [b]) => a - b).map(([, { epoch = null, ...values }]) => ({ epoch, values }));
}

interface Field {
  readonly number: number;
  /** Of a varint, a fixed number's bits as bytes, or a text, message or packed list. */
  readonly value: number | Uint8Array;
}

function eventOf(bytes: Uint8Array): { step: number; values: Record<string, number | null> } {
  let step = 0;
  const values: Record<string, number | null> = {};
  for (const { number, value } of fieldsOf(bytes)) {
    if (number === 2 && typeof value === 'number') step = value;
    if (number !== 5 || typeof value === 'number') continue;
    for (const entry of fieldsOf(value))
      if (entry.number === 1 && typeof entry.value !== 'number') Object.assign(values, scalarOf(entry.value));
  }
  return { step, values };
}

function scalarOf(bytes: Uint8Array): Record<string, number | null> {
  let tag = '';
  let scalar: number | undefined;
  for (const { number, value } of fieldsOf(bytes)) {
    if (typeof value === 'number') continue;
    if (number === 1) tag = new TextDecoder().decode(value);
    if (number === 2) scalar = float(value);
    if (number === 8) scalar = tensorOf(value);
  }
  return tag === '' || scalar === undefined ? {} : { [tag]: Number.isFinite(scalar) ? rounded(scalar) : null };
}

/** The one number of a tensor; undefined of any other. */
function tensorOf(bytes: Uint8Array): number | undefined {
  let isDouble = false;
  let scalar: number | undefined;
  for (const { number, value } of fieldsOf(bytes)) {
    if (number === 1) isDouble = value === DT_DOUBLE;
    if (typeof value === 'number') continue;
    if (number === 5 || (number === 4 && !isDouble)) scalar = value.length === 4 ? float(value) : undefined;
    if (number === 6 || (number === 4 && isDouble)) scalar = value.length === 8 ? double(value) : undefined;
  }
  return scalar;
}

const DT_DOUBLE = 2;
const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const float = (bytes: Uint8Array): number => (bytes.length < 4 ? Number.NaN : viewOf(bytes).getFloat32(0, true));
const double = (bytes: Uint8Array): number => (bytes.length < 8 ? Number.NaN : viewOf(bytes).getFloat64(0, true));
/** Scalars are stored in single precision: 0.9 as 0.8999999761581421. */
const rounded = (value: number): number => Number(value.toPrecision(7));

/** The fields of a message; it ends at the first that is not whole. */
function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    let [value, scale] = [0, 1];
    while (at < bytes.length) {
      const byte = bytes[at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    return Number.NaN;
  };
  while (at < bytes.length) {
    const key = varint();
    const [number, type] = [Math.floor(key / 8), key % 8];
    if (type === 0) {
      yield { number, value: varint() };
      continue;
    }
    const length = type === 1 ? 8 : type === 5 ? 4 : type === 2 ? varint() : Number.NaN;
    if (!(at + length <= bytes.length)) return;
    yield { number, value: bytes.subarray(at, at + length) };
    at += length;
  }
}
