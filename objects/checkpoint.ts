import * as z from 'zod';
import { modelRewriteSchema } from '../core/trial/model-rewrite.ts';

const fileSchema = z.object({
  path: z.string(),
  size: z.int().min(0),
  sha256: z.string(),
  /** Where it lies, below the trial's prefix: uploaded with an earlier checkpoint, and maybe under an earlier name. */
  at: z.string().optional(),
  /** When that was, in milliseconds since 1970. */
  uploaded: z.number().optional(),
});

/** `checkpoint.json`, written after the files it names: a checkpoint without it is not there. */
const manifestSchema = z.object({
  number: z.int().min(1),
  /** CHECKPOINT_DIR. */
  files: z.array(fileSchema),
  /** MODEL_DIR at the same moment. Checkpoints of earlier versions have none. */
  model: z.array(fileSchema).default([]),
  /** The metrics lines when it was taken: a resumed attempt starts with them. */
  metrics: z.string(),
  /** How that model was last written again after a resume. */
  modelRewrite: modelRewriteSchema.optional(),
});

export type CheckpointManifest = z.output<typeof manifestSchema>;

export type StoredFile = z.output<typeof fileSchema>;

/** The folders that travel together, and where their files lie below a checkpoint's number. */
export const PLACES = { checkpoint: (number: number) => `${number}/`, model: (number: number) => `${number}.model/` };

export type Part = keyof typeof PLACES;

export interface PartFile {
  readonly part: Part;
  readonly file: StoredFile;
}

export const filesOf = ({ files, model }: Pick<CheckpointManifest, 'files' | 'model'>): PartFile[] => [
  ...files.map((file) => ({ part: 'checkpoint' as const, file })),
  ...model.map((file) => ({ part: 'model' as const, file })),
];

/** Where a file lies, below the trial's prefix. */
export const placeOf = ({ part, file }: PartFile, number: number): string =>
  file.at ?? `${PLACES[part](number)}${file.path}`;

/** What a `checkpoint.json` says; null when it cannot be read. */
export function readManifest(body: Buffer): CheckpointManifest | null {
  try {
    return manifestSchema.safeParse(JSON.parse(body.toString())).data ?? null;
  } catch {
    return null;
  }
}
