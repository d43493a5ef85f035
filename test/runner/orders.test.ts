import { describe, expect, test } from 'vitest';
import type { Control } from '../../core/layout/control.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
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
  return { ...at, objects, order, ordered };
}

describe('a trial that has not begun', () => {
  test('leaves at once and without a result while the sweep is paused', async () => {
    const { order, attempt, events } = await placed(printMetrics(1, 3));
    await order({ paused: true });
    expect(await attempt()).toEqual({ status: 'left', exitCode: 0, result: null });
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
