import { badInput } from '../base/errors.ts';
import type { Parameters } from '../space/space.ts';
import { proposerOf } from '../spec/rungs.ts';
import type { Spec } from '../spec/spec.ts';
import { foreseenRounds } from './forecast.ts';
import { largestPoint } from './largest.ts';
import { newPoints } from './next-round.ts';
import { strategies } from './strategies/index.ts';

/** Which trial to try. */
export interface WantedTrial {
  /** Its number, as `plan` counts, from 0. */
  readonly trial?: number;
  /** The one most likely to run out of memory. */
  readonly largest?: boolean;
}

export interface Picked {
  readonly trial: number;
  readonly parameters: Parameters;
  /** Why it is this one, for people; null when it was named or is simply the first. */
  readonly because: string | null;
}

/** A trial that is known before there are results; without a pick, the first. Null: the space has no points. @throws BadInput */
export function pickTrial(spec: Spec, { trial = 0, largest = false }: WantedTrial): Picked | null {
  const learns = strategies[proposerOf(spec)].learns;
  const known = learns ? (foreseenRounds(spec)[0]?.trials ?? 0) : spec.search.trials;
  const points = newPoints(spec, largest ? known : Math.min(known, trial + 1));
  if (largest) return largestOf(points);
  const parameters = points[trial];
  if (parameters !== undefined) return { trial, parameters, because: null };
  if (trial === 0) return null;
  const later = learns ? '; what later trials are depends on results' : '';
  const count = points.length < known ? points.length : known;
  throw badInput('--trial', `received ${trial}; allowed: ${count === 1 ? '0' : `0 to ${count - 1}`}${later}`);
}

function largestOf(points: readonly Parameters[]): Picked {
  const largest = largestPoint(points);
  if (largest === null) {
    const names = Object.keys(points[0] ?? {}).join(', ');
    throw badInput(
      '--largest',
      `no parameter of ${names} is named as one that takes memory (batch_size, hidden_size, num_layers, image_size, ...); name a trial: --trial N`,
    );
  }
  const { index, names } = largest;
  return {
    trial: index,
    parameters: points[index]!,
    because: `trial ${index} of ${points.length} has the largest ${names.join(' x ')}`,
  };
}
