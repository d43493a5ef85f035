import * as z from 'zod';
import { sha256 } from '../base/digest.ts';

/** A file that an attempt left, as it was stored. */
export const modelFileSchema = z.object({
  /** Below the model's prefix, or the attempt's. */
  path: z.string(),
  /** Bytes. */
  size: z.int().min(0),
  /** Of its content, in hexadecimal. */
  sha256: z.string(),
});
export type ModelFile = z.output<typeof modelFileSchema>;

/** A result stays small: of a model of more files none is listed, and none is checked. */
export const MAX_LISTED_FILES = 200;

/** The files of a model, in results, best.json and champion.json: by it a file that is lost or changed is noticed. */
export const modelFilesSchema = z.array(modelFileSchema).max(MAX_LISTED_FILES).optional();

/** The files whose content is worth reading to see whether it has changed: of a large model only names and sizes are compared. */
export const MAX_READ_BYTES = 256 * 1024 * 1024;

export const isWorthReading = (files: readonly ModelFile[]): boolean =>
  files.reduce((sum, { size }) => sum + size, 0) <= MAX_READ_BYTES;

/** What became of a file, null: it is missing; `sha256` null: not read. Null: nothing, as far as that can be seen. */
export function flawOf(
  file: ModelFile,
  found: { readonly size: number; readonly sha256: string | null } | null,
): string | null {
  if (found === null) return 'is missing';
  if (found.size !== file.size) return `has ${found.size} bytes, where ${file.size} were stored`;
  return found.sha256 === null || found.sha256 === file.sha256 ? null : 'is not what was stored';
}

export const fileOf = (path: string, body: Uint8Array): ModelFile => ({
  path,
  size: body.length,
  sha256: sha256(body),
});

/** As `flawOf`, of a file that was read whole. */
export const flawOfBody = (file: ModelFile, body: Uint8Array | null): string | null =>
  flawOf(file, body === null ? null : fileOf(file.path, body));
