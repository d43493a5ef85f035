import { expect, test } from 'vitest';
import {
  environmentChanges,
  fewPackages,
  gpuModels,
  machineText,
  mainPackages,
  originText,
  type Provenance,
  pythonOf,
} from '../../../core/trial/provenance.ts';

const machine = { cpu: 'Intel Xeon', cores: 16, memoryBytes: 64e9, gpus: ['NVIDIA H200', 'NVIDIA H200'] };
const found = (changes: Partial<Provenance> = {}): Provenance => ({
  python: { version: '3.12.3', packages: { attrs: '1', numpy: '2.0.0', torch: '2.4.0' } },
  machine,
  ...changes,
});

test.each([
  [['python3', 'train.py'], 'python3'],
  [['/opt/venv/bin/python3.12', '-u', 'train.py'], '/opt/venv/bin/python3.12'],
  [['sh', '-c', 'cd src; python train.py | tee log'], 'python'],
  [['torchrun', '--nproc-per-node=2', 'train.py'], 'python'],
  [['/opt/venv/bin/accelerate', 'launch', 'train.py'], '/opt/venv/bin/python'],
  [['./train.py'], 'python'],
  // It has an environment of its own, which asking might begin to install.
  [['uv', 'run', 'python', 'train.py'], null],
  [['./train'], null],
  [['pythonic-tool', 'x'], null],
  [[], null],
])('the Python of %j is %j', (command, python) => expect(pythonOf(command)).toBe(python));

const LISTING = `GPU 0: NVIDIA A100 (UUID: GPU-aa)
  MIG 1g.10gb     Device  0: (UUID: MIG-cc)
GPU 1: NVIDIA H200 (UUID: GPU-bb)
`;
test.each([
  [undefined, ['NVIDIA A100', 'NVIDIA H200']],
  ['1', ['NVIDIA H200']],
  ['GPU-aa', ['NVIDIA A100']],
  ['MIG-cc', ['NVIDIA A100 MIG 1g.10gb']],
  ['-1', []],
])('of the GPUs, those of CUDA_VISIBLE_DEVICES=%s are named', (visible, models) =>
  expect(gpuModels(LISTING, visible)).toEqual(models),
);

test('what differs is named, the packages that matter most first', () => {
  const now = found({
    python: { version: '3.13.0', packages: { attrs: '2', numpy: '2.0.0', torch: '2.5.0', zipp: '1' } },
    machine: { ...machine, gpus: [], cpu: 'AMD EPYC' },
  });
  expect(environmentChanges(found(), now)).toEqual([
    'Python was 3.12.3; here: 3.13.0',
    'packages differ: torch 2.4.0 (here 2.5.0), attrs 1 (here 2), zipp none (here 1)',
    'the sweep was trained on NVIDIA H200; here: no GPU',
    'the processor was Intel Xeon; here: AMD EPYC',
  ]);
});

test('the same environment differs in nothing, and of an unknown one nothing is said', () => {
  expect(environmentChanges(found(), found())).toEqual([]);
  expect(environmentChanges(undefined, found())).toEqual([]);
  expect(environmentChanges({ machine }, found())).toEqual([]);
});

test('an environment of very many packages keeps those that matter', () => {
  const many = Object.fromEntries(Array.from({ length: 2000 }, (_, n) => [`a${n}`, '1']));
  const few = fewPackages({ ...many, torch: '2.4.0' });
  expect(Object.keys(few)).toHaveLength(500);
  expect(few['torch']).toBe('2.4.0');
});

test('an origin is a line', () => {
  expect(machineText(machine)).toBe('2 NVIDIA H200, 16 cores of Intel Xeon, 64 GB of memory');
  expect(mainPackages({ attrs: '1' })).toBe('');
  const git = { commit: '0123456789abcdef', branch: 'main', remote: null, uncommitted: { count: 0, names: [] } };
  expect(originText(found({ git }))).toBe(
    'from commit 0123456789 on main, no uncommitted changes; with Python 3.12.3, torch 2.4.0, numpy 2.0.0; on 2 NVIDIA H200, 16 cores of Intel Xeon, 64 GB of memory',
  );
});
