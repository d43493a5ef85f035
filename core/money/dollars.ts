/** The price of an hour: `$0.752`. */
export const hourlyText = (dollars: number): string => `$${dollars.toFixed(3)}`;

/** What something costs: `$1,250.00`, `$3.14`, `$0.0042`. */
export function dollarsText(amount: number): string {
  if (amount === 0) return '$0.00';
  if (amount < 0.01) return `$${amount.toPrecision(2)}`;
  return `$${amount.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

/** Whether an amount exceeds a limit as displayed, so that no message says that $12.03 is more than $12.03. */
export const isShownAbove = (amount: number, limit: number): boolean =>
  amount > limit && dollarsText(amount) !== dollarsText(limit);
