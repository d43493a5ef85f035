// What children that share a search decide, one after the other. Where this record changes, SEARCH_RULES has to go up
// (core/search/asynchronous/rules.ts), or `sweep verify` calls every sweep of the version before wrong.
import { expect, test } from 'vitest';
import { SEARCH_RULES } from '../../core/search/asynchronous/rules.ts';
import type { AsynchronousSweep } from '../../core/search/asynchronous/sweep.ts';
import { asha, bayesian, CALM, objectiveOf } from '../core/search/asynchronous/scenarios.ts';
import { decidedIn, simulate } from '../core/search/asynchronous/simulation.ts';

function decisions(sweep: AsynchronousSweep): string[] {
  const unit = { mean: 60, spread: 1 };
  const { store } = simulate({
    sweep,
    seed: 3,
    children: 4,
    unit,
    value: objectiveOf,
    poison: new Set(),
    trouble: CALM,
  });
  const { claims, points } = decidedIn(store, 'sim');
  const begun = claims.toSorted((a, b) => Number(a.claim.since.slice(3)) - Number(b.claim.since.slice(3)));
  return begun.map(({ number, epochs }) => `${number} to ${epochs}: ${JSON.stringify(points.get(number))}`);
}

test('decisions of an asynchronous search, by the version of its rules', async () => {
  const lines = [`rules ${SEARCH_RULES}`, '', 'bayesian', ...decisions(bayesian(24)), '', 'halving'];
  const text = [...lines, ...decisions(asha(27)), '', 'two brackets', ...decisions(asha(14, { brackets: 2 })), ''];
  await expect(text.join('\n')).toMatchFileSnapshot('./asynchronous.txt');
});
