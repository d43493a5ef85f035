/** `eval/accuracy`, `eval.accuracy` and `eval_accuracy` are ways to write one name. */
const sameName = (key: string): string => key.trim().replace(/[\s/._]+/g, '_');

/** The key that a metric's name means among those there are; undefined: none, or it may mean several. */
export function keyFor(metric: string, keys: Iterable<string>): string | undefined {
  const wanted = sameName(metric);
  const alike = new Set<string>();
  for (const key of keys) {
    if (key === metric) return metric;
    if (sameName(key) === wanted) alike.add(key);
  }
  return alike.size === 1 ? [...alike][0] : undefined;
}
