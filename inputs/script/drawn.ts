import { escapedForPattern } from '../../core/spec/pattern-text.ts';
import type { Module } from './module.ts';
import { placeIn } from './option.ts';
import { goalFor, isHeldOut, type MetricFound, metricOf, scoreOf, splitIn } from './printed.ts';
import { type Call, callsIn, isString, keywordOf, literalOf, positionalOf, splitAt, type Token } from './python.ts';
import { assigned, targetOf } from './results-file.ts';

/** Metrics in tables that Rich and PrettyTable draw, one line of bars and cells for each row. */
export function drawnMetrics(module: Module): MetricFound[] {
  if (!/\bimport (Table|PrettyTable)\b|\b(rich|prettytable)\b/i.test(module.text)) return [];
  return module.calls.flatMap((call): MetricFound[] => {
    const table = /^(.+)\.add_row$/.exec(call.callee)?.[1];
    if (table === undefined) return [];
    const other = module.calls.find(({ callee }) => callee.endsWith('.add_row') && callee !== call.callee);
    return cellsIn(module, table, call).map(({ metric, pattern }) => ({
      metric,
      source: { kind: 'pattern', pattern },
      place: placeIn(module, call.line),
      ...(pattern.startsWith('^') && other !== undefined ? { alsoAt: placeIn(module, other.line) } : {}),
      score: scoreOf(metric),
    }));
  });
}

const BAR = '[│┃|]';
const CELL = `[^│┃|]*${BAR}`;

/** The cells that a metric is named for: by the first cell of their row, or by their column. */
function cellsIn(module: Module, table: string, call: Call): { metric: string; pattern: string }[] {
  const [first] = positionalOf(call);
  const row = first?.[0]?.text === '[' ? listOf(first) : positionalOf(call);
  const columns = columnsOf(module, table);
  const label = row[0]?.length === 1 && isString(row[0][0]) ? row[0][0].text : null;
  const named = label === null ? null : metricOf(label);
  if (label !== null && named !== null && goalFor(named) !== null) {
    const found = columns.findIndex((name, index) => index > 0 && isHeldOut(name));
    const at = found > 0 ? found : 1;
    const split = splitIn(columns[at] ?? '');
    return [
      {
        metric: split === null ? named : `${split}_${named}`,
        pattern: `${escapedForPattern(label)} *${BAR}${CELL.repeat(at - 1)} *{number}`,
      },
    ];
  }
  return columns.slice(0, row.length).flatMap((name, index) => {
    const metric = metricOf(name);
    return metric === null || goalFor(metric) === null
      ? []
      : [{ metric, pattern: `^ *${BAR}${CELL.repeat(index)} *{number}` }];
  });
}

/** What the table's columns are called, where it is made or a column is added. */
function columnsOf(module: Module, table: string): string[] {
  const added = module.calls
    .filter(({ callee }) => callee === `${table}.add_column`)
    .map((call) => literalOf(positionalOf(call)[0] ?? keywordOf(call, 'header')));
  const made = callsIn(assigned(module, table) ?? []).find(({ callee }) => /(^|\.)(Pretty)?Table$/.test(callee));
  const given = made === undefined ? [] : positionalOf(made).flatMap((value) => literalOf(value) ?? []);
  const fields = module.statements.find(({ tokens }) => targetOf(tokens) === `${table}.field_names`)?.tokens ?? [];
  const named = literalOf(fields.slice(fields.findIndex(({ text }) => text === '=') + 1));
  return [...given, ...(Array.isArray(named) ? named : []), ...added].map((name) =>
    typeof name === 'string' ? name : '',
  );
}

const listOf = (tokens: readonly Token[]): (readonly Token[])[] => splitAt(tokens.slice(1, -1));
