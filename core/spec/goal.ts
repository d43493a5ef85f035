export type Goal = 'maximize' | 'minimize';

/** Whether `a` is better than `b`; equal values are not. */
export const isBetter = (a: number, b: number, goal: Goal): boolean => (goal === 'maximize' ? a > b : a < b);

const MINIMIZED = 'loss error err mae mse rmse mape rmsle perplexity ppl nll wer cer fid bpb cost regret entropy'.split(
  ' ',
);
const MAXIMIZED = 'acc accuracy auc f1 map iou dice bleu rouge r2 reward score precision recall'.split(' ');

/** Words that also end others, as in `logloss` and `miou`; of `wer` or `map`, too many ordinary words end that way. */
const ENDINGS = new Set(
  'loss error mae mse rmse perplexity entropy regret acc accuracy auc f1 iou dice bleu rouge reward score recall'.split(
    ' ',
  ),
);

/**
 * The goal that the words in a metric's name tell, wherever they stand: `loss/val`, `valLoss`, `mAP50-95`. Null: none
 * does, or they disagree. `neg` before a word is scikit-learn's for an error with its sign turned, so it tells nothing.
 */
export function goalOf(metric: string): Goal | null {
  const words = wordsOf(metric);
  const has = (list: readonly string[]) => words.some((word) => list.some((known) => means(word, known)));
  const [down, up] = [has(MINIMIZED), has(MAXIMIZED)];
  if (down === up || words.includes('neg') || words.includes('negative')) return null;
  return down ? 'minimize' : 'maximize';
}

function means(word: string, known: string): boolean {
  return word === known || word.replace(/[0-9]+$/, '') === known || (ENDINGS.has(known) && word.endsWith(known));
}

/** In lower case; of `valLoss` both `valloss` and its parts. */
function wordsOf(metric: string): string[] {
  const names = metric.split(/[^A-Za-z0-9]+/).filter((name) => name !== '');
  const parts = names.flatMap((name) => name.split(/(?<=[a-z0-9])(?=[A-Z])/));
  return [...names, ...parts].map((word) => word.toLowerCase());
}
