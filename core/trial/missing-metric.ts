import { firstOf, show } from '../base/text.ts';
import { escapedForPattern } from '../spec/pattern-text.ts';
import { keyFor } from './metric-key.ts';
import type { MetricsText } from './metrics-text.ts';

/** A file in which a program left numbers. */
export interface NumberFile {
  /** As objective.file would name it. */
  readonly name: string;
  readonly keys: readonly string[];
}

/** So many files are named, and of each so many keys. */
const FILES = 3;
const KEYS = 8;

/**
 * Where the metric may be that a trial did not report, as the end of the sentence that says so: what METRICS_FILE holds
 * beside metrics, what was printed, and which files hold numbers. Empty: nothing is known.
 * @param log the end of what the program printed
 */
export function whereItMayBe(
  metric: string,
  reported: Pick<MetricsText, 'passedOver' | 'noNumbers'> | null,
  files: readonly NumberFile[],
  log = '',
): string {
  const hints: string[] = [];
  const { passedOver = null, noNumbers = new Map<string, string>() } = reported ?? {};
  const key = keyFor(metric, noNumbers.keys());
  if (key !== undefined) hints.push(`${key} was ${noNumbers.get(key)}, which is not a number`);
  if (passedOver !== null)
    hints.push(
      `line ${passedOver.line} of METRICS_FILE was passed over, because ${passedOver.why}: ${show(passedOver.text)}`,
    );
  hints.push(...printedHints(metric, log));
  // A file that holds the metric says it all.
  const right = files.filter(({ keys }) => keyFor(metric, keys) !== undefined);
  const named = (right.length > 0 ? right : files).slice(0, FILES).map(fileText);
  if (named.length > 0) hints.push(`it wrote numbers to ${named.join(', ')}, which objective.file can name`);
  return hints.map((hint) => `; ${hint}`).join('');
}

function fileText({ name, keys }: NumberFile): string {
  const path = name.replace(/^(?:MODEL_DIR|CHECKPOINT_DIR)\//, '');
  const shown = `${keys.slice(0, KEYS).join(', ')}${keys.length > KEYS ? ', ...' : ''}`;
  return `${path} (${shown})`;
}

interface Printed {
  readonly name: string;
  /** As it stands before the number. */
  readonly label: string;
}

/** `val accuracy: 0.9`, `'acc': 90`, `F1 = .8`: names of at most three words. */
const NAMED = /(["']?)([A-Za-z][\w./@-]*(?: [A-Za-z][\w./@-]*){0,2})\1( *[:=] *)(?=[-+]?\.?\d)/g;

function printedHints(metric: string, log: string): string[] {
  const matches = [...log.matchAll(NAMED)];
  const printed = matches.flatMap(([, quote = '', words = '', sign = '']): Printed[] =>
    (quote === '' ? endings(words) : [words]).map((name) => ({ name, label: `${quote}${name}${quote}${sign}` })),
  );
  const alike = (name: string) => name.toLowerCase().replaceAll(/[ -]/g, '_');
  const found = printed.findLast(({ name }) => keyFor(alike(metric), [alike(name)]) !== undefined);
  if (found !== undefined)
    return [
      `it printed ${found.name}, which objective.pattern reads as ${show(`${escapedForPattern(found.label)}{number}`)}`,
    ];
  const names = [...new Set(matches.map(([, , words = '']) => words))];
  return names.length === 0 ? [] : [`it printed numbers as ${firstOf(names, KEYS)}, which objective.pattern can read`];
}

/** `Epoch done val_acc` may be named `val_acc`, too. */
const endings = (words: string): string[] => words.split(' ').map((_, index, all) => all.slice(index).join(' '));
