import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { controlKey } from '../../core/layout/asynchronous.ts';
import type { Control } from '../../core/layout/control.ts';
import { specKey } from '../../core/layout/keys.ts';
import type { Spec } from '../../core/spec/spec.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import type { RunnerEvent } from '../../runner/run-trial.ts';
import { place, printMetrics, TRIAL } from './support.ts';

/** Reports one epoch, leaves a checkpoint, and runs until it is told to stop; ends at once where the checkpoint is back. */
const WAITING = `if [ -f "$CHECKPOINT_DIR/epoch" ]; then ${printMetrics(3, 3)}; exit 0; fi
  echo 1 > "$CHECKPOINT_DIR/epoch"; ${printMetrics(1)}; trap 'exit 75' TERM; while :; do sleep 0.05; done`;

async function placed(script: string) {
  const at = await place(script);
  const objects = sweepObjects(at.store, 's');
  const order = (orders: Partial<Control>) => objects.control.change((control) => ({ ...control, ...orders }));
  /** An attempt that is ordered something once its program has reported. */
  const ordered = async (orders: Partial<Control>) => {
    let asked: Promise<unknown> = Promise.resolve();
    const outcome = await at.attempt({
      ordersEveryMs: 50,
      onEvent: ({ type }) => {
        if (type === 'metrics') asked = order(orders);
      },
    });
    await asked;
    return outcome;
  };
  /** The sweep goes on under another budget. */
  const budgeted = async (budget: Spec['budget']) => {
    const spec: Spec = { ...(await objects.definition.sharedSpec()), budget };
    await at.store.put(specKey('s'), JSON.stringify(spec));
    return spec;
  };
  return { ...at, objects, order, ordered, budgeted };
}

describe('a trial that has not begun', () => {
  test('leaves at once and without a result while the sweep is paused, or its orders are damaged', async () => {
    const { order, attempt, events, store } = await placed(printMetrics(1, 3));
    await order({ paused: true });
    expect(await attempt()).toEqual({ status: 'left', exitCode: 0, result: null });
    await store.put(controlKey('s'), '{"paused":');
    expect(await attempt()).toEqual({ status: 'left', exitCode: 0, result: null });
    await store.delete([controlKey('s')]);
    expect(events).toEqual([]);
    await order({ paused: false });
    expect(await attempt()).toMatchObject({ status: 'succeeded' });
  });

  test('and was skipped leaves a result that says so, and dooms no other', async () => {
    const { order, attempt, objects } = await placed(printMetrics(1, 3));
    await order({ skipped: [TRIAL.trial] });
    expect((await attempt()).result).toMatchObject({ status: 'failed', failure: { class: 'skipped' }, value: null });
    expect(await objects.failures.ofRound(0)).toEqual([]);
  });
});

describe('a trial that runs', () => {
  test('and is skipped ends within seconds, with what it printed and no value', async () => {
    const { ordered, file, objects } = await placed(WAITING);
    const { result } = await ordered({ skipped: [TRIAL.trial] });
    expect(result).toMatchObject({ status: 'failed', failure: { class: 'skipped' }, value: null });
    expect(await file('metrics.jsonl', result!.attempt)).toContain('"score": 1');
    expect(await objects.failures.ofRound(0)).toEqual([]);
  });

  test('takes a checkpoint and leaves when the sweep is paused at once, and goes on from there', async () => {
    const { ordered, order, attempt, objects } = await placed(WAITING);
    expect(await ordered({ paused: true, now: true })).toEqual({ status: 'left', exitCode: 0, result: null });
    const checkpoint = await objects.checkpoints.ofTrial(TRIAL.id).manifest();
    expect(checkpoint).toMatchObject({ metrics: expect.stringContaining('"score": 1') });
    await order({ paused: false });
    expect((await attempt()).result).toMatchObject({
      value: 3,
      facts: { interrupted: [{ why: 'the sweep was paused' }] },
    });
  });
});

describe('a trial under a budget', () => {
  test('leaves at once and without a result when the deadline has passed, and tells that to all others', async () => {
    const { attempt, objects, events, budgeted } = await placed(printMetrics(1, 3));
    const spec = await budgeted({ deadline: '2020-01-01T00:00Z' });
    expect(await attempt()).toEqual({ status: 'left', exitCode: 0, result: null });
    expect(events).toEqual([]);
    expect(await objects.budget.end(spec, '2019-01-01T00:00:00.000Z')).toContain('has passed');
  });

  test('takes a checkpoint and leaves when the hours are up, and goes on from there under more of them', async () => {
    const { attempt, budgeted, objects } = await placed(WAITING);
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const spec = await budgeted({ hours: 1 });
    const later = () => void vi.setSystemTime(Date.now() + 3_600_000);
    const run = { ordersEveryMs: 50, onEvent: ({ type }: RunnerEvent) => void (type === 'metrics' && later()) };
    expect(await attempt(run)).toEqual({ status: 'left', exitCode: 0, result: null });
    expect(await objects.budget.end(spec, '2019-01-01T00:00:00.000Z')).toContain('budget.hours allows 1 h');
    await budgeted({ hours: 9 });
    expect((await attempt()).result).toMatchObject({
      value: 3,
      facts: { interrupted: [{ why: expect.stringContaining('budget.hours') }] },
    });
  });

  test('takes a checkpoint and leaves when the dollars are spent, and goes on from there under more of them', async () => {
    const { attempt, budgeted, objects } = await placed(WAITING);
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const price = { dollars: 1, kind: 'own', asOf: null, region: null } as const;
    const spec = await budgeted({ dollars: 1 });
    await objects.budget.putPrices(spec, { date: '2026-11-28', own: price, types: [] });
    const later = () => void vi.setSystemTime(Date.now() + 3_600_000);
    const run = { ordersEveryMs: 10, onEvent: ({ type }: RunnerEvent) => void (type === 'metrics' && later()) };
    expect(await attempt(run)).toEqual({ status: 'left', exitCode: 0, result: null });
    expect(await objects.budget.end(spec, '2019-01-01T00:00:00.000Z')).toContain('budget.dollars allows $1.00');
    expect(await attempt()).toMatchObject({ status: 'left' });
    const more = await budgeted({ dollars: 9 });
    expect((await attempt()).result).toMatchObject({
      value: 3,
      facts: { interrupted: [{ why: expect.stringContaining('budget.dollars') }] },
    });
    // All of it has ended, so time costs nothing any more.
    const costs = async (at: number) => (await objects.budget.spend(more, new Date(at).toISOString())).dollars!.now;
    expect(await costs(Date.now() + 9e6)).toBe(await costs(Date.now()));
  });
});
