import { describe, expect, test } from 'vitest';
import { classifyEnd, FAILURES, remedyFor, STATUSES } from '../../../core/trial/failure.ts';

const end = (exitCode: number, logTail = '') => classifyEnd({ exitCode, signal: null, logTail });

describe('an exit status with a meaning', () => {
  test.each([
    [64, 'bad-setting'],
    [65, 'non-finite'],
    [66, 'data-missing'],
    [80, 'data-missing'],
    [81, 'data-unreadable'],
    [82, 'too-few-gpus'],
    [83, 'gpu-out-of-memory'],
    [84, 'out-of-memory'],
    [85, 'disk-full'],
  ] as const)('%i is the class %s, and the last line its reason', (status, failureClass) => {
    expect(end(status, 'epoch 1\ntrain.py: what it was\n')).toEqual({
      class: failureClass,
      reason: 'train.py: what it was',
    });
  });

  test('without a word is told as a status', () => {
    expect(end(83).reason).toBe('the program exited with status 83');
  });

  test('says less than what the program printed', () => {
    expect(end(65, 'OSError: [Errno 28] No space left on device').class).toBe('disk-full');
  });

  test('outside the table is none of these', () => {
    for (const status of [1, 2, 63, 67, 70, 71, 76, 78, 79, 86, 101])
      expect([status, end(status).class]).toEqual([status, 'exit-status']);
  });
});

test.each(['sh: 15: exec: python: not found', 'bash: line 1: python: command not found'])(
  'a missing python is told with python3: %s',
  (said) => {
    expect(end(127, `${said}\n`)).toEqual({
      class: 'setup',
      reason: `the command was not found (${said}); where there is only python3, write that`,
    });
  },
);

test.each(['sh: 15: exec: train: not found', 'sh: 15: exec: ipython: not found', ''])(
  'another missing command is told alone: %s',
  (said) => {
    expect(end(127, said).reason).not.toContain('python3');
  },
);

test.each([
  ['its last line', 'ValueError: no\n\n', 'ValueError: no'],
  ['what a box says', '╭─ Error ──╮\n│ No such option: --x │\n╰──────────╯\n', 'No such option: --x'],
  ['nothing', '──────\n', ''],
  [
    'what is wrong, not where to read more',
    'flag --a: none\nPass --helpshort or --helpfull to see help.\n',
    'flag --a: none',
  ],
  ['the same below a usage', "Try 'train.py --help' for help.\n\nError: no --a\n", 'Error: no --a'],
  ['a usage that is all there is', 'Usage:\n  a.py [--lr=<x>]\n  a.py (-h | --help)\n', 'a.py [--lr=<x>]'],
  ['where to read more, if that is all', 'Run a.py --help\n', 'Run a.py --help'],
  [
    'a question that nobody answers',
    'EOFError: EOF when reading a line\n',
    'EOFError: EOF when reading a line; nobody answers a trial: give what it asks for in its command',
  ],
  [
    'a file that its copy of the source lacks',
    "FileNotFoundError: [Errno 2] No such file or directory: 'data/train.bin'\n",
    "FileNotFoundError: [Errno 2] No such file or directory: 'data/train.bin'; a trial starts in its own copy of training.source, which has no such file; sweep plan lists what is left out of it",
  ],
  [
    'a file of the machine',
    "FileNotFoundError: [Errno 2] No such file or directory: '/data/train.bin'\n",
    "FileNotFoundError: [Errno 2] No such file or directory: '/data/train.bin'",
  ],
])('a program that failed is quoted: %s', (_, printed, quoted) => {
  expect(end(2, printed).reason).toBe(`the program exited with status 2${quoted && `: ${quoted}`}`);
});

test('interrupted and denied are no failures of a training', () => {
  expect(Object.keys(STATUSES)).not.toContain('75');
  expect(Object.keys(STATUSES)).not.toContain('77');
});

test('every class tells what to do', () => {
  for (const [name, { remedy }] of Object.entries(FAILURES)) expect(remedy, name).toMatch(/\w+ \w+/);
});

test('a remedy names the command for the trial at hand', () => {
  expect(remedyFor(FAILURES.signal.remedy, 'digits-1', 7)).toBe('read the end of its log: sweep logs digits-1 7');
  expect(remedyFor(FAILURES.skipped.remedy, 'digits-1', 7)).toContain('sweep skip digits-1 7 --undo');
});
