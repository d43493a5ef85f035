/**
 * An exponential moving average, as TensorBoard and W&B smooth: its start is weighed by what there is so far, so that it does not
 * begin near zero. Gaps stay gaps.
 * @param weight of what came before, from 0, which changes nothing, to below 1
 */
export function smoothed(values: readonly (number | null)[], weight: number): (number | null)[] {
  let [sum, share] = [0, 0];
  return values.map((value) => {
    if (value === null) return null;
    sum = weight * sum + (1 - weight) * value;
    share = weight * share + (1 - weight);
    return sum / share;
  });
}
