import { describe, expect, test } from 'vitest';
import { REPORT_CURVES, reportData, trialsWithCurves } from '../../../core/report/data.ts';
import { isWholePage, jsonForHtml, renderReport } from '../../../core/report/render.ts';
import { reportRuns } from '../../../core/report/runs.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import type { Leaderboard, RankedTrial } from '../../../core/sweep/leaderboard.ts';
import type { RunMetadata } from '../../../core/sweep/run-metadata.ts';
import { type CollectedTrial, collect } from '../../../core/trial/collected.ts';
import type { TrialRecord } from '../../../core/trial/record.ts';
import type { TrialResult } from '../../../core/trial/result.ts';

const HOSTILE = '</script><script>alert(1)</script>';
const spec = resolveSpec({ search: { space: { rate: [0.1, 0.2], kind: [HOSTILE, 'b'] } } });
const trial: RankedTrial = {
  rank: 1,
  trial: 0,
  id: '0000000000000000',
  parameters: { kind: HOSTILE, rate: 0.1 },
  value: 0.5,
  epoch: 1,
  epochs: 10,
  status: 'succeeded',
};
const board = (more: Partial<Leaderboard>): Leaderboard => ({
  sweepId: 's-1',
  objective: { metric: 'val_accuracy', goal: 'maximize' },
  counts: { planned: 1, succeeded: 1, failed: 0 },
  trials: [trial],
  ...more,
});
const metadata: RunMetadata = {
  sweepId: 's-1',
  execution: 'e',
  status: 'succeeded',
  trials: { planned: 1, trained: 1, reused: 0, failed: 0 },
  failures: [],
  byTrial: [],
};
const best = {
  sweepId: 's-1',
  trial: 0,
  trialId: trial.id,
  parameters: { ...trial.parameters },
  metric: 'val_accuracy',
  value: 0.5,
  epoch: 1,
  epochs: 10,
  model: null,
};
const writtenAt = '2026-01-01T00:00:00.000Z';
const dataOf = (leaderboard: Partial<Leaderboard> = {}, more: Partial<RunMetadata> = {}) =>
  reportData({
    spec,
    leaderboard: board(leaderboard),
    metadata: { ...metadata, ...more },
    best,
    runs: [],
    curves: [],
    writtenAt,
  });
const PAGE =
  '<title>{{title}}</title><noscript>{{summary}}</noscript><script id="data">{{data}}</script><script>1</script>';

test('values of a person never end the element they stand in, and come back as they were', () => {
  const page = renderReport(PAGE, dataOf());
  expect(page.match(/<script/g)).toHaveLength(2);
  expect(page).toContain('&#60;script&#62;');
  const [, json] = /<script id="data">(.*?)<\/script>/.exec(page)!;
  expect(JSON.parse(json!).parameters[0].choices).toEqual([HOSTILE, 'b']);
});

test('JSON in a page has no line separators and keeps lone surrogates and replacement patterns', () => {
  const value = { text: "\u2028\u2029<!-- $& $' \ud800 & >" };
  const json = jsonForHtml(value);
  expect(json).not.toMatch(/[<>&\u2028\u2029]/);
  expect(JSON.parse(json)).toEqual(value);
  expect(renderReport('{{title}}{{summary}}{{data}}', { ...dataOf(), sweepId: "$&$'" })).toContain(
    '$&#38;$&#39; - Sweepstack',
  );
});

test('a page is whole as it was written, and not when it was cut or changed; one without a checksum needs its end', () => {
  const page = renderReport(`${PAGE}</html>\n`, dataOf());
  expect(isWholePage(page)).toBe(true);
  expect(isWholePage(page.replace('<script', '<scripT'))).toBe(false);
  expect(isWholePage(page.slice(0, -10))).toBe(false);
  expect(isWholePage('<html></html>\n')).toBe(true);
  expect(isWholePage('')).toBe(false);
});

test('a page that lacks a place is refused', () => {
  expect(() => renderReport('{{title}}{{summary}}', dataOf())).toThrow('npm run build');
});

