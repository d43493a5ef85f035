import { escapedForPattern } from '../../core/spec/pattern-text.ts';
import type { Module } from './module.ts';
import { placeIn } from './option.ts';
import { goalFor, type MetricFound, scoreOf } from './printed.ts';

/** What XGBoost and LightGBM print of held-out data by themselves, every round or every few. */
export function boostingMetrics(module: Module): MetricFound[] {
  return [...printedByXgboost(module), ...printedByLightgbm(module)];
}

/** `[10]	train-auc:0.91	eval-auc:0.87`; of scikit-learn's interface `validation_0-auc:0.87`. */
function printedByXgboost(module: Module): MetricFound[] {
  const { text } = module;
  const line = lineOf(module, /^xgb(oost)?\.train$|^(xgb(oost)?\.)?XGB\w+$/);
  const measured = /eval_metric["']?\s*[=:]\s*(?:\[[^\]]*)?["']([\w@-]+)["']/.exec(text)?.[1];
  if (line === null || measured === undefined) return [];
  const names = [...text.matchAll(/\(\s*\w+\s*,\s*["']([\w-]+)["']\s*\)/g)].map(([, name]) => name!);
  const heldOut = names.findLast((name) => !/train/i.test(name));
  // Of several sets the last is held out, and by the last of several metrics XGBoost stops early, too.
  const sets = /eval_set\s*=\s*\[([^\]]*)\]/.exec(text)?.[1]?.split('(').length ?? 2;
  const start = heldOut === undefined ? `validation_${Math.max(0, sets - 2)}` : escapedForPattern(heldOut);
  return found(module, line, measured, `${start}-${escapedForPattern(measured)}:{number}`);
}

/** `[10]	training's auc: 0.91	valid_1's auc: 0.87` */
function printedByLightgbm(module: Module): MetricFound[] {
  const { text } = module;
  const line = lineOf(module, /^(lgb|lightgbm)\.train$|^((lgb|lightgbm)\.)?LGBM\w+$/);
  const measured = /(?:["']metric["']\s*:|(?:eval_)?metric\s*=)\s*(?:[[{][^\]}]*)?["'](\w+)["']/.exec(text)?.[1];
  if (line === null || measured === undefined) return [];
  const listed = /valid_names\s*=\s*\[([^\]]*)\]/.exec(text)?.[1] ?? '';
  const heldOut = [...listed.matchAll(/["']([\w-]+)["']/g)]
    .map(([, name]) => name!)
    .findLast((name) => !/train/i.test(name));
  const start = heldOut === undefined ? 'valid_[0-9]+' : escapedForPattern(heldOut);
  // Its names of some metrics differ from those that it is given.
  const printed = ({ mse: 'l2', mean_squared_error: 'l2', mae: 'l1' } as Record<string, string>)[measured] ?? measured;
  return found(module, line, measured, `${start}'s ${escapedForPattern(printed)}: {number}`);
}

function found(module: Module, line: number, measured: string, pattern: string): MetricFound[] {
  const metric = `valid_${measured.replaceAll(/\W/g, '_')}`;
  if (goalFor(metric) === null) return [];
  return [{ metric, source: { kind: 'pattern', pattern }, place: placeIn(module, line), score: scoreOf(metric) }];
}

const lineOf = ({ calls }: Module, callee: RegExp): number | null =>
  calls.find((call) => callee.test(call.callee))?.line ?? null;
