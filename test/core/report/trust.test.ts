import { describe, expect, test } from 'vitest';
import { hiddenRegion } from '../../../core/report/hidden-region.ts';
import { isRising, trustOf } from '../../../core/report/trust.ts';
import { trustLines } from '../../../core/report/trust-text.ts';
import type { Confirmation } from '../../../core/search/confirm.ts';
import type { ImportanceBasis } from '../../../core/search/importance.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import type { RankedTrial } from '../../../core/sweep/leaderboard.ts';
import type { Curve } from '../../../core/trial/curve.ts';

const spec = resolveSpec({
  search: {
    strategy: 'random',
    trials: 20,
    space: {
      rate: { min: 0.0001, max: 0.1, scale: 'log' },
      layers: { min: 1, max: 6, type: 'integer' },
      kind: ['a', 'b'],
      width: [16, 32, 64],
    },
  },
});
const middle = { rate: 0.003, layers: 3, kind: 'a', width: 32 };
const board = (values: readonly number[], more: (index: number) => Partial<RankedTrial> = () => ({})): RankedTrial[] =>
  values.map((value, index) => ({
    ...{ rank: index + 1, trial: index, id: String(index), parameters: middle, value, epoch: 1, epochs: 10 },
    status: 'succeeded',
    ...more(index),
  }));
const basis = (more: Partial<ImportanceBasis> = {}): ImportanceBasis => ({
  ...{ epochs: 10, results: 20, explained: 0.9, noise: 0.01, margins: {}, directions: {} },
  ...more,
});
const confirmed = (mean: number, spread: number): Confirmation => ({
  mean,
  spread,
  seeds: [1, 2, 3, 4].map((seed) => ({ seed, value: mean })),
});
const of = (trials: RankedTrial[], importanceBasis?: ImportanceBasis, importance: Record<string, number> = {}) =>
  trustOf({ spec, leaderboard: { trials, importance, importanceBasis }, curves: [] });

describe('the lead over rank 2', () => {
  test('is clear where it is more than the noise of two runs explains', () => {
    expect(of(board([0.9, 0.85]), basis())!.lead).toMatchObject({ from: 'model', noise: 0.01, isClear: true });
    expect(of(board([0.9, 0.88]), basis())!.lead).toMatchObject({ isClear: false });
  });

  test('is over a trial that could have won, and of a winner', () => {
    const beyond = (first: number) => (index: number) => (index < first ? {} : { rank: null, beyond: ['ms'] });
    expect(of(board([0.9, 0.89, 0.95], beyond(2)), basis())!.lead).toMatchObject({ isClear: false });
    expect(of(board([0.9, 0.89], beyond(1)), basis())!.lead).toBeNull();
    expect(of(board([0.9, 0.89], beyond(0)), basis())).toBeNull();
  });

  test('is held against the spread over new seeds where there are any, and needs less of it', () => {
    const trials = board([0.9, 0.88], (index) => ({ confirmed: confirmed(index === 0 ? 0.89 : 0.87, 0.01) }));
    expect(of(trials, basis({ noise: 1 }))!.lead).toMatchObject({
      ...{ by: expect.closeTo(0.02), noise: expect.closeTo(0.01), from: 'seeds', isClear: true },
    });
    expect(
      of(trials.map((trial) => ({ ...trial, confirmed: confirmed(trial.confirmed!.mean, 0.03) })))!.lead,
    ).toMatchObject({
      isClear: false,
    });
  });

  test('is unknown without seeds and model, or where the model is of another budget', () => {
    expect(of(board([0.9, 0.8]))!.lead).toMatchObject({ noise: null, isClear: null });
    expect(of(board([0.9, 0.8]), basis({ epochs: 1 }))!.lead).toMatchObject({ isClear: null });
    expect(of(board([0.9]))!.lead).toBeNull();
    expect(of([])).toBeNull();
    expect(of(board([0.9], () => ({ rank: null })))).toBeNull();
  });

  test('is over trials of the same budget only', () =>
    expect(
      of(
        board([0.9, 0.95], (index) => ({ epochs: index === 0 ? 10 : 3 })),
        basis(),
      )!.lead,
    ).toBeNull());
});

test('trials within the noise of the winner are ties', () => {
  expect(of(board([0.9, 0.88, 0.875, 0.8]), basis())!.ties).toBe(2);
  expect(of(board([0.9, 0.8]))!.ties).toBeNull();
});