test('trials travel as columns, values of lists as their places', () => {
  const confirmed = { mean: 0.48, spread: 0.0123, seeds: [1, 2, 3].map((seed) => ({ seed, value: 0.48 })) };
  const data = dataOf(
    { importance: { rate: 0.9, kind: 0.1 }, trials: [{ ...trial, stopped: 'median', confirmed }] },
    { stopped: 'search.stop.value: 0.5 is as good as 0.4' },
  );
  expect(data.parameters.map(({ name, values }) => [name, values])).toEqual([
    ['kind', [0]],
    ['rate', [0]],
  ]);
  expect(data.trials).toMatchObject({ value: [0.5], confirmed: { 0: confirmed }, stopped: { 0: 'median' } });
  expect(data.importance).toEqual([
    ['rate', 0.9],
    ['kind', 0.1],
  ]);
  expect(data.stopped).toContain('search.stop.value');
});

test('how busy trials kept their GPUs travels in words, and what that left unused as a hint', () => {
  const gpu = { devices: 1, samples: 6, busy: { mean: 23, peak: 60 }, memory: { peak: 3.1e9, total: 24e9 } };
  const data = dataOf(
    { trials: [{ ...trial, trial: 3 }] },
    { byTrial: [{ trial: 3, usage: { gpu } }] as unknown as RunMetadata['byTrial'] },
  );
  expect(data.trials.usage).toEqual({ 0: 'GPU 23 % busy, 3.1 of 24 GB' });
  expect(data.hints).toEqual([
    'GPU 23 % busy, 3.1 of 24 GB: four such trials fit on it at once; set compute.trialsPerGpu: 4',
  ]);
});

test('the costs of facts.json travel, and of sweeps without a price nothing', () => {
  const amounts = { dollars: 3.5, toBest: 2, by: { succeeded: 3, stopped: 0, failed: 0, interrupted: 0.14 } };
  const costs = { ...amounts, unpriced: 1, lately: { paid: 1, interrupted: 0 } } as RunMetadata['costs'];
  const secondsByPhase = { waiting: 9, pulling: null, fetching: 1, training: 80, uploading: 2, interrupted: 0 };
  const byTrial = [{ trial: 0, dollars: 1.234567, secondsByPhase }] as unknown as RunMetadata['byTrial'];
  const data = dataOf({}, { costs, byTrial });
  expect(data.trials.phases).toEqual({ 0: secondsByPhase });
  expect(data.costs).toEqual({ dollars: 3.5, toBest: 2, interrupted: 0.14, unpriced: 1 });
  expect(data.trials.dollars).toEqual([1.235]);
  const without = dataOf({}, { costs: { ...costs!, dollars: null } });
  expect(without.costs).toBeNull();
  expect(without.trials).not.toHaveProperty('dollars');
});

test('a value that the space lost since has no place', () => {
  expect(
    dataOf({ trials: [{ ...trial, parameters: { kind: 'gone' } }] }).parameters.map(({ values }) => values),
  ).toEqual([[null], [null]]);
});

test('of many trials the best keep their curves', () => {
  const trials = Array.from({ length: 5000 }, (_, k) => ({ ...trial, id: String(k) }));
  const wanted = trialsWithCurves(trials);
  expect(wanted.size).toBe(REPORT_CURVES);
  expect(trials.slice(0, 200).every(({ id }) => wanted.has(id))).toBe(true);
});

