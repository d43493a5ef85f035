import * as z from 'zod';
import { CorruptObject } from '../base/errors.ts';
import { type Json, jsonSchema } from '../base/json.ts';
import { type Parameters, pointText } from '../space/space.ts';

/** The largest array that AWS Batch takes: https://docs.aws.amazon.com/batch/latest/userguide/array_jobs.html */
export const MAX_SHARD = 10_000;

/** One trial as a shard's manifest tells it to the child that trains it. */
export interface ManifestTrial {
  /** The trial number: its index in the sweep, from 0, in the order of proposal, which breaks ties. */
  readonly trial: number;
  readonly id: string;
  /** Total epochs trained when it ends. */
  readonly epochs: number;
  readonly parameters: Parameters;
  /** Of a trial that confirms another (its number): the same parameters under this SEED. */
  readonly seed?: number;
  readonly confirms?: number;
}

const trialSchema = z.strictObject({
  trial: z.int().min(0),
  id: z.string().regex(/^[0-9a-f]{16}$/),
  epochs: z.int().min(1),
  parameters: z.record(z.string(), jsonSchema),
  seed: z.int().min(0).optional(),
  confirms: z.int().min(0).optional(),
});

/**
 * A manifest: a JSON array, one trial a line, every line padded to one width (in bytes, its newline included), so that
 * line i is the bytes [i * width, (i + 1) * width) and a child reads its own trial by one Range GET.
 */
export interface Manifest {
  readonly bytes: Buffer;
  readonly width: number;
}

/** The manifest of trials, each as `trialText` has it. */
export function encodeManifest(lines: Iterable<string>): Manifest {
  const all = new Lines();
  for (const line of lines) all.add(line);
  return all.manifest();
}

/** The manifests of trials in turn, MAX_SHARD of them each, the last one fewer. Of those being read one's bytes are in memory. */
export function* encodedManifests(trials: Iterable<ManifestTrial>): Generator<Manifest> {
  const lines = new Lines();
  for (const trial of trials) {
    lines.add(trialText(trial));
    if (lines.count === MAX_SHARD) yield lines.manifest();
  }
  if (lines.count > 0) yield lines.manifest();
}

/** How many trials a manifest is of. */
export const trialsIn = ({ bytes, width }: Manifest): number => bytes.length / width;

/** Lines that become a manifest: their bytes, since a million texts that wait for theirs keep the garbage collector busy. */
class Lines {
  #bytes = Buffer.allocUnsafe(4096);
  #end = 0;
  readonly #ends: number[] = [];

  get count(): number {
    return this.#ends.length;
  }

  add(line: string): void {
    // Each unit of a text takes at most three bytes.
    const most = this.#end + 3 * line.length;
    if (most > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(2 * most);
      this.#bytes.copy(grown, 0, 0, this.#end);
      this.#bytes = grown;
    }
    this.#end += this.#bytes.write(line, this.#end);
    this.#ends.push(this.#end);
  }

  /** The manifest of the lines so far; none is left. */
  manifest(): Manifest {
    const starts = [0, ...this.#ends];
    // Two bytes around each line (`[` or a space, `,` or `]`) and the newline.
    const width = this.#ends.reduce((most, end, i) => Math.max(most, end - starts[i]!), 0) + 3;
    const bytes = Buffer.alloc(this.count * width, ' ');
    this.#ends.forEach((end, i) => {
      this.#bytes.copy(bytes, i * width + 1, starts[i]!, end);
      bytes.write(i === this.count - 1 ? ']\n' : ',\n', (i + 1) * width - 2);
    });
    bytes.write('[');
    this.#ends.length = 0;
    this.#end = 0;
    return { bytes, width };
  }
}

/** A trial as JSON, as JSON.stringify would write it. */
export function trialText({ trial, id, epochs, parameters, seed, confirms }: ManifestTrial): string {
  const again = `${seed === undefined ? '' : `,"seed":${seed}`}${confirms === undefined ? '' : `,"confirms":${confirms}`}`;
  return `{"trial":${trial},"id":"${id}","epochs":${epochs},"parameters":${pointText(parameters)}${again}}`;
}

/**
 * The `count` trials of consecutive whole lines, as bytes [first * width, ...) of a manifest hold them.
 * @throws CorruptObject when there are fewer: a manifest that was cut must never make a smaller sweep
 */
export function decodeLines(bytes: Buffer, width: number, count: number, where: string): ManifestTrial[] {
  if (width < 4 || bytes.length !== count * width) {
    throw damaged(where, `it has ${bytes.length} bytes where ${count} lines of ${width} were written`);
  }
  const trials: ManifestTrial[] = [];
  for (let start = 0; start < bytes.length; start += width) {
    trials.push(decodeLine(bytes.toString('utf8', start + 1, start + width - 2), `${where} line ${start / width}`));
  }
  return trials;
}

/** The trials of a whole manifest whose size and width are not known; null where it cannot be read. */
export function decodeManifest(bytes: Buffer): ManifestTrial[] | null {
  try {
    const trials = z.array(trialSchema).safeParse(JSON.parse(bytes.toString()));
    return trials.success ? (trials.data as ManifestTrial[]) : null;
  } catch {
    return null;
  }
}

const damaged = (where: string, how: string): CorruptObject =>
  new CorruptObject(`${where} is damaged: ${how}; run or start the same spec again, which writes it again`);

function decodeLine(text: string, where: string): ManifestTrial {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged(where, 'it is not valid JSON');
  }
  const parsed = trialSchema.safeParse(value);
  if (!parsed.success) throw damaged(where, 'it is not a trial');
  return parsed.data as ManifestTrial & { parameters: Record<string, Json> };
}

/** How a manifest's lines are shared among children that train several trials each. */
export interface Share {
  /** Lines in all. */
  readonly lines: number;
  /** Lines a child; the last one may have fewer. */
  readonly each: number;
}

export interface ManifestReference {
  readonly url: string;
  readonly width: number;
  /** Null: a line a child. */
  readonly share: Share | null;
}

/** Children that it takes to train so many lines. */
export const childrenFor = ({ lines, each }: Share): number => Math.ceil(lines / each);

/** The lines of a child, by its place in the array: a fixed range, so that every attempt of it has the same. */
export function linesOfChild(share: Share | null, child: number): { readonly first: number; readonly count: number } {
  if (share === null) return { first: child, count: 1 };
  const first = child * share.each;
  return { first, count: Math.max(0, Math.min(share.each, share.lines - first)) };
}

/**
 * What a child is given as SWEEP_MANIFEST: `<url of the manifest>#width=<bytes a line>`, and where a child trains several
 * trials `&lines=<lines in all>&each=<lines a child>`.
 */
export function manifestReference(url: string, width: number, share: Share | null = null): string {
  return `${url}#width=${width}${share === null ? '' : `&lines=${share.lines}&each=${share.each}`}`;
}

export function parseManifestReference(reference: string): ManifestReference {
  const match = /^(.+)#width=([1-9][0-9]*)(?:&lines=([1-9][0-9]*)&each=([1-9][0-9]*))?$/.exec(reference);
  if (match === null) {
    throw new CorruptObject(
      `SWEEP_MANIFEST: received ${reference}; allowed: <url of a manifest>#width=<bytes per line>`,
    );
  }
  const [, url, width, lines, each] = match;
  return {
    url: url!,
    width: Number(width),
    share: lines === undefined || each === undefined ? null : { lines: Number(lines), each: Number(each) },
  };
}
