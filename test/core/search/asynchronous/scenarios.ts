import { type AsynchronousSweep, asynchronousSweep } from '../../../../core/search/asynchronous/sweep.ts';
import { resolveSpec } from '../../../../core/spec/resolve.ts';
import type { SpecInput } from '../../../../core/spec/spec.ts';
import { trialIdentifier } from '../../../../core/trial/identity.ts';
import { chance } from './clock.ts';
import type { Trouble } from './cloud.ts';
import type { Scenario } from './simulation.ts';

export const CALM: Trouble = {
  killedAtCall: 0,
  killedInTraining: 0,
  outlives: 0,
  lostAnswer: 0,
  twinArray: 0,
  outage: null,
};

export function sweepOf(spec: SpecInput): AsynchronousSweep {
  const resolved = resolveSpec(spec);
  const trialId = trialIdentifier({
    data: null,
    source: null,
    command: null,
    environment: {},
    seed: 0,
    floats: {},
    image: null,
  });
  return asynchronousSweep({ sweepId: 'sim', spec: resolved, first: [], warm: [], trialId });
}

/** 30 points: so few that proposals meet, and that some searches try every one. */
const SMALL = { a: [1, 2, 3, 4, 5], b: { min: 0, max: 1, step: 0.5 }, c: ['p', 'q'] };

export function asha(trials: number, more: object = {}): AsynchronousSweep {
  return sweepOf({
    search: { strategy: 'halving', trials, space: { x: { min: 0, max: 1 } }, halving: { reduction: 3, ...more } },
    training: { epochs: 27 },
    compute: { attempts: 3 },
    tolerance: { failedTrials: '100%' },
  });
}

export function bayesian(trials: number, more: object = {}): AsynchronousSweep {
  return sweepOf({
    search: { strategy: 'bayesian', trials, space: SMALL, ...more },
    compute: { attempts: 3 },
    tolerance: { failedTrials: '100%' },
  });
}

/** A number in [0, 1) that the parameters decide. */
export const objectiveOf: Scenario['value'] = (parameters, epochs) => {
  const { x, a = 0, b = 0 } = parameters as Record<string, number | undefined>;
  return x === undefined ? (a + 4 * b) / 10 : 1 - (x - 0.3) ** 2 - 0.1 / epochs;
};

const CHILDREN = [1, 2, 3, 5, 8, 16, 32];

/** What a seed makes of a sweep: how many children, and all that goes wrong. */
export function scenario(seed: number): Scenario {
  const random = chance(seed ^ 0x5eed);
  const pick = <T>(among: readonly T[]): T => among[Math.floor(random() * among.length)]!;
  const perhaps = (share: number) => random() < share;
  const children = seed % 200 === 199 ? 256 : pick(CHILDREN);
  const trials = children === 256 ? 300 : 8 + Math.floor(random() * 40);
  const isHalving = children === 256 || perhaps(0.6);
  const sweep = isHalving ? asha(trials, { brackets: pick([1, 1, 2, 3]) }) : bayesian(trials);
  const mean = pick([60, 600]);
  // About how long the sweep takes.
  const length = ((trials * mean * 1.5) / children) * (0.2 + random()) + 200;
  const asked = [];
  if (perhaps(0.25)) asked.push({ at: length * random(), control: { paused: true, skipped: [] } });
  if (perhaps(0.2))
    asked.push({ at: length * random(), control: { paused: false, skipped: [1, 4], maxParallel: pick([1, 2]) } });
  return {
    sweep,
    seed,
    children,
    unit: { mean, spread: pick([0.3, 1]) },
    value: perhaps(0.3)
      ? (parameters, epochs, number) => (number % 5 === 2 ? null : objectiveOf(parameters, epochs, number))
      : objectiveOf,
    poison: new Set(perhaps(0.3) ? [2, 3] : []),
    trouble: {
      killedAtCall: pick([0, 0.002, 0.02]),
      killedInTraining: pick([0, 0.1, 0.3]),
      outlives: pick([0, 0.5]),
      lostAnswer: pick([0, 0.05]),
      twinArray: pick([0, 0.3]),
      outage: perhaps(0.2) ? { from: length * random(), seconds: 3600 } : null,
    },
    asked,
    stopped: perhaps(0.3) ? [length * random()] : [],
    lanes: pick([1, 1, 2, 4]),
  };
}
