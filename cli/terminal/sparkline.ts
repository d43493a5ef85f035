import type { Contest } from '../../core/sweep/contest.ts';

const LEVELS = { unicode: '▁▂▃▄▅▆▇█', ascii: '_.-~=+*#' } as const;

/**
 * The best so far over the results, `columns` characters at most: lowest value lowest. Empty while it has not changed.
 */
export function sparkline(
  contest: Pick<Contest, 'improvements' | 'judged'>,
  columns: number,
  unicode: boolean,
): string {
  const { improvements, judged } = contest;
  if (improvements.length < 2 || columns < 2) return '';
  const values = improvements.map(([, value]) => value);
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  if (lowest === highest) return '';
  const levels = unicode ? LEVELS.unicode : LEVELS.ascii;
  const first = improvements[0]![0];
  const length = Math.min(columns, judged - first + 1);
  let text = '';
  for (let place = 0; place < length; place++) {
    // The last character is today's best.
    const at = first + Math.round((place / Math.max(1, length - 1)) * (judged - first));
    const value = improvements.findLast(([since]) => since <= at)![1];
    const share = (value - lowest) / (highest - lowest);
    text += levels[Math.round(share * (levels.length - 1))];
  }
  return text;
}
