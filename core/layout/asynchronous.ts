import * as z from 'zod';
import { sealed, unsealed } from '../base/checksum.ts';
import { CorruptObject } from '../base/errors.ts';
import { jsonSchema } from '../base/json.ts';
import { checkpointPrefix, sweepPrefix } from './keys.ts';

export { type Control, controlSchema } from './control.ts';

/**
 * The objects through which the children of an asynchronous search agree without a server: their keys and contents. A
 * trial's place in the search is its number, from 0. A unit is one training of one trial to one number of epochs.
 */

/** The children that work now; replaced by compare-and-set. */
export const waveKey = (sweepId: string): string => `${sweepPrefix(sweepId)}wave.json`;
/** The orders for the running sweep; replaced by compare-and-set. */
export const controlKey = (sweepId: string): string => `${sweepPrefix(sweepId)}control.json`;
/** Why no further unit is begun; put if absent. */
export const endedKey = (sweepId: string): string => `${sweepPrefix(sweepId)}ended.json`;

/** What a child of a wave is given as SWEEP_MANIFEST: `<address of wave.json>#wave=<wave>`. */
export const waveReference = (storeUrl: string, sweepId: string, wave: number): string =>
  `${storeUrl}/${waveKey(sweepId)}#wave=${wave}`;

/** The inverse of `waveReference`; null for a manifest's reference, and for one of another store. */
export function parseWaveReference(
  storeUrl: string,
  reference: string,
): { readonly sweepId: string; readonly wave: number } | null {
  const key = reference.startsWith(`${storeUrl}/`) ? reference.slice(storeUrl.length + 1) : '';
  const [, sweepId, wave] = /^sweeps\/([0-9A-Za-z_-]+)\/wave\.json#wave=(0|[1-9][0-9]*)$/.exec(key) ?? [];
  return sweepId === undefined ? null : { sweepId, wave: Number(wave) };
}

export interface Unit {
  readonly number: number;
  /** Total epochs trained when it ends. */
  readonly epochs: number;
}

/** A start of a unit. Generations count from 1, and the highest owns the unit. */
export interface ClaimName extends Unit {
  readonly generation: number;
}

export const claimsPrefix = (sweepId: string): string => `${sweepPrefix(sweepId)}claims/`;
/** Put if absent, so that one child has it. */
export const claimKey = (sweepId: string, { number, epochs, generation }: ClaimName): string =>
  `${claimsPrefix(sweepId)}${number}.${epochs}.${generation}`;
/** An empty object beside a claim: its owner gave the unit up without training it. */
export const releaseKey = (sweepId: string, claim: ClaimName): string => `${claimKey(sweepId, claim)}.released`;

export interface ListedClaim extends ClaimName {
  /** The key is that of a release. */
  readonly released: boolean;
}

/** The inverse of `claimKey` and `releaseKey`; null for any other key. */
export function parseClaimKey(sweepId: string, key: string): ListedClaim | null {
  const prefix = claimsPrefix(sweepId);
  const match = key.startsWith(prefix)
    ? /^(0|[1-9][0-9]*)\.([1-9][0-9]*)\.([1-9][0-9]*)(\.released)?$/.exec(key.slice(prefix.length))
    : null;
  if (match === null) return null;
  const [number, epochs, generation] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return { number, epochs, generation, released: match[4] !== undefined };
}

export const pointsPrefix = (sweepId: string): string => `${sweepPrefix(sweepId)}points/`;
/** Put if absent, so that a point of the space belongs to one number. */
export const pointObjectKey = (sweepId: string, trialId: string): string => `${pointsPrefix(sweepId)}${trialId}`;
/** An empty object: the space had no point left for that number. */
export const noPointKey = (sweepId: string, number: number): string => `${pointsPrefix(sweepId)}none-${number}`;

export type PointName = { readonly trialId: string } | { readonly none: number };

/** The inverse of `pointObjectKey` and `noPointKey`; null for any other key. */
export function parsePointKey(sweepId: string, key: string): PointName | null {
  const prefix = pointsPrefix(sweepId);
  const match = key.startsWith(prefix)
    ? /^(?:none-(0|[1-9][0-9]*)|([0-9a-f]{16}))$/.exec(key.slice(prefix.length))
    : null;
  if (match === null) return null;
  return match[2] === undefined ? { none: Number(match[1]) } : { trialId: match[2] };
}