test('the time line tells slots, interruptions, and attempts of which nothing is known', () => {
  const result = (place: number, more: Partial<TrialResult['facts']>): TrialResult => ({
    sweepId: 's-1',
    trial: place,
    trialId: String(place).padStart(16, '0'),
    epochs: 10,
    status: 'succeeded',
    metric: 'val_accuracy',
    value: 0.5,
    epoch: 1,
    diverged: false,
    failure: null,
    attempt: '1-a',
    modelFiles: 0,
    facts: { startedAt: writtenAt, seconds: 2, host: 'h', attemptNumber: 1, logTail: '', slot: place, ...more },
  });
  const interrupted = [
    {
      epochs: 10,
      attemptNumber: 1,
      startedAt: '2025-12-31T23:59:50.000Z',
      seconds: 4,
      host: 'h',
      slot: 3,
      why: 'a Spot notice',
    },
  ];
  const instance = { type: 'g5.2xlarge', purchase: 'spot', zone: 'us-east-1a' };
  const runs = [result(0, { instance }), result(1, { attemptNumber: 3, interrupted, instance })].map((one) =>
    collect({ trial: one.trial, id: one.trialId, epochs: 10, parameters: {} }, 10, one),
  );
  expect(reportRuns(runs)).toMatchObject({
    began: '2025-12-31T23:59:50.000Z',
    lanes: ['slot 0', 'slot 1', 'slot 3'],
    machines: 1,
    slots: 3,
    total: 3,
    trial: [1, 0, 1],
    lane: [2, 0, 1],
    start: [0, 10, 10],
    seconds: [4, 2, 2],
    status: [2, 0, 0],
    why: { 0: 'a Spot notice' },
    untold: 1,
    instances: ['2 Spot g5.2xlarge us-east-1a'],
  });
});

test('what nobody began is no training: it has no bar, no machine and no slot', () => {
  const ofClass = (failureClass: 'not-run' | 'skipped' | 'exit-status', attempt: string) =>
    collect({ trial: 0, id: '0', epochs: 1, parameters: {} }, 1, {
      ...{ sweepId: 's-1', trial: 0, trialId: '0', epochs: 1, status: 'failed', metric: 'm', value: null, epoch: null },
      ...{ diverged: false, failure: { class: failureClass, reason: 'r' }, attempt, modelFiles: 0 },
      facts: { startedAt: writtenAt, seconds: 0, host: 'h', attemptNumber: 1, logTail: '' },
    });
  for (const unbegun of [ofClass('not-run', 'none'), ofClass('skipped', 'none')])
    expect(reportRuns([unbegun])).toMatchObject({ trial: [], machines: 0, slots: 0, total: 0 });
  expect(reportRuns([ofClass('exit-status', '1-a')])).toMatchObject({ trial: [0], machines: 1, slots: 0, total: 1 });
});

describe('budgets', () => {
  const trained = (place: number, epochs: number, value: number | null, more: object = {}) => ({
    record: { ...trial, trial: place, id: String(place), epochs, value, ...more } as unknown as TrialRecord,
    facts: { startedAt: null } as unknown as CollectedTrial['facts'],
  });
  const trials = [1, 0, 2].map((place) => ({ ...trial, trial: place, id: String(place) }));
  const budgetsOf = (runs: CollectedTrial[]) =>
    reportData({ spec, leaderboard: board({ trials }), metadata, best, runs, curves: [], writtenAt }).budgets;

  test('tell what each trial reached at each of them, the largest first; failures and confirming runs are no values', () =>
    expect(
      budgetsOf([
        ...[trained(0, 1, 0.1), trained(1, 1, 0.2), trained(2, 1, null)],
        ...[trained(1, 3, 0.4), trained(7, 3, 0.5, { confirms: 1 })],
      ]),
    ).toEqual([
      { epochs: 3, of: [0], values: [0.4] },
      { epochs: 1, of: [1, 0], values: [0.1, 0.2] },
    ]));

  test('are left out where there is only one', () => expect(budgetsOf([trained(0, 1, 0.1)])).toEqual([]));
});

test('what a trial left is told of whichever trial left it, best or not', () => {
  const notesOf = (notes: string[]) =>
    dataOf(
      { trials: [trial, { ...trial, trial: 3, rank: 2 }] },
      { byTrial: [{ trial: 3, notes }] as unknown as RunMetadata['byTrial'] },
    ).trials.notes;
  expect(notesOf(['a'])).toEqual({ 1: ['a'] });
  expect(notesOf(['a', 'b', 'c', 'd', 'e'])).toEqual({ 1: ['a', 'b', 'c', 'and 2 more, which its log names'] });
});
