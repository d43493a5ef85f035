/**
 * Objective values as a model likes them: larger is better, about zero mean and unit spread, whatever the units and the
 * outliers. The mean of two views: normal scores of the ranks, which no outlier moves, and distances from the median in
 * units of the spread between the quartiles, cut off at 2.5, which keep what ranks forget: how much better. A failed
 * trial (null) ranks below every other. Multiplying all values by a power of two changes no bit.
 * @returns null when the values tell nothing apart
 */
export function scoresOf(values: readonly (number | null)[], goal: 'maximize' | 'minimize'): Float64Array | null {
  const sign = goal === 'maximize' ? 1 : -1;
  const finite = values.filter((value) => value !== null).map((value) => sign * value);
  const sorted = finite.toSorted((a, b) => a - b);
  const n = values.length;
  const failed = n - sorted.length;
  if (sorted.length === 0 || (failed === 0 && sorted[0] === sorted.at(-1))) return null;
  const quantile = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  const median = quantile(0.5);
  const spread = quantile(0.75) - quantile(0.25) || sorted.at(-1)! - sorted[0]!;
  const lowest = (failed === 0 ? null : normalScore(failed / 2 / n)) ?? 0;
  return Float64Array.from(values, (value) => {
    if (value === null) return Math.min(lowest, -1);
    const signed = sign * value;
    // Equal values share the middle of their ranks.
    const below = failed + lowerBound(sorted, signed);
    const upTo = failed + upperBound(sorted, signed);
    const rank = normalScore((below + upTo) / 2 / n);
    // 1.35: the spread between the quartiles of a normal distribution.
    const distance = spread === 0 ? 0 : Math.max(-2.5, Math.min(2.5, ((signed - median) / spread) * 1.35));
    return (rank + distance) / 2;
  });
}

function lowerBound(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function upperBound(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The normal distribution's quantile: Acklam's rational approximation (2003), whose relative error is below 1.15e-9.
 * @param p in (0, 1)
 */
export function normalScore(p: number): number {
  const tail = (q: number) =>
    (((((-7.784894002430293e-3 * q - 0.3223964580411365) * q - 2.400758277161838) * q - 2.549732539343734) * q +
      4.374664141464968) *
      q +
      2.938163982698783) /
    ((((7.784695709041462e-3 * q + 0.3224671290700398) * q + 2.445134137142996) * q + 3.754408661907416) * q + 1);
  if (p < 0.02425) return tail(Math.sqrt(-2 * Math.log(p)));
  if (p > 1 - 0.02425) return -tail(Math.sqrt(-2 * Math.log(1 - p)));
  const q = p - 0.5;
  const r = q * q;
  return (
    ((((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r + 138.357751867269) * r -
      30.66479806614716) *
      r +
      2.506628277459239) *
      q) /
    (((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r + 66.80131188771972) * r -
      13.28068155288572) *
      r +
      1)
  );
}
