import { describe, expect, test } from 'vitest';
import { limitOf, parseGpus, probeMachine, usableGpus } from '../../local/machine.ts';
import { planSlots } from '../../local/slots.ts';

const TWO = `GPU 0: NVIDIA H200 (UUID: GPU-aaaa-1)
GPU 1: NVIDIA H200 (UUID: GPU-bbbb-2)
`;
const MIG = `GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-aaaa-1)
  MIG 3g.20gb     Device  0: (UUID: MIG-c-1)
  MIG 3g.20gb     Device  1: (UUID: MIG-d-2)
GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-bbbb-2)
`;

describe('the GPUs of a machine', () => {
  test('are those that nvidia-smi lists, by number', () => {
    expect(usableGpus(TWO, {})).toEqual(['0', '1']);
  });

  test('are none where it lists none', () => {
    expect(usableGpus('', {})).toEqual([]);
    expect(usableGpus('No devices were found\n', {})).toEqual([]);
    expect(usableGpus('', { CUDA_VISIBLE_DEVICES: '0' })).toEqual([]);
  });

  test('are MIG devices in place of the GPU that is cut into them', () => {
    expect(parseGpus(MIG).map(({ name }) => name)).toEqual(['MIG-c-1', 'MIG-d-2', '1']);
  });

  test.each([
    ['1', ['1']],
    ['1,0', ['1', '0']],
    ['GPU-bbbb', ['GPU-bbbb']],
    ['', []],
    ['-1', []],
    ['NoDevFiles', []],
    ['0,7,1', ['0']],
  ])('CUDA_VISIBLE_DEVICES=%s leaves %j', (chosen, left) => {
    expect(usableGpus(TWO, { CUDA_VISIBLE_DEVICES: chosen })).toEqual(left);
  });
});

describe('the cores of a machine', () => {
  test('this machine has at least one', async () => {
    expect((await probeMachine()).cores).toBeGreaterThanOrEqual(1);
  });

  test('inside a Batch job are those of the job', async () => {
    expect((await probeMachine({ SWEEP_VCPUS: '1' })).cores).toBe(1);
  });
});

describe('the limit of open files', () => {
  test.each([
    ['256\n', 256],
    ['unlimited\n', Number.POSITIVE_INFINITY],
    ['', Number.POSITIVE_INFINITY],
  ])('%j is %d', (text, limit) => {
    expect(limitOf(text)).toBe(limit);
  });

  test.each([
    [128, 8],
    [640, 60],
    [639, 59],
    [20, 1],
  ])('of %i leaves %i of 60 slots, and says so where it takes any', (openFiles, slots) => {
    const plan = planSlots({ cores: 4, gpus: [], openFiles }, { gpus: 0, maxParallel: 60 });
    expect(plan.slots).toHaveLength(slots);
    expect(plan.description.includes(`not 60: ulimit -n allows only ${openFiles}`)).toBe(slots < 60);
  });

  test('bounds GPU slots as well', () => {
    const plan = planSlots({ cores: 4, gpus: ['0'], openFiles: 128 }, { gpus: 1, maxParallel: 60 });
    expect(plan.slots).toHaveLength(8);
    expect(plan.description).toMatch(/not 60: ulimit -n allows only 128/);
  });
});

describe('the slots', () => {
  test('without a GPU are one a core, which is said', () => {
    const plan = planSlots({ cores: 2, gpus: [] }, { gpus: 1, maxParallel: undefined });
    expect(plan.slots).toEqual([
      { id: 0, cores: 1, gpus: null },
      { id: 1, cores: 1, gpus: null },
    ]);
    expect(plan).toMatchObject({ requiredGpus: 0, description: '2 CPU slots, 1 thread each; no GPU here' });
  });

  test('share the cores evenly, one thread at least', () => {
    const cores = (maxParallel: number) =>
      planSlots({ cores: 9, gpus: [] }, { gpus: 0, maxParallel }).slots.map((slot) => slot.cores);
    expect(cores(4)).toEqual([2, 2, 2, 2]);
    expect(new Set(cores(20))).toEqual(new Set([1]));
  });

  test('with GPUs are one for every group that a trial needs', () => {
    const plan = planSlots({ cores: 16, gpus: ['0', '1', '2', '3', '4'] }, { gpus: 2, maxParallel: undefined });
    expect(plan.slots.map(({ gpus }) => gpus)).toEqual([
      ['0', '1'],
      ['2', '3'],
    ]);
    expect(plan).toMatchObject({ requiredGpus: 2, description: '2 GPU slots, 2 GPUs and 8 threads each' });
  });

  test('hide the GPUs from trials that want none', () => {
    const plan = planSlots({ cores: 1, gpus: ['0'] }, { gpus: 0, maxParallel: undefined });
    expect(plan.slots).toEqual([{ id: 0, cores: 1, gpus: [] }]);
  });

  test('more of them than GPUs share the GPUs, which is said', () => {
    const plan = planSlots({ cores: 4, gpus: ['0', '1'] }, { gpus: 1, maxParallel: 4 });
    expect(plan.slots.map(({ gpus }) => gpus)).toEqual([['0'], ['1'], ['0'], ['1']]);
    expect(plan.description).toBe('4 GPU slots, 1 GPU and 1 thread each; they share 2 GPUs');
  });

  test('with lanes are as many as GPUs, and maxParallel counts the trials in them', () => {
    const machine = { cores: 16, gpus: ['0', '1'] };
    const plan = planSlots(machine, { gpus: 1, maxParallel: undefined, lanes: 4 });
    expect(plan).toMatchObject({ lanes: 4, slots: [{ cores: 8 }, { cores: 8 }] });
    expect(plan.description).toBe('2 GPU slots, 1 GPU and 8 threads each, 4 trials at once in each');
    expect(planSlots(machine, { gpus: 1, maxParallel: 6, lanes: 4 }).slots).toHaveLength(1);
    expect(planSlots(machine, { gpus: 1, maxParallel: 1, lanes: 4 }).slots).toHaveLength(1);
    const auto = planSlots(machine, { gpus: 1, maxParallel: undefined, lanes: 'auto' });
    expect(auto.description).toMatch(/, as many trials at once in each as fit$/);
  });

  test('with lanes on the CPU have a core a trial', () => {
    const { slots } = planSlots({ cores: 8, gpus: [] }, { gpus: 1, maxParallel: undefined, lanes: 4 });
    expect(slots.map(({ cores }) => cores)).toEqual([4, 4]);
    const few = { cores: 8, gpus: [], openFiles: 120 };
    expect(planSlots(few, { gpus: 0, maxParallel: undefined, lanes: 4 }).slots).toHaveLength(2);
    expect(planSlots({ ...few, openFiles: 119 }, { gpus: 0, maxParallel: undefined, lanes: 4 }).slots).toHaveLength(1);
  });

  test('a trial that needs more GPUs than there are is refused', () => {
    expect(() => planSlots({ cores: 4, gpus: ['0'] }, { gpus: 2, maxParallel: undefined })).toThrow(
      'compute.gpus: received 2, but 1 GPU can be used here; allowed: at most 1',
    );
  });
});
