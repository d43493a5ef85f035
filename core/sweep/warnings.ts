import { number } from '../base/text.ts';
import { interruptionWarning } from '../money/lately.ts';
import { ARGS_FORMS } from '../spec/args.ts';
import { placeholdersIn } from '../spec/placeholders.ts';
import type { Spec } from '../spec/spec.ts';
import { variableOf } from '../spec/variables.ts';
import type { TrialMetadata } from '../trial/collected.ts';
import type { EpochWarning } from '../trial/epoch-warnings.ts';
import type { RankedTrial } from './leaderboard.ts';
import type { RunMetadata } from './run-metadata.ts';

/** This many different trials with the same value are not a coincidence. */
const ALIKE = 3;

/** The parts of a sweep's run metadata that warnings use. */
interface Warned extends Pick<RunMetadata, 'costs'> {
  readonly byTrial: readonly Pick<TrialMetadata, 'trial' | 'warnings'>[];
}

/** Warnings to read before trusting a sweep's numbers, one sentence of each kind. */
export function sweepWarnings(
  spec: Spec,
  trials: readonly Pick<RankedTrial, 'value'>[],
  { byTrial, costs }: Warned,
): string[] {
  const kinds = new Map<EpochWarning['about'], { readonly first: string; others: number }>();
  for (const { trial, warnings } of byTrial)
    for (const { about, text } of warnings ?? []) {
      const kind = kinds.get(about);
      if (kind === undefined) kinds.set(about, { first: `trial ${trial}: ${text}`, others: 0 });
      else kind.others += 1;
    }
  const told = [...kinds.values()].map(({ first, others }) =>
    others === 0 ? first : `${first} (and ${others} other trials)`,
  );
  const lost = costs === undefined ? null : interruptionWarning(costs.lately, spec.compute.profile);
  return [...told, ...[unmovedBy(spec, trials), lost].filter((each) => each !== null)];
}

/** Values at which accuracies, losses and the like get stuck. */
const SATURATED: ReadonlySet<number> = new Set([0, 1, 100]);

/**
 * Trials whose parameters differ and whose values do not: the program may never look at them. A hint only, as a metric can
 * be saturated, which is likelier than a program that ignores its own arguments. Not of the built-in trainer.
 */
function unmovedBy(spec: Spec, trials: readonly Pick<RankedTrial, 'value'>[]): string | null {
  const { command, files, environment } = spec.training;
  const names = Object.keys(spec.search.space);
  const placed = new Set(placeholdersIn(JSON.stringify([command, files, environment])));
  const arePlaced = ARGS_FORMS.some((form) => placed.has(form)) || names.every((name) => placed.has(name));
  if (command === undefined) return null;
  const values = trials.flatMap(({ value }) => (value === null ? [] : [value]));
  const [shared] = values;
  if (shared === undefined || values.length < ALIKE || values.some((value) => value !== shared)) return null;
  const found = `all ${values.length} trials gave ${number(shared)}, though their parameters differ`;
  if (arePlaced)
    return SATURATED.has(shared)
      ? null
      : `${found}; the program may ignore its arguments, which sweep try --twice checks`;
  const unplaced = names.filter((name) => !placed.has(name));
  const variables = unplaced.slice(0, 3).map(variableOf).join(', ');
  return `${found}; the program may not read them: they are in the variables ${variables}${unplaced.length > 3 ? ', ...' : ''}, and {args} in training.command passes them as arguments`;
}
