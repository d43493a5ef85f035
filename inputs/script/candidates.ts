import type { ProgramFolder } from './program.ts';

/** A script that looks as if it trained something, and how much so. */
export interface Candidate {
  readonly script: string;
  readonly score: number;
}

/** The likeliest first. */
export function candidates({ scripts, others }: Pick<ProgramFolder, 'scripts' | 'others'>): Candidate[] {
  const python = [...scripts].map(([script, text]) => ({ script, score: likelihood(script, text) }));
  const found = python.filter(({ score }) => score > 0);
  // Beside a program of Python, a shell script most often starts it.
  const all =
    found.length > 0 ? found : [...others].map(([script, text]) => ({ script, score: ofOther(script, text) }));
  return all.filter(({ score }) => score > 0).sort((a, b) => b.score - a.score || (a.script < b.script ? -1 : 1));
}

/** Tests, and what builds or documents a package. */
const NEVER = /(^|\/)(tests?|docs)\/|(^|\/)(test_[^/]*|conftest|setup|__init__|noxfile|fabfile)\.py$|_test\.py$/;

/** What speaks for a script by its name; the first that fits counts. */
const NAMES: readonly (readonly [RegExp, number])[] = [
  [/^(train|training)\.py$/, 8],
  [/^(eval|evaluate|test|predict|infer|inference|sample|plot|prepare|download|preprocess|export)/, -5],
  [/train|finetune|fine_tune/, 6],
  [/^(main|run|cli|app|__main__)\b|^run_/, 4],
];

const TRAINS =
  /\b(optimizer|backward\(\)|\.fit\(|xgb\.train|lgb\.train|Trainer\(|LightningCLI|epochs?\b|loss\b|accuracy)/;
const TAKES_SETTINGS =
  /add_argument|click\.option|hydra\.main|DEFINE_|fire\.Fire|typer|tyro\.cli|suggest_|tune\.(choice|uniform|loguniform)|\bhp\.(Int|Float|Choice|choice|uniform|loguniform|quniform)|wandb\.init|HfArgumentParser|LightningCLI|configurator\.py/;
const DOES_SOMETHING = /^(if __name__\s*==|for |while |with )|^\w[\w.]*\(.*\)\s*$/m;

const ofOther = (script: string, text: string): number =>
  NEVER.test(script) ? 0 : Math.max(0, ofName(script) + (TRAINS.test(text) ? 4 : 0) - depthOf(script));

const depthOf = (script: string): number => script.split('/').length - 1;

function ofName(script: string): number {
  const name = script.slice(script.lastIndexOf('/') + 1).replace(/\.\w+$/, '.py');
  return NAMES.find(([pattern]) => pattern.test(name))?.[1] ?? 0;
}

function likelihood(script: string, text: string): number {
  if (NEVER.test(script)) return 0;
  const takes = TAKES_SETTINGS.test(text) ? 3 : 0;
  // A module of functions and classes is imported by a script.
  const idle = takes > 0 || DOES_SOMETHING.test(text) ? 0 : 8;
  return Math.max(0, ofName(script) + takes + (TRAINS.test(text) ? 4 : 0) - idle - depthOf(script));
}
