import { describe, expect, test } from 'vitest';
import type { FailureClass } from '../../../core/trial/failure.ts';
import {
  begun,
  ended,
  fitOf,
  type LaneEnd,
  type Lanes,
  lanesAtStart,
  MAX_LANES,
  mayBegin,
  mayBeNeighbours,
  mayBeSharing,
  mayShare,
  runningOf,
} from '../../../core/trial/lanes.ts';

const failure = (name: FailureClass) => ({ class: name, reason: 'why' });

describe('what fails beside others is provisional', () => {
  test.each(['gpu-out-of-memory', 'out-of-memory', 'signal', 'timeout'] as const)('if it is %s', (name) =>
    expect(mayBeNeighbours(failure(name), '')).toBe(true),
  );

  test.each([
    'RuntimeError: CUDA error: an illegal memory access was encountered',
    'RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`',
    'cuDNN error: CUDNN_STATUS_INTERNAL_ERROR',
    'jaxlib.xla_extension.XlaRuntimeError: INTERNAL: CUDA_ERROR_LAUNCH_FAILED',
  ])('if it says %s', (tail) => expect(mayBeNeighbours(failure('exit-status'), tail)).toBe(true));

  test('and nothing else is: its program, data or setting are to blame wherever it runs', () => {
    expect(mayBeNeighbours(failure('exit-status'), "KeyError: 'lr'\nerror: CUDA is not mentioned")).toBe(false);
    for (const name of ['non-finite', 'no-metric', 'setup', 'disk-full', 'bad-setting', 'data-missing'] as const)
      expect(mayBeNeighbours(failure(name), 'CUDA error')).toBe(false);
  });
});

describe('of trials that share a GPU by MPS', () => {
  test.each(['exit-status', 'too-few-gpus', 'signal', 'gpu-out-of-memory'] as const)(
    'the first that fails with %s is no sign of the trial',
    (name) => expect(mayBeSharing(false, failure(name), '')).toBe(true),
  );

  test('only what neighbours may have done is provisional once one has succeeded', () => {
    expect(mayBeSharing(true, failure('exit-status'), "KeyError: 'lr'")).toBe(false);
    expect(mayBeSharing(true, failure('exit-status'), 'CUDA error: unspecified launch failure')).toBe(true);
    expect(mayBeSharing(true, failure('signal'), '')).toBe(true);
  });

  test('what says nothing of the GPU counts from the start', () => {
    for (const name of ['non-finite', 'no-metric', 'skipped', 'data-missing'] as const)
      expect(mayBeSharing(false, failure(name), '')).toBe(false);
  });

  test('what runs alone shares nothing: it shows how it ends without MPS', () => {
    expect(mayShare(lanesAtStart(4), 'next')).toBe(true);
    expect(mayShare(lanesAtStart(4), 'crowded')).toBe(false);
    expect(mayShare(lanesAtStart('auto'), 'next')).toBe(false);
    expect(mayShare(lanesAtStart(1), 'next')).toBe(false);
  });
});

/** Lanes after events: `n` begins the next unit, `c` a crowded one, the others are ends. */
function after(start: Lanes, ...events: ('n' | 'c' | LaneEnd['status'])[]): Lanes {
  return events.reduce((lanes, event) => {
    if (event === 'n') return begun(lanes, 'next');
    return event === 'c' ? begun(lanes, 'crowded') : ended(lanes, { status: event, fit: null });
  }, start);
}
const four = lanesAtStart(4);

test('as many units run as there are lanes, and one that ends makes room for the next', () => {
  expect(mayBegin(after(four, 'n', 'n', 'n'))).toBe('next');
  expect(mayBegin(after(four, 'n', 'n', 'n', 'n'))).toBeNull();
  expect(mayBegin(after(four, 'n', 'n', 'n', 'n', 'failed'))).toBe('next');
});

test('what failed beside others runs alone when the lanes are drained, and nothing begins before or beside it', () => {
  const draining = after(four, 'n', 'n', 'crowded');
  expect(mayBegin(draining)).toBeNull();
  const drained = after(draining, 'succeeded');
  expect(mayBegin(drained)).toBe('crowded');
  expect(mayBegin(after(drained, 'c'))).toBeNull();
  expect(mayBegin(after(drained, 'c', 'succeeded'))).toBe('next');
});

test('lanes become one fewer for all that failed at once, if one of them succeeds alone', () => {
  const two = after(four, 'n', 'n', 'n', 'crowded', 'crowded', 'succeeded');
  expect(after(two, 'c', 'succeeded', 'c', 'succeeded').width).toBe(3);
  expect(after(two, 'c', 'failed', 'c', 'succeeded').width).toBe(3);
  expect(after(two, 'c', 'succeeded', 'c', 'failed').width).toBe(3);
  const again = after(two, 'c', 'succeeded', 'c', 'succeeded', 'n', 'n', 'crowded', 'other', 'c', 'succeeded');
  expect(again.width).toBe(2);
});

test('lanes stay if all fail alone as well', () => {
  expect(after(four, 'n', 'n', 'crowded', 'succeeded', 'c', 'failed').width).toBe(4);
  expect(after(four, 'n', 'n', 'crowded', 'crowded', 'c', 'failed', 'c', 'failed').width).toBe(4);
});

test('auto is one lane until a trial that ran alone tells how many fit', () => {
  const auto = begun(lanesAtStart('auto'), 'next');
  expect(mayBegin(auto)).toBeNull();
  expect(ended(auto, { status: 'succeeded', fit: null })).toMatchObject({ width: 1, isAuto: true });
  const known = ended(auto, { status: 'failed', fit: 5 });
  expect(known).toMatchObject({ width: 5, isAuto: false });
  expect(ended(begun(known, 'next'), { status: 'succeeded', fit: 9 }).width).toBe(5);
  expect(ended(auto, { status: 'succeeded', fit: 99 }).width).toBe(MAX_LANES);
});

test('a trial tells how many such fit by what it took alone, of a GPU or, without one, of cores', () => {
  const cores = { busy: 1, given: 4 };
  expect(fitOf({ usage: { cores } }, false)).toBe(4);
  expect(fitOf({ usage: { cores } }, true)).toBeNull();
  expect(fitOf({ usage: { cores, hostMemory: 10e9 }, peakMemory: { host: 4e9 } }, false)).toBe(2);
  expect(fitOf({ usage: { cores, shared: true } }, false)).toBeNull();
  expect(fitOf({}, false)).toBeNull();
});

test('of what a child has left the first are seen to run, as many as it has lanes', () => {
  expect(runningOf(['b', 'c', 'd'], 2)).toEqual(['b', 'c']);
  expect(runningOf(['b', 'c'], 'auto')).toEqual(['b']);
  expect(runningOf([], 4)).toEqual([]);
});
