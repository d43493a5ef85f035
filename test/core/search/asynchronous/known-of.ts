import { type Known, knownFrom, type Outcome, seenOf, unitName } from '../../../../core/search/asynchronous/known.ts';

/** A unit: its number, its epochs and, once it has ended, its value; null: it failed. `ms`: a second metric. */
export type Told = readonly [number: number, epochs: number, value?: number | null | undefined, ms?: number];

/** What is known of a search in which these units were claimed. Parameter x of trial n is n. */
export function knownOf(numbers: number, units: readonly Told[], skipped: readonly number[] = []): Known {
  const ended = new Map(
    units.flatMap(([number, epochs, value, ms]): [string, Outcome][] => {
      if (value === undefined) return [];
      const others = ms === undefined ? {} : { others: { ms } };
      const failureClass = value === null ? 'exit-status' : null;
      return [[unitName({ number, epochs }), { value, ...others, failureClass, curve: [] }]];
    }),
  );
  const claimed = units.map(([number, epochs]) => ({ number, epochs }));
  const points = claimed.map(({ number }) => number);
  const seen = seenOf({ numbers, points, units: claimed, ended, skipped });
  return knownFrom(seen, { points: new Map(points.map((number) => [number, { x: number }])), outcomes: ended });
}
