import { escapedForPattern, wandbSummaryPattern } from '../../core/spec/pattern-text.ts';
import { boostingMetrics } from './boosting.ts';
import { drawnMetrics } from './drawn.ts';
import type { Module } from './module.ts';
import { placeIn } from './option.ts';
import { goalFor, keysComputed, type MetricFound, printedMetrics, scoreOf } from './printed.ts';
import { callsIn, dictEntries, dictOf, keywordOf, literalOf, positionalOf, type Token } from './python.ts';
import { assigned, fileIn } from './results-file.ts';
import { columnsWritten } from './tables.ts';

/** The metrics that a program reports, the likeliest to be its objective first. */
export function metricsOf(modules: readonly Module[], kind: string): MetricFound[] {
  const printed = printedMetrics(modules).map(
    ({ pattern, ...found }): MetricFound => ({ ...found, source: { kind: 'pattern', pattern } }),
  );
  const logged = modules.flatMap((module) => loggedIn(module, kind));
  // What is held out is better than what is not, wherever it stands; else the easier to read.
  return [...logged, ...printed].sort((a, b) => b.score - a.score);
}

function loggedIn(module: Module, kind: string): MetricFound[] {
  const found: MetricFound[] = [];
  const add = (metric: string, source: MetricFound['source'], line: number, bonus = 0) => {
    if (goalFor(metric) !== null)
      found.push({ metric, source, place: placeIn(module, line), score: scoreOf(metric) + bonus });
  };
  if (kind === 'HfArgumentParser') addTrainer(module, add);
  for (const [index, { tokens }] of module.statements.entries())
    for (const call of callsIn(tokens)) {
      const source = sourceOf(module, call.callee, index);
      if (source === null) continue;
      const [first] = positionalOf(call);
      const name = literalOf(first ?? keywordOf(call, 'name'));
      if (typeof name === 'string' && !/dumps?$|write_text$/.test(call.callee))
        add(name, source.source, call.line, source.bonus);
      for (const entry of entriesOf(module, first)) add(entry.key, source.source, entry.line, source.bonus);
    }
  // Python writes a file in blocks, so what is printed as well is heard earlier.
  for (const { name, file, line } of columnsWritten(module)) add(name, { kind: 'file', file }, line, -0.5);
  return found;
}

type Add = (metric: string, source: MetricFound['source'], line: number, bonus?: number) => void;

const LIGHTNING: MetricFound['source'] = { kind: 'file', file: 'lightning_logs/**/metrics.csv' };
const EVENTS: MetricFound['source'] = { kind: 'file', file: '**/events.out.tfevents.*' };

/** Which calls report metrics, and where what they report can be read. */
function sourceOf(
  module: Module,
  callee: string,
  index: number,
): { source: MetricFound['source']; bonus: number } | null {
  if (/^self\.log(_dict)?$/.test(callee)) return { source: LIGHTNING, bonus: 1 };
  if (/(^|\.)add_scalars?$/.test(callee)) return { source: EVENTS, bonus: -1 };
  if (/(^|\.)json\.dumps?$|^dumps?$/.test(callee)) {
    if (/METRICS_FILE/.test(module.text)) return { source: { kind: 'lines' }, bonus: 20 };
    const file = fileNear(module, index);
    // What it uploads there counts as what is written to METRICS_FILE.
    if (file?.endsWith('metrics.json') && module.text.includes('S3_OUTPUT_PATH'))
      return { source: { kind: 'lines' }, bonus: 20 };
    return file === null ? null : { source: { kind: 'file', file }, bonus: 0 };
  }
  return null;
}

/** The name of a results file in a statement, or in the two before it: `with open("results.json", "w") as file:`. */
function fileNear({ statements }: Module, index: number): string | null {
  for (const { tokens } of statements.slice(Math.max(0, index - 2), index + 1).reverse()) {
    const name = fileIn(tokens, /\.(jsonl?|ndjson)$/);
    if (name !== null) return name;
  }
  return null;
}

/** The keys of a dictionary, those of one inside of it with `/`; of a name what was assigned to it. */
function entriesOf(module: Module, tokens: readonly Token[] | undefined): { key: string; line: number }[] {
  const named = tokens?.length === 1 && tokens[0]!.kind === 'name' ? assigned(module, tokens[0]!.text) : tokens;
  return (dictOf(named) ?? []).flatMap(({ key, value, line }) => {
    const inner = value[0]?.text === '{' ? dictEntries(value.slice(1, -1)) : [];
    return inner.length === 0
      ? [{ key, line }]
      : inner.map((entry) => ({ key: `${key}/${entry.key}`, line: entry.line }));
  });
}

