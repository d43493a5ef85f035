import { describe, expect, test } from 'vitest';
import type { Json } from '../../../core/base/json.ts';
import { closedEnds, type Edit, nextEdits, nextSteps, stepText, widened } from '../../../core/report/next.ts';
import type { Trust } from '../../../core/report/trust.ts';
import { trustLines } from '../../../core/report/trust-text.ts';
import type { ParameterSpec } from '../../../core/space/parameter.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import type { SpecInput } from '../../../core/spec/spec.ts';

const calm: Trust = {
  lead: { by: 0.1, noise: 0.01, from: 'seeds', isClear: true },
  ...{ ties: 0, rising: null, edges: [], hidden: null, idle: [], explained: 0.9 },
};
const input = {
  sweepId: 'digits-1',
  search: {
    strategy: 'bayesian',
    trials: 20,
    space: {
      rate: { min: 0.0001, max: 0.03, scale: 'log' },
      dropout: { min: 0, max: 0.5 },
      layers: { min: 1, max: 6, type: 'integer' },
      optimizer: ['adam', 'sgd'],
      momentum: { min: 0.8, max: 0.99, when: { optimizer: 'sgd' } },
      width: [32, 64, 128],
    },
  },
  training: { epochs: 20 },
} satisfies SpecInput;
const spec = resolveSpec(input);
const winner = { rate: 0.03, dropout: 0.2, layers: 3, optimizer: 'adam', width: 128 };
const steps = (trust: Partial<Trust>) => nextSteps(spec, { ...calm, ...trust }, winner);

test('where nothing speaks against the winner there is nothing to do otherwise', () => expect(steps({})).toEqual([]));

test('its numbers stand in one notation', () => {
  expect(stepText({ kind: 'widen', name: 'rate', end: 'lowest', to: 0.00002 }, spec)).toBe(
    'Widen rate below 1e-4, to 2e-5.',
  );
  expect(stepText({ kind: 'fix', name: 'rate', value: 0.0000373567 }, spec)).toContain('at 3.73567e-5:');
});

test.each([
  [{ count: 1, of: 5, winner: false }, 0],
  [{ count: 3, of: 5, winner: false }, 1],
  [{ count: 1, of: 5, winner: true }, 1],
])('longer training is proposed where the winner or most of the best still rise: %j', (rising, proposed) => {
  expect(steps({ rising }).filter(({ kind }) => kind === 'longer')).toHaveLength(proposed);
});

test('each doubt asks for one thing, with its numbers', () => {
  const found = steps({
    lead: { by: 0.001, noise: 0.01, from: 'model', isClear: false },
    ties: 2,
    rising: { count: 3, of: 5, winner: true },
    edges: [{ name: 'rate', end: 'highest', value: 0.03 }],
    idle: ['dropout'],
    explained: 0.2,
  });
  expect(found.map((step) => stepText(step, spec))).toEqual([
    'Widen rate above 0.03, to 0.2.',
    'Drop dropout from the search, and keep it at 0.2: it hardly matters.',
    'Train for 30 epochs rather than 20.',
    'Confirm the best 3 with 3 new seeds each.',
    'Try 40 trials rather than 20.',
  ]);
});

test('a parameter that others are conditioned on stays, and so does one that the winner does not have', () =>
  expect(steps({ idle: ['optimizer', 'momentum'] })).toEqual([]));

describe('constraints', () => {
  const constrained = (constraints: string[], space: SpecInput['search']['space']) =>
    resolveSpec({ search: { strategy: 'bayesian', space, constraints } });
  const kinds = (constraints: string[], trust: Partial<Trust>, best: Record<string, Json>) =>
    nextSteps(
      constrained(constraints, { batch: [1, 2, 4], rate: { min: 1, max: 10 }, kind: ['adam', 'sgd'] }),
      { ...calm, ...trust },
      best,
    ).map((step) => [step.kind, 'name' in step ? step.name : '']);
  const edges: Trust['edges'] = [
    { name: 'batch', end: 'highest', value: 4 },
    { name: 'rate', end: 'lowest', value: 1 },
  ];
  const best = { batch: 4, rate: 1, kind: 'sgd' };

  test('that leave room beyond an end let it be widened', () =>
    expect(kinds(['batch * rate <= 20'], { edges }, best)).toEqual([
      ['widen', 'batch'],
      ['widen', 'rate'],
    ]));
  test('that leave nothing beyond an end keep it', () =>
    expect(kinds(['batch <= 4'], { edges }, best)).toEqual([['widen', 'rate']]));
  test('that leave nothing beyond an end are told as the reason why the winner lies there', () => {
    const space = { batch: [1, 2, 4], rate: { min: 1, max: 10 }, kind: ['adam', 'sgd'] };
    const [open, closed] = [constrained(['batch * rate <= 20'], space), constrained(['batch <= 4'], space)];
    expect([...closedEnds(open, { edges }, best)]).toEqual([]);
    expect([...closedEnds(closed, { edges }, best)]).toEqual(['batch']);
    const lines = trustLines({ ...calm, edges }, 'm', closedEnds(closed, { edges }, best));
    expect(
      lines.filter(({ text }) => text.includes('end of the range')).map(({ verdict, text }) => [verdict, text]),
    ).toEqual([
      ['doubt', 'Its rate, 1, is at the lowest end of the range: better values may lie beyond it.'],
      ['unknown', 'Its batch, 4, is at the highest end of the range, and search.constraints leave nothing beyond it.'],
    ]);
  });
  test('that would not stand in the wider range keep it', () =>
    expect(kinds(['batch / (rate - 0.9) < 1000'], { edges }, best)).toEqual([['widen', 'batch']]));
  test('that name another value of a parameter keep it in the search', () =>
    expect(kinds([`kind == 'adam' or rate <= 5`], { idle: ['kind'] }, best)).toEqual([]));
});

