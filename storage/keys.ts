import { show } from '../core/base/text.ts';
import { StorageError } from './errors.ts';

/** The folder that a folder store keeps for its own files; no key may begin with it. */
export const OWN_FOLDER = '.tmp';

/** S3's limit of a key, in bytes of UTF-8. */
export const MAX_KEY_BYTES = 1024;
/** What the usual file systems take for one name, in bytes. */
const MAX_NAME_BYTES = 255;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const UNSAFE = /[\u0000-\u001f\u007f\\]/;

/**
 * Refuses a key that cannot be an object in every home: a folder's file names and S3's keys are held to one rule, so
 * that what works on one machine works on AWS.
 * @throws StorageError that says what is wrong with the key.
 */
export function checkKey(operation: string, key: string): void {
  const problem = isOwn(key) ? `names below ${OWN_FOLDER}/ belong to the folder store itself` : problemOf(key);
  if (problem !== null) {
    throw new StorageError(operation, key, `the key ${show(key)} cannot name an object: ${problem}`);
  }
}

function problemOf(key: string): string | null {
  if (key === '') return 'it is empty';
  if (key.startsWith('/')) return 'it starts with /; keys are relative to the store';
  if (UNSAFE.test(key)) return 'it contains a control character or a backslash';
  if (!key.isWellFormed()) return 'it contains half of a surrogate pair, which UTF-8 cannot encode';
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) return `it is longer than ${MAX_KEY_BYTES} bytes; shorten it`;
  const segments = key.split('/');
  for (const segment of segments) {
    if (segment === '') return 'it contains an empty segment (// or a / at the end)';
    if (segment === '.' || segment === '..') return `it contains the segment ${segment}`;
    if (Buffer.byteLength(segment) > MAX_NAME_BYTES) {
      return `its part ${show(segment)} is too long: more than ${MAX_NAME_BYTES} bytes do not fit a file name; shorten it`;
    }
  }
  return null;
}

const isOwn = (key: string): boolean => key === OWN_FOLDER || key.startsWith(`${OWN_FOLDER}/`);

/** Whether a key, relative to a folder, names a file below that folder on any machine. */
export const isFilePath = (key: string): boolean => problemOf(key) === null;

/** Why a key, relative to a folder, can name no file below it; null when it can. */
export const filePathProblem = problemOf;

/** Whether a prefix that ends in `/` (or is empty) can be the folder of any key at all. */
export function isFolderPrefix(prefix: string): boolean {
  return prefix === '' || (prefix.endsWith('/') && !isOwn(prefix) && problemOf(prefix.slice(0, -1)) === null);
}

/**
 * Refuses a prefix that is not a whole folder: `models/a` would take `models/ab/` along.
 * @throws StorageError
 */
export function checkFolderPrefix(operation: string, prefix: string): void {
  if (prefix !== '' && isFolderPrefix(prefix)) return;
  throw new StorageError(operation, prefix, `the prefix ${show(prefix)} must name a folder of keys and end in /`);
}

/** Orders as S3 lists: by the bytes of UTF-8. JavaScript's own order differs from it above U+D7FF. */
export function compareKeys(a: string, b: string): number {
  if (HIGH.test(a) || HIGH.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : a > b ? 1 : 0;
}
const HIGH = /[\ud800-\uffff]/;

/** @throws StorageError unless `start` and `end` are whole numbers of bytes with 0 <= start <= end. */
export function checkRange(key: string, start: number, end: number): void {
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && end >= start) return;
  throw new StorageError(
    'getRange',
    key,
    `${key}: bytes ${start} to ${end} are not a range; allowed: 0 <= start <= end`,
  );
}
