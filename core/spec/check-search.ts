import { didYouMean } from '../base/text.ts';
import { priorOf } from '../space/choices.ts';
import { completed } from '../space/completion.ts';
import { contains, firstContinuous, type Parameters, type Space } from '../space/space.ts';
import { PARAMETER_NAME } from './patterns.ts';
import type { AddProblem } from './problems.ts';
import { bracketsOf, budgetsOf, defaultRounds, expectedUnits, halvingOf, MAX_UNITS, proposerOf } from './rungs.ts';
import { MAX_TRIALS, type ParsedSpec, type Spec } from './spec.ts';

/** Keys of one strategy under another, and settings that leave nothing to do. */
function checkRounds(given: ParsedSpec['search'], spec: Spec, addProblem: AddProblem): void {
  const { strategy, trials, halving, stop, confirm } = spec.search;
  if (spec.search.asynchronous) checkAsynchronous(given, spec, addProblem);
  if (spec.search.costAware && strategy !== 'bayesian')
    addProblem(
      'search.costAware',
      `received true, but strategy: ${strategy} ignores what trials cost; remove it, or use strategy: bayesian`,
    );
  if (strategy !== 'halving') {
    if (halving !== undefined)
      addProblem(
        'search.halving',
        `applies only to strategy: halving, but the strategy is ${strategy}; remove it, or use strategy: halving`,
      );
  } else {
    const rungs = bracketsOf(spec).flat().length;
    if (given.rounds !== undefined && given.rounds !== rungs)
      addProblem(
        'search.rounds',
        `received ${given.rounds}; halving sets its own rounds, one per rung (${rungs} here); remove it`,
      );
    if (stop !== undefined)
      addProblem(
        'search.stop',
        'cannot be used with strategy: halving, whose rungs already stop the weaker trials; remove it',
      );
    if (halvingOf(spec).minEpochs > spec.training.epochs)
      addProblem(
        'search.halving.minEpochs',
        `received ${halvingOf(spec).minEpochs}; allowed: at most training.epochs (${spec.training.epochs}); lower it`,
      );
    else if (budgetsOf(spec).length === 1)
      addProblem(
        'search.halving',
        `leaves only one rung: training.epochs is ${spec.training.epochs} and minEpochs is ${halvingOf(spec).minEpochs}; raise training.epochs, lower minEpochs, or use strategy: ${halvingOf(spec).proposals}`,
      );
  }
  if (stop !== undefined && stop.value === undefined && stop.minImprovement === undefined)
    addProblem('search.stop', 'has no rule; allowed: value, or minImprovement and rounds; add one, or remove stop');
  if (stop?.rounds !== undefined && stop.minImprovement === undefined)
    addProblem('search.stop.rounds', 'needs search.stop.minImprovement, which is missing; add it');
  if (stop !== undefined && strategy !== 'halving' && spec.search.rounds === 1)
    addProblem(
      'search.stop',
      'is checked between rounds, but there is only one round; raise search.rounds, or remove stop',
    );
  const { warmStart } = spec.search;
  const proposer = proposerOf(spec);
  if (warmStart !== undefined && proposer !== 'bayesian')
    addProblem(
      'search.warmStart',
      `needs a search that learns from results, and ${proposer} does not; remove it, or use strategy: bayesian${strategy === 'halving' ? ' (search.halving.proposals: bayesian)' : ''}`,
    );
  const self = warmStart?.indexOf(spec.sweepId ?? '') ?? -1;
  if (self >= 0) addProblem(`search.warmStart[${self}]`, 'names this sweep itself; name an earlier one');
  const ending = spec.training.stop;
  if (ending !== undefined && ending.patience === undefined && !ending.median)
    addProblem('training.stop', 'has no rule; allowed: patience, or median: true; add one, or remove stop');
  if (ending?.median && strategy !== 'halving' && spec.search.rounds === 1)
    addProblem(
      'training.stop.median',
      'compares trials with earlier rounds, but there is only one round; raise search.rounds, or use patience',
    );
  if (confirm !== undefined && confirm.top > trials)
    addProblem(
      'search.confirm.top',
      `received ${confirm.top}, but the sweep has ${trials} trials; allowed: at most ${trials}; lower it`,
    );
}