describe('beyond the end', () => {
  const cases: [string, ParameterSpec, 'lowest' | 'highest', number | null][] = [
    ['a log range goes on by a third of its width', spec.search.space['rate']!, 'lowest', 0.00001],
    ['a share stays below 1', { min: 0, max: 0.9, scale: 'linear' }, 'highest', 0.95],
    ['a share is not below 0', { min: 0, max: 0.9, scale: 'linear' }, 'lowest', null],
    ['a range goes on by half its width', { min: 10, max: 30, scale: 'linear' }, 'highest', 40],
    ['whole numbers stay whole', { min: 1, max: 6, type: 'integer', scale: 'linear' }, 'highest', 9],
    ['steps stay steps', { min: 0, max: 8, step: 2, type: 'integer', scale: 'linear' }, 'highest', 12],
    ['long steps stay steps', { min: 1536, max: 2560, step: 256, scale: 'linear' }, 'lowest', 1024],
    ['a step below zero is not taken', { min: 1024, max: 4096, step: 1024, scale: 'linear' }, 'lowest', null],
    ['powers go on as powers', [32, 64, 128], 'highest', 256],
    ['and back', [32, 64, 128], 'lowest', 16],
    ['a list that counts goes on counting', [2, 3, 4], 'highest', 5],
    ['nothing comes before one', [1, 2, 4], 'lowest', null],
    ['words have no next', ['a', 'b'], 'highest', null],
  ];
  test.each(cases)('%s', (_, parameter, end, expected) => expect(widened(parameter, end)).toBe(expected));
});

describe('the next spec', () => {
  const put = (document: Record<string, Json>, { place: [key, ...rest], value }: Edit): Record<string, Json> => {
    const { [key!]: before, ...others } = document;
    if (rest.length > 0)
      return { ...document, [key!]: put((before ?? {}) as Record<string, Json>, { place: rest, value }) };
    return value === undefined ? others : { ...others, [key!]: value };
  };
  const applied = (from: SpecInput, edits: readonly Edit[]) =>
    resolveSpec(edits.reduce(put, structuredClone(from) as unknown as Record<string, Json>));

  test('holds, tries the winner first and learns from the sweep', () => {
    const next = applied(
      input,
      nextEdits(
        spec,
        steps({
          edges: [
            { name: 'rate', end: 'highest', value: 0.03 },
            { name: 'width', end: 'highest', value: 128 },
          ],
          idle: ['dropout', 'layers'],
          rising: { count: 1, of: 1, winner: true },
          lead: { by: 0, noise: null, from: null, isClear: null },
          ties: null,
        }),
        { sweepId: 'digits-1', winner, learns: true },
      ),
    );
    expect(next.sweepId).toBeUndefined();
    expect(next.search).toMatchObject({
      warmStart: ['digits-1'],
      initial: [winner],
      confirm: { top: 3, seeds: 3 },
      space: {
        rate: { min: 0.0001, max: 0.2, scale: 'log' },
        width: [32, 64, 128, 256],
        dropout: { choices: [0.2], type: 'float' },
        layers: { choices: [3], type: 'integer' },
      },
    });
    expect(next.training.epochs).toBe(30);
  });

  test('of a grid has its own size and no first point', () => {
    const grid: SpecInput = { search: { strategy: 'grid', space: { width: [32, 64, 128], kind: ['a', 'b'] } } };
    const resolved = resolveSpec(grid);
    const best = { width: 128, kind: 'a' };
    const found = nextSteps(resolved, { ...calm, edges: [{ name: 'width', end: 'highest', value: 128 }] }, best);
    const next = applied(grid, nextEdits(resolved, found, { sweepId: 'g', winner: best, learns: false }));
    expect(next.search).toMatchObject({ trials: 8, initial: [] });
  });
});
