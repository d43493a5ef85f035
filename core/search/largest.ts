import type { Json } from '../base/json.ts';
import type { Parameters } from '../space/space.ts';

/** Words of names whose values multiply what a trial holds in memory. */
const MEMORY_WORDS = new Set(
  [
    'batch batchsize bs seq seqlen sequence length maxlen context block tokens window',
    'hidden layer layers nlayers depth width dim dims embed embedding embd units neurons channels filters heads ffn',
    'image img imgsz resolution height crop frames',
  ].flatMap((line) => line.split(' ')),
);
/** Words of names that only sound so: `hidden_dropout`, `layer_norm_eps`, `batch_norm_momentum`, `warmup_length`. */
const OTHER_WORDS = new Set(
  [
    'dropout drop prob probability rate lr decay ratio eps epsilon momentum norm init scale std weight penalty factor',
    'freeze frozen warmup seed stride accumulation',
  ].flatMap((line) => line.split(' ')),
);

/** Whether a parameter's name suggests that memory grows with its value. */
export function growsMemory(name: string): boolean {
  const words = name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/);
  if (words.some((word) => OTHER_WORDS.has(word))) return false;
  return words.some((word) => MEMORY_WORDS.has(word)) || words.join('_') === 'd_model';
}

/** A number, a number as text, or of a list (the widths of layers) the sum; null: nothing to multiply. */
function sizeOf(value: Json): number | null {
  if (Array.isArray(value)) {
    const sizes = value.map(sizeOf);
    return sizes.some((size) => size === null) ? null : sizes.reduce<number>((sum, size) => sum + size!, 0);
  }
  const size = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof size === 'number' && Number.isFinite(size) ? Math.max(0, size) : null;
}

export interface Largest {
  readonly index: number;
  /** The parameters that decided. */
  readonly names: readonly string[];
}

/**
 * The point most likely to run out of memory, as far as names tell: the largest product of what multiplies memory; ties:
 * the first. Null when no parameter's name tells it.
 */
export function largestPoint(points: readonly Parameters[]): Largest | null {
  let best: (Largest & { readonly product: number }) | null = null;
  for (const [index, parameters] of points.entries()) {
    const sizes = Object.entries(parameters).flatMap(([name, value]) => {
      const size = growsMemory(name) ? sizeOf(value) : null;
      return size === null ? [] : [{ name, size }];
    });
    if (sizes.length === 0) continue;
    const product = sizes.reduce((sum, { size }) => sum * size, 1);
    if (best === null || product > best.product) best = { index, names: sizes.map(({ name }) => name), product };
  }
  return best === null ? null : { index: best.index, names: best.names };
}
