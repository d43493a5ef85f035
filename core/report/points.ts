import type { Curve } from '../trial/curve.ts';

/** A curve as the page has it. */
export interface ReportPoints {
  /** Null: 1, 2, 3 ... */
  readonly epochs: readonly number[] | null;
  readonly values: readonly (number | null)[];
}

/** More of a curve say no more to the eye, and would make the page slow. */
export const REPORT_CURVE_POINTS = 60;

export function columnsOf(curve: Curve): ReportPoints {
  const isPlain = curve.every(([epoch], index) => epoch === index + 1);
  return {
    epochs: isPlain ? null : curve.map(([epoch]) => epoch),
    values: curve.map(([, value]) => (value === null ? null : Number(value.toPrecision(6)))),
  };
}
