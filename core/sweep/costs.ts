import { tenths } from '../base/text.ts';
import type { TrialCost } from '../money/account.ts';
import { costsOf, type KnownPrices, type Untold } from '../money/costs.ts';
import type { CollectedTrial, TrialMetadata } from '../trial/collected.ts';
import type { RunMetadata } from './run-metadata.ts';
import type { Standing } from './standing.ts';

/**
 * The metadata with what the sweep and each of its trials have cost.
 * @param collected every training, of all rounds
 */
export function withCosts(
  metadata: RunMetadata,
  collected: readonly CollectedTrial[],
  { ranked }: Pick<Standing, 'ranked'>,
  untold: Untold,
  known: KnownPrices,
): RunMetadata {
  const first = ranked[0]?.record;
  const best = first?.status === 'succeeded' ? first.id : null;
  const { costs, byTrial } = costsOf({ trials: collected, untold, best, known });
  return {
    ...metadata,
    costs,
    byTrial: metadata.byTrial.map((facts) => {
      const cost = byTrial.get(facts.id);
      return cost === undefined ? facts : { ...facts, ...told(cost) };
    }),
  };
}

function told({ dollars, phases, interruptedSeconds }: TrialCost): Pick<TrialMetadata, 'dollars' | 'secondsByPhase'> {
  const { waiting, pulling, fetching, training, uploading } = phases;
  return {
    ...(dollars === null ? {} : { dollars }),
    secondsByPhase: {
      waiting: waiting === null ? null : tenths(waiting),
      pulling: pulling === null ? null : tenths(pulling),
      fetching: tenths(fetching),
      training: tenths(training),
      uploading: tenths(uploading),
      interrupted: tenths(interruptedSeconds),
    },
  };
}