/** A start of a trial's training to some number of epochs, in an asynchronous search. Each has its own checkpoints. */
export interface UnitStart {
  readonly epochs: number;
  /** From 1. */
  readonly generation: number;
}

export const unitCheckpointPrefix = (sweepId: string, trialId: string, { epochs, generation }: UnitStart): string =>
  `${checkpointPrefix(sweepId, trialId)}${epochs}.${generation}/`;

/** The start whose checkpoints lie in a folder of this name below the trial's; null for any other folder. */
export function parseUnitStart(name: string): UnitStart | null {
  const match = /^([1-9][0-9]*)\.([1-9][0-9]*)$/.exec(name);
  return match === null ? null : { epochs: Number(match[1]), generation: Number(match[2]) };
}

const numbers = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/);

/**
 * What a decision was made from, so that it can be recomputed. Sets of numbers are bitmaps (bitmap.ts). Together with those
 * numbers' points and results, this is all that a proposal or a promotion depends on.
 */
export const seenSchema = z.strictObject({
  /** Trials below this number could be begun; 0 once the space had no further point. */
  numbers: z.int().min(0),
  /** Numbers whose parameters were known. */
  points: numbers,
  /** By budget, in ascending order: the numbers claimed at it, those of them that had ended, and those that had failed. */
  budgets: z.array(z.strictObject({ epochs: z.int().min(1), claimed: numbers, ended: numbers, failed: numbers })),
  /** Numbers that someone had skipped. */
  skipped: numbers.optional(),
  /** The version of the rules that the decision was made by (core/search/asynchronous/rules.ts). */
  rules: z.int().min(1).optional(),
});
export type Seen = z.output<typeof seenSchema>;

export const claimSchema = z.strictObject({
  /** AWS_BATCH_JOB_ID: `<array>:<index>`, or the job's own where it is no array. */
  owner: z.string().min(1),
  /** The owner's attempt, from 1, as Batch counts. */
  attempt: z.int().min(1),
  host: z.string(),
  since: z.string(),
  /** Of a unit's first claim: what its choice, its proposal and its medians were made from. */
  seen: seenSchema.optional(),
  /** Of a first claim that was put in the place of one that is gone, and with it what the unit's choice had seen. */
  lost: z.literal(true).optional(),
});
export type Claim = z.output<typeof claimSchema>;

/** The array that a job belongs to. */
export const arrayOf = (owner: string): string => owner.split(':')[0]!;

export const pointSchema = z.strictObject({
  number: z.int().min(0),
  bracket: z.int().min(0),
  parameters: z.record(z.string(), jsonSchema),
  /** Better proposals for this number, each of which another number had taken. */
  passed: z.int().min(0),
});
export type Point = z.output<typeof pointSchema>;

export const waveSchema = z.strictObject({
  /** Counts the waves of the sweep, from 0. */
  wave: z.int().min(0),
  /** The execution that planned it, and its round there: what a repeated plan is known by. */
  execution: z.string(),
  round: z.int().min(0),
  /** How many children it has: the length of the array. */
  children: z.int().min(1).max(10_000),
  /** Arrays of which Batch says that no child runs any more. */
  dead: z.array(z.string()),
  /** Why no unit is begun any more in this wave: a child has few attempts left, or a person paused the sweep. */
  closed: z.enum(['attempts', 'paused']).nullable(),
  /** When it was planned: results that there were, and starts of units. */
  before: z.strictObject({ results: z.int().min(0), starts: z.int().min(0) }),
});
export type Wave = z.output<typeof waveSchema>;

export const END_REASONS = ['stop', 'doomed', 'tolerance', 'budget'] as const;

export const endedSchema = z.strictObject({
  /** Whose units it ends: an execution that goes on later decides anew. */
  execution: z.string(),
  reason: z.enum(END_REASONS),
  /** For a person. */
  because: z.string(),
  seen: seenSchema,
});
export type Ended = z.output<typeof endedSchema>;

/** An object as stored, with a checksum: a flipped bit would change the search. */
export const objectText = (value: object): string => `${JSON.stringify(sealed(value))}\n`;

/** @throws CorruptObject naming the object */
export function parseObject<T>(schema: z.ZodType<T>, key: string, body: Buffer | string): T {
  let value: unknown;
  try {
    value = unsealed(JSON.parse(body.toString()))?.value;
  } catch {
    value = undefined;
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new CorruptObject(
    `${key} is damaged: it cannot be read; restore it from a copy, or delete it and run or start the same spec again, which recreates it`,
  );
}