function checkAsynchronous(given: ParsedSpec['search'], spec: Spec, addProblem: AddProblem): void {
  const { strategy, trials } = spec.search;
  if (strategy !== 'bayesian' && strategy !== 'halving') {
    addProblem(
      'search.asynchronous',
      `applies to strategy: bayesian and strategy: halving; ${strategy} does not wait for results, so its one round starts the next trial whenever a slot is free; remove it`,
    );
    return;
  }
  if (given.rounds !== undefined && given.rounds !== defaultRounds(spec))
    addProblem(
      'search.rounds',
      `received ${given.rounds}, but an asynchronous search has no rounds; remove search.rounds or search.asynchronous`,
    );
  if (spec.compute.trialsPerJob !== undefined)
    addProblem(
      'compute.trialsPerJob',
      'has no meaning in an asynchronous search, whose jobs take one trial after another until none is left; remove it (compute.trialsPerGpu is how many a job trains at once)',
    );
  const units = expectedUnits(spec);
  if (units > MAX_UNITS)
    addProblem(
      'search.trials',
      `received ${trials}, which makes ${units} trainings; allowed in an asynchronous search: at most ${MAX_UNITS} trainings; ask for fewer trials, or search in rounds`,
    );
}

function checkPriors(spec: Spec, addProblem: AddProblem): void {
  const proposer = proposerOf(spec);
  if (proposer === 'bayesian' || proposer === 'sobol') return;
  for (const [name, parameter] of Object.entries(spec.search.space))
    if (priorOf(parameter) !== undefined)
      addProblem(
        `search.space.${name}.prior`,
        `would change nothing, because ${proposer} ignores beliefs; remove it, or use ${spec.search.strategy === 'halving' ? 'search.halving.proposals' : 'strategy'}: bayesian`,
      );
}

export function checkSearch(
  parsed: Pick<ParsedSpec, 'search'>,
  spec: Spec,
  space: Space,
  addProblem: AddProblem,
): void {
  const { strategy, trials, rounds, initial } = spec.search;
  if (strategy === 'grid') {
    const continuous = firstContinuous(space);
    if (continuous !== null) {
      addProblem(
        `search.space.${continuous}`,
        'is a continuous range, which a grid cannot enumerate; give it a step, list its values, or use strategy: sobol',
      );
    } else if (trials > MAX_TRIALS) {
      addProblem(
        'search.space',
        `the grid has more than 1,000,000 trials; allowed: at most 1,000,000; remove values, or use strategy: sobol with trials`,
      );
    } else if (parsed.search.trials !== undefined && parsed.search.trials !== trials) {
      addProblem(
        'search.trials',
        `received ${parsed.search.trials}, but the grid has ${trials} points; remove trials, or use strategy: random`,
      );
    }
  }
  checkRounds(parsed.search, spec, addProblem);
  checkPriors(spec, addProblem);
  if (rounds > trials && strategy !== 'halving')
    addProblem(
      'search.rounds',
      `received ${rounds} rounds for ${trials} trials; allowed: at most one round per trial; lower it`,
    );
  initial.forEach((point, index) => {
    for (const name of Object.keys(point)) {
      if (PARAMETER_NAME.test(name) && Object.hasOwn(spec.search.space, name)) continue;
      addProblem(
        `search.initial[${index}].${name}`,
        `there is no parameter named ${name}; allowed: ${Object.keys(spec.search.space).join(', ')}${didYouMean(name, Object.keys(spec.search.space))}`,
      );
      return;
    }
    const legal = contains(space, point);
    if (!legal.ok) addProblem(`search.initial[${index}]`, legal.reason);
    else checkKept(space, spec.search.seed, point, index, addProblem);
  });
}

function checkKept(space: Space, seed: number, point: Parameters, index: number, addProblem: AddProblem): void {
  const field = `search.initial[${index}]`;
  const broken = space.constraints.find(({ holds }) => !holds(point));
  if (broken !== undefined)
    addProblem(field, `breaks the constraint ${broken.text}; change a value, or the constraint`);
  else if (space.constraints.length > 0 && completed(space, seed, index, point) === null)
    addProblem(
      field,
      'leaves out parameters, and no values for them were found that meet search.constraints; set them too',
    );
}