describe('a curve', () => {
  const curve = (...values: number[]): Curve => values.map((value, index) => [index + 1, value]);
  test('that gains to its end rises', () => expect(isRising(curve(0.1, 0.3, 0.5, 0.6, 0.65), 'maximize')).toBe(true));
  test('that falls to its end rises, where lower is better', () =>
    expect(isRising(curve(5, 3, 2, 1.5), 'minimize')).toBe(true));
  test('that levelled off does not', () =>
    expect(isRising(curve(0.1, 0.5, 0.7, 0.8, 0.8, 0.8, 0.8, 0.8005), 'maximize')).toBe(false));
  test('that was better before does not', () => expect(isRising(curve(0.1, 0.8, 0.7, 0.75), 'maximize')).toBe(false));
  test('of few points tells nothing', () => expect(isRising(curve(0.1, 0.5), 'maximize')).toBe(false));
});

describe('a winner at the end of a range', () => {
  const edges = (parameters: object) => of(board([0.9], () => ({ parameters: { ...middle, ...parameters } })))!.edges;
  test('says so, in the scale of the range', () =>
    expect(edges({ rate: 0.099 })).toEqual([{ name: 'rate', end: 'highest', value: 0.099 }]));
  test('of whole numbers and of ordered lists too', () =>
    expect(edges({ layers: 1, width: 64 })).toEqual([
      { name: 'layers', end: 'lowest', value: 1 },
      { name: 'width', end: 'highest', value: 64 },
    ]));
  test('in the middle, or of a list without an order, does not', () => expect(edges({ kind: 'b' })).toEqual([]));
  test('of a parameter that hardly matters does not', () =>
    expect(
      of(
        board([0.9], () => ({ parameters: { ...middle, rate: 0.1 } })),
        basis(),
        { rate: 0.001, kind: 0.999 },
      )!.edges,
    ).toEqual([]));
});

describe('failures', () => {
  const trials = (fails: (index: number) => boolean, parameters: (index: number) => object) =>
    Array.from(
      { length: 16 },
      (_, index): RankedTrial => ({
        ...{
          rank: null,
          trial: index,
          id: String(index),
          parameters: { ...middle, ...parameters(index) },
          epoch: 1,
          epochs: 10,
        },
        ...(fails(index)
          ? { status: 'failed', value: null, failureClass: 'gpu-out-of-memory' }
          : { status: 'succeeded', value: 0.5 }),
      }),
    );
  test('hide the value of a list that most of them share', () =>
    expect(
      hiddenRegion(
        spec,
        trials(
          (index) => index % 4 === 0 && index > 0,
          (index) => ({ width: index % 4 === 0 ? 64 : 16 }),
        ),
      ),
    ).toEqual({ name: 'width', where: 'width 64', failed: 3, trials: 4 }));
  test('hide an end of a range', () =>
    expect(
      hiddenRegion(
        spec,
        trials(
          (index) => index >= 12,
          (index) => ({ rate: 0.0001 * (index + 1) }),
        ),
      ),
    ).toEqual({ name: 'rate', where: 'rate of 0.0013 and more', failed: 4, trials: 4 }));
  test('that chance may have put into one part of many hide nothing', () => {
    const half = (block: number) =>
      trials(
        (index) => index % (block < 2 ? 2 : 4) === 0,
        (index) => ({ rate: 0.0001 * (1 + block * 16 + index) }),
      );
    expect(hiddenRegion(spec, [0, 1, 2, 3].flatMap(half))).toBeNull();
  });
  test('spread over the space hide nothing', () =>
    expect(
      hiddenRegion(
        spec,
        trials(
          (index) => index % 3 === 0,
          (index) => ({ rate: 0.0001 * (1 + ((index * 7) % 16)) }),
        ),
      ),
    ).toBeNull());
});

test('what speaks against the winner comes first, in words with numbers', () => {
  const trust = of(
    board([0.9, 0.895], () => ({ parameters: { ...middle, rate: 0.1 } })),
    basis({ explained: 0.2 }),
  )!;
  expect(trustLines(trust, 'val_accuracy')).toEqual([
    {
      verdict: 'doubt',
      text: 'It leads rank 2 by 0.005 in val_accuracy, which may be chance: runs of the same parameters differ, by the model, by about 0.01.',
    },
    { verdict: 'doubt', text: '1 other trial is as good within the noise.' },
    { verdict: 'doubt', text: 'Its rate, 0.1, is at the highest end of the range: better values may lie beyond it.' },
    {
      verdict: 'doubt',
      text: 'The model predicts only 20 % of the variation, so what matters is uncertain.',
    },
  ]);
});
