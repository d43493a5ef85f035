/** The price of an hour: `$0.752`. */
export const hourlyText = (dollars: number): string => `$${dollars.toFixed(3)}`;

/** What something costs: `$1,250.00`, `$3.14`, `$0.0042`. */
export function dollarsText(amount: number): string {
  if (amount === 0) return '$0.00';
  if (amount < 0.01) return `$${amount.toPrecision(2)}`;
  return `$${amount.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

const DIME = 0.1;

/** How the amounts of a column are written: those that are all small with equally many decimals, `$0.0100` beside `$0.0042`. */
export function dollarsAmong(amounts: Iterable<number | null>): (amount: number) => string {
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (const amount of amounts) {
    if (amount === null || amount <= 0) continue;
    least = Math.min(least, amount);
    most = Math.max(most, amount);
  }
  if (most >= DIME || least >= 0.01) return dollarsText;
  // The two digits that the least has alone.
  const decimals = Math.min(8, 1 - Math.floor(Math.log10(least)));
  return (amount) => (amount === 0 ? dollarsText(0) : `$${amount.toFixed(decimals)}`);
}

/** Whether an amount exceeds a limit as displayed, so that no message says that $12.03 is more than $12.03. */
export const isShownAbove = (amount: number, limit: number): boolean =>
  amount > limit && dollarsText(amount) !== dollarsText(limit);