/** transformers' Trainer writes what it evaluates to trainer_state.json, with `eval_` before each key of compute_metrics. */
function addTrainer(module: Module, add: Add): void {
  const source: MetricFound['source'] = { kind: 'file', file: '**/trainer_state.json' };
  for (const { tokens, line } of module.statements) {
    const call = callsIn(tokens).find(({ callee }) => /Trainer$/.test(callee));
    if (call !== undefined) add('eval_loss', source, line, 10);
    if (tokens[0]?.text === 'return')
      for (const { key, line: at } of dictOf(tokens.slice(1)) ?? []) add(`eval_${key}`, source, at, 10);
  }
}

/** Its log, which it prints as well: `{'eval_loss': 0.3, 'eval_accuracy': 0.9}`; newer ones put numbers in quotes. */
function printedByTrainer(module: Module): MetricFound[] {
  const found: MetricFound[] = [];
  if (!/\btransformers\b/.test(module.text)) return found;
  const add = (metric: string, line: number) => {
    if (goalFor(metric) !== null)
      found.push({
        metric,
        source: { kind: 'pattern', pattern: `'${metric}': '?{number}` },
        place: placeIn(module, line),
        score: scoreOf(metric),
      });
  };
  const call = module.calls.find(({ callee }) => /(^|\.)\w*Trainer$/.test(callee));
  if (call === undefined) return found;
  addTrainer(module, (metric, _, line) => add(metric, line));
  if (keywordOf(call, 'compute_metrics') !== undefined)
    for (const key of keysComputed(module)) add(`eval_${key}`, call.line);
  return found;
}

/** What Ray, MLflow and others are told. The program does not print it yet. */
function reportedElsewhere(module: Module): MetricFound[] {
  return module.calls.flatMap((call) => {
    if (!/^(ray\.)?(train|tune|session|mlflow|air)\.(session\.)?(report|log_metrics?)$/.test(call.callee)) return [];
    const [first] = positionalOf(call);
    const name = literalOf(first ?? keywordOf(call, 'key'));
    const named = call.args.flatMap(({ keyword }) => (keyword === null ? [] : [keyword]));
    const keys = [
      ...(typeof name === 'string' ? [name] : []),
      ...entriesOf(module, first).map(({ key }) => key),
      ...named,
    ];
    return keys
      .filter((key) => goalFor(key) !== null)
      .map((key) => ({
        metric: key,
        source: { kind: 'pattern' as const, pattern: `${escapedForPattern(key)}: {number}` },
        place: placeIn(module, call.line),
        isToPrint: true,
        score: scoreOf(key) - 40,
      }));
  });
}

/** Stable Baselines prints a table after each rollout: `|    ep_rew_mean    | 22.4    |`. */
function agentsMetrics(module: Module): MetricFound[] {
  if (!/\b(stable_baselines3|sb3_contrib)\b/.test(module.text)) return [];
  const call = module.calls.find((each) => Number(literalOf(keywordOf(each, 'verbose')) ?? 0) >= 1);
  if (call === undefined) return [];
  const source: MetricFound['source'] = { kind: 'pattern', pattern: String.raw`ep_rew_mean *\| *{number}` };
  return [{ metric: 'mean_reward', source, place: placeIn(module, call.line), score: 0 }];
}

/** Keras prints what it was compiled with after each epoch; of W&B's keys the end of its output tells. */
export function lastResorts(modules: readonly Module[], kind: string): MetricFound[] {
  return modules.flatMap((module) => [
    ...boostingMetrics(module),
    ...drawnMetrics(module),
    ...agentsMetrics(module),
    ...reportedElsewhere(module),
    ...(kind === 'HfArgumentParser' ? [] : printedByTrainer(module)),
    ...module.calls.flatMap((call): MetricFound[] => {
      if (
        /(^|\.)compile$/.test(call.callee) &&
        /keras/.test(module.text) &&
        /validation_(data|split)/.test(module.text)
      ) {
        const metric = keywordOf(call, 'metrics')?.some(({ text }) => /acc/.test(text)) ? 'val_accuracy' : 'val_loss';
        return [
          {
            metric,
            source: { kind: 'pattern', pattern: `${metric}: {number}` },
            place: placeIn(module, call.line),
            // With verbose=0 it prints nothing.
            score: /\.fit\([^()]*verbose\s*=\s*0/.test(module.text) ? 0 : scoreOf(metric),
          },
        ];
      }
      if (!/^(wandb|run)\.log$/.test(call.callee)) return [];
      return entriesOf(module, positionalOf(call)[0]).flatMap(({ key, line }) =>
        goalFor(key) === null
          ? []
          : [
              {
                metric: key,
                source: { kind: 'pattern', pattern: wandbSummaryPattern(key) },
                place: placeIn(module, line),
                score: scoreOf(key),
              },
            ],
      );
    }),
  ]);
}
