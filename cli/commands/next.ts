import { existsSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import { stringify } from 'yaml';
import { badInput } from '../../core/base/errors.ts';
import { closedEnds, type NextStep, nextEdits, nextSteps, stepText } from '../../core/report/next.ts';
import { trustOf } from '../../core/report/trust.ts';
import { trustLines } from '../../core/report/trust-text.ts';
import { resolveSpec } from '../../core/spec/resolve.ts';
import { proposerOf } from '../../core/spec/rungs.ts';
import { shellQuoted } from '../../core/spec/shell-script.ts';
import type { Spec } from '../../core/spec/spec.ts';
import type { Leaderboard } from '../../core/sweep/leaderboard.ts';
import { limitsMissed } from '../../core/sweep/limits.ts';
import { editSpec } from '../../inputs/edit-spec.ts';
import { parseSpec } from '../../inputs/spec-file.ts';
import { collectedCurves } from '../../objects/collected.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { type FoundSweep, findSweep, type Where } from '../lookup/find.ts';
import { type SpecText, specFileOf } from '../lookup/spec-file.ts';
import { resultsOf } from '../lookup/state.ts';
import type { Output } from '../terminal/output.ts';

export interface NextOptions extends Where {
  /** The spec to start from. */
  readonly spec?: string;
  readonly to?: string;
}

/** Says whether a sweep's winner can be trusted and what to try next, and writes that as a spec. */
export async function next(id: string | undefined, options: NextOptions, output: Output): Promise<void> {
  const sweep = await findSweep(id, options);
  const { spec, leaderboard } = await resultsOf(sweep);
  const { rounds } = sweepObjects(sweep.store, sweep.sweepId);
  const trust = trustOf({ spec, leaderboard, curves: await collectedCurves(rounds, await rounds.all()) });
  if (trust === null) throw badInput('', `${noWinner(spec, leaderboard)}; see sweep status ${sweep.sweepId}`);
  const winner = leaderboard.trials[0]!.parameters;
  const steps = nextSteps(spec, trust, winner);
  const said = trustLines(trust, spec.objective.metric, closedEnds(spec, trust, winner));
  for (const { text } of said) output.note(text);
  const texts = steps.map((step) => stepText(step, spec));
  const file = steps.length === 0 ? null : writeNext(sweep, spec, steps, texts, winner, options);
  output.document({ sweepId: sweep.sweepId, trust, steps, file });
  output.text(
    file === null
      ? `Nothing in the results of ${sweep.sweepId} suggests another sweep of this space.`
      : [...texts, `Wrote ${file}. Next: sweep plan ${shellQuoted(relative('.', file))}`].join('\n'),
  );
}

function noWinner(spec: Spec, { sweepId, trials }: Leaderboard): string {
  return trials[0]?.value == null
    ? `no trial of ${sweepId} has succeeded, so there is nothing to build on`
    : `there is no winner of ${sweepId} to build on: ${limitsMissed(spec, trials)}`;
}

function writeNext(
  sweep: FoundSweep,
  spec: Spec,
  steps: readonly NextStep[],
  texts: readonly string[],
  winner: Readonly<Record<string, unknown>>,
  options: NextOptions,
): string {
  const { sweepId } = sweep;
  const from = specFileOf(sweep, spec, options.spec) ?? storedSpec(sweepId, spec);
  const to = options.to === undefined ? freeName(from.path) : resolve(options.to);
  if (dirname(to) !== dirname(from.path))
    throw badInput(
      '--to',
      `received ${options.to}; allowed: a file in ${dirname(from.path)}, because paths in the spec are relative to it`,
    );
  if (extname(to) !== extname(from.path))
    throw badInput(
      '--to',
      `received ${options.to}; allowed: a name that ends in ${extname(from.path)}, as the spec's does`,
    );
  const learns = proposerOf(spec) === 'bayesian';
  const edits = nextEdits(spec, steps, { sweepId, winner: winner as Spec['search']['initial'][number], learns });
  const text = editSpec(from.path, from.text, edits, [`After ${sweepId}:`, ...texts]);
  // What is written loads, or is not written.
  resolveSpec(parseSpec(to, text));
  try {
    writeFileSync(to, text, { flag: 'wx' });
  } catch (error) {
    throw badInput('--to', `received ${to}: ${(error as Error).message}; allowed: a new file`);
  }
  return to;
}

/** The spec as the store has it: whole where it has no source, which is there as an archive only. */
function storedSpec(sweepId: string, { format: _, sweepId: __, ...spec }: Spec): SpecText {
  if (spec.training.source !== undefined)
    throw badInput(
      '--spec',
      `the spec of ${sweepId} is not in this folder; name it with --spec, because the next spec is written from it`,
    );
  return { path: resolve(`${spec.name}.yaml`), text: stringify(spec) };
}

/** `sweep-next.yaml`, `sweep-next-2.yaml`, ... */
function freeName(spec: string): string {
  const extension = extname(spec);
  const stem = basename(spec, extension).replace(/-next(-\d+)?$/, '');
  for (let number = 1; ; number++) {
    const path = join(dirname(spec), `${stem}-next${number === 1 ? '' : `-${number}`}${extension}`);
    if (!existsSync(path)) return path;
  }
}
