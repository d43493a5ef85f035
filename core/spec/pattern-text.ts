/** Matches the text itself in a pattern. Braces as well: `{number}` stands for a number there. */
export const escapedForPattern = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Reads a metric from the summary that W&B prints when a run ends. */
export const wandbSummaryPattern = (metric: string): string => `wandb: +${escapedForPattern(metric)} +{number}`;
