/** When a training began and how long it ran. */
interface Training {
  readonly startedAt: string | null;
  readonly seconds: number | null;
}

/**
 * Seconds during which at least one of the trainings ran: how long a sweep took, less the time between an interruption and
 * going on. Null while none is known.
 */
export function busySeconds(trainings: readonly Training[]): number | null {
  const spans = trainings.flatMap(({ startedAt, seconds }) =>
    startedAt === null || seconds === null
      ? []
      : [{ from: Date.parse(startedAt), to: Date.parse(startedAt) + seconds * 1000 }],
  );
  if (spans.length === 0) return null;
  let [busy, until] = [0, Number.NEGATIVE_INFINITY];
  for (const { from, to } of spans.sort((a, b) => a.from - b.from)) {
    busy += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return busy / 1000;
}
