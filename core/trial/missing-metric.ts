import { show } from '../base/text.ts';
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
 * beside metrics, and which files hold numbers. Empty: nothing is known.
 */
export function whereItMayBe(
  metric: string,
  reported: Pick<MetricsText, 'passedOver' | 'noNumbers'> | null,
  files: readonly NumberFile[],
): string {
  const hints: string[] = [];
  const { passedOver = null, noNumbers = new Map<string, string>() } = reported ?? {};
  const key = keyFor(metric, noNumbers.keys());
  if (key !== undefined) hints.push(`${key} was ${noNumbers.get(key)}, which is not a number`);
  if (passedOver !== null)
    hints.push(
      `line ${passedOver.line} of METRICS_FILE was passed over, because ${passedOver.why}: ${show(passedOver.text)}`,
    );
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
