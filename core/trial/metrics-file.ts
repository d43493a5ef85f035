import { lenientNumeral } from '../base/numeral.ts';
import { isEventFile, readEventFile } from './event-file.ts';
import { parseJson, readMetricsText } from './metrics-text.ts';
import type { MetricsRecord } from './numbering.ts';
import { readTable } from './table-text.ts';

/**
 * The metrics in a file that a program or its logger wrote, by its content: TensorBoard's event files, JSON (one document,
 * lines, Hugging Face's trainer_state.json, the lists of Keras and XGBoost) or a table. Empty: no numbers are found in it.
 * @param ended nothing more will be written
 * @throws BadMetrics when a JSON object is too long
 */
export function readMetricsFile(bytes: Uint8Array, ended: boolean): readonly MetricsRecord[] {
  if (isEventFile(bytes)) return readEventFile(bytes);
  const text = new TextDecoder().decode(bytes);
  if (text.includes('\0')) return [];
  if (/^\s*[{[]/.test(text)) return inOrder(readJsonText(text));
  return inOrder(readTable(text, ended) ?? readMetricsText(text).objects);
}

function readJsonText(text: string): readonly MetricsRecord[] {
  const document = text.trim().includes('\n{') ? undefined : parseJson(text);
  if (isMapping(document)) {
    const history = document['log_history'];
    if (Array.isArray(history)) return readMetricsText(JSON.stringify(history)).objects;
    const columns = columnsOf(document);
    if (columns !== null) return withValuesOnce(columns, readMetricsText(text).objects);
  }
  return readMetricsText(text).objects;
}

/** `{"loss": [0.5, 0.4], "valid": {"auc": [0.6, 0.7]}}`: a list of each metric by epoch, as Keras and XGBoost have it. */
function columnsOf(document: Mapping): MetricsRecord[] | null {
  const lists = [...listsIn(document, '')];
  const length = Math.max(0, ...lists.map(([, list]) => list.length));
  if (length === 0) return null;
  return Array.from({ length }, (_, index) => {
    const row = Object.fromEntries(
      lists.flatMap(([name, list]) => (index < list.length ? [[name, numberOf(list[index]) ?? null]] : [])),
    );
    const { epoch = null, ...values } = row;
    return { epoch, values };
  });
}

/** Keys of mappings inside mappings are joined by points, as everywhere. */
function* listsIn(document: Mapping, above: string): Generator<[string, unknown[]]> {
  for (const [key, value] of Object.entries(document)) {
    if (isNumbers(value)) yield [above + key, value];
    else if (isMapping(value)) yield* listsIn(value, `${above}${key}.`);
  }
}

/** What stands beside the lists once, `{"accuracy": 0.9, "f1_by_class": [0.8, 1]}`, is how it ended. */
function withValuesOnce(columns: readonly MetricsRecord[], once: readonly MetricsRecord[]): MetricsRecord[] {
  const values = Object.assign({}, ...once.map((record) => record.values));
  return columns.map((row, index) =>
    index === columns.length - 1 ? { ...row, values: { ...values, ...row.values } } : row,
  );
}

type Mapping = Readonly<Record<string, unknown>>;

const isNumbers = (value: unknown): value is unknown[] =>
  Array.isArray(value) && value.length > 0 && value.every((item) => numberOf(item) !== undefined);

const numberOf = (value: unknown): number | null | undefined =>
  typeof value === 'number' || value === null ? value : typeof value === 'string' ? lenientNumeral(value) : undefined;

const isMapping = (value: unknown): value is Mapping =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** Steps do not number epochs, but they order them where nothing does. */
function inOrder(records: readonly MetricsRecord[]): readonly MetricsRecord[] {
  const stepOf = ({ values }: MetricsRecord) => values['step'] ?? values['global_step'] ?? null;
  if (records.some((record) => record.epoch !== null || stepOf(record) === null)) return records;
  return [...records].sort((a, b) => stepOf(a)! - stepOf(b)!);
}
