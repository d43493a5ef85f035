/**
 * Why a trial failed. A class groups failures of one cause and one remedy; a final one depends on nothing but what the
 * trial's id already covers, so a resumed sweep does not train it again.
 */
export const FAILURES = {
  'gpu-out-of-memory': {
    final: false,
    remedy: 'lower the batch size or image size, or choose a profile with more GPU memory',
  },
  'out-of-memory': {
    final: false,
    remedy: 'lower the batch size or the number of data workers, or choose a profile with more memory',
  },
  'non-finite': { final: true, remedy: 'lower the highest learning rate in the search space, or clip gradients' },
  'no-metric': {
    final: true,
    remedy:
      'write lines such as {"epoch": 1, "<metric>": 0.9} to METRICS_FILE, or set objective.metric, objective.pattern or objective.file',
  },
  interrupted: { final: false, remedy: 'raise compute.attempts, or use a profile without Spot instances' },
  'image-pull': { final: false, remedy: "check the profile's image, and that its repository can be read" },
  'data-missing': { final: false, remedy: 'check training.data' },
  'data-unreadable': {
    final: false,
    remedy: 'repair or remove the files that the log names, or raise MAX_UNREADABLE in training.environment',
  },
  'data-denied': { final: false, remedy: 'allow the job role to list and read the store and training.data' },
  'disk-full': { final: false, remedy: 'free disk space, or give the profile a larger volume' },
  timeout: { final: false, remedy: 'raise compute.timeoutMinutes, or train fewer epochs' },
  'too-few-gpus': {
    final: false,
    remedy:
      'lower compute.gpus, or choose a profile with more GPUs; on a machine without GPUs, DEVICE must not be cuda',
  },
  'bad-setting': {
    final: false,
    remedy: 'correct the parameter in search.space or the variable in training.environment that its log names',
  },
  'exit-status': { final: false, remedy: 'read the end of its log: sweep logs SWEEP TRIAL' },
  signal: { final: false, remedy: 'read the end of its log: sweep logs SWEEP TRIAL' },
  setup: { final: false, remedy: 'check training.command, training.source and training.requirements' },
  'setup-timeout': {
    final: false,
    remedy:
      'fetch and install less in each trial, or build it into the image; if the store or the package index was slow, run the sweep again',
  },
  'not-run': {
    final: false,
    remedy: 'fix what the other failures name, then run the sweep again: it trains what was not run',
  },
  skipped: { final: true, remedy: 'nothing; to train it after all, sweep skip SWEEP TRIAL --undo' },
  lost: { final: false, remedy: 'run the sweep again: it trains the trials that left no result' },
  'malformed-result': {
    final: false,
    remedy: 'run the sweep again: it trains the trials whose results cannot be read',
  },
} as const satisfies Record<string, { final: boolean; remedy: string }>;

/** A remedy with the commands that it names as one trial of a sweep needs them. */
export const remedyFor = (remedy: string, sweepId: string, trial: number): string =>
  remedy.replaceAll('SWEEP TRIAL', `${sweepId} ${trial}`);

/** Whether a failure is of the machine: what else is trained there is likely to fail alike. */
export const isOfMachine = ({ class: name }: Failure): boolean => name === 'too-few-gpus' || name === 'disk-full';

/** So many failures of one class, and no finite value yet: the rest of the round does not start. */
export const DOOMED_AFTER = 5;

export type FailureClass = keyof typeof FAILURES;
export const FAILURE_CLASSES = Object.keys(FAILURES) as [FailureClass, ...FailureClass[]];

/** Of failures by class, the trials that never began: they are counted as failed, and neither trained nor failed themselves. */
export const notRunIn = (groups: readonly { readonly class: string; readonly count: number }[]): number =>
  groups.find(({ class: name }) => name === 'not-run')?.count ?? 0;

/** The same of counts by class: how many never began, and of which classes the others are, the most frequent first. */
export function failedAndNotRun(counts: Readonly<Record<string, number>>) {
  const groups = Object.entries(counts).map(([name, count]) => ({ class: name, count }));
  const failed = groups.filter(({ class: name }) => name !== 'not-run').sort((a, b) => b.count - a.count);
  return { failed, notRun: notRunIn(groups) };
}

/** Taken out by a person: no failure of the trial's, so it counts as none, and says nothing about its parameters. */
export const isSkipped = (failureClass: string | null): boolean => failureClass === 'skipped';

export interface Failure {
  readonly class: FailureClass;
  /** One sentence for a person. */
  readonly reason: string;
}

/** Whether a trial that ended so is trained again by the next run of its sweep; null: it did not fail. */
export const isTrainedAgain = (failure: Pick<Failure, 'class'> | null): boolean =>
  failure !== null && !FAILURES[failure.class].final;

/** How a training command ended. Exactly one of `exitCode` and `signal` is set. */
export interface ProgramEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** The end of what it printed. */
  readonly logTail: string;
}

const SIGNS: readonly (readonly [RegExp, FailureClass, string])[] = [
  [
    /CUDA out of memory|CUDA error: out of memory|torch\.(cuda\.)?OutOfMemoryError|RESOURCE_EXHAUSTED: .*GPU/,
    'gpu-out-of-memory',
    'ran out of GPU memory',
  ],
  [/No space left on device|ENOSPC|Disk quota exceeded/, 'disk-full', 'ran out of disk space'],
  [
    /^MemoryError\b|DefaultCPUAllocator: (can't|not enough)|std::bad_alloc|Cannot allocate memory/m,
    'out-of-memory',
    'ran out of memory',
  ],
];

/** The class of a program that ended badly, from its status and, above that, what it last printed. */
export function classifyEnd(end: ProgramEnd): Failure {
  const how = end.signal === null ? `exited with status ${end.exitCode}` : `was terminated by ${end.signal}`;
  for (const [sign, failure, words] of SIGNS) {
    if (sign.test(end.logTail)) return { class: failure, reason: `${words} (the program ${how})` };
  }
  // The kernel's out-of-memory killer leaves nothing but SIGKILL, which a shell reports as 128 + 9.
  if (end.signal === 'SIGKILL' || end.exitCode === 137) {
    return { class: 'out-of-memory', reason: `the program ${how}, most likely by the kernel because memory ran out` };
  }
  if (end.signal !== null) return { class: 'signal', reason: `the program ${how}` };
  const meant = end.exitCode === null ? undefined : STATUSES[end.exitCode];
  if (meant !== undefined) return { class: meant, reason: lastLine(end.logTail) || `the program ${how}` };
  if (end.exitCode === 126) {
    return { class: 'setup', reason: `the command cannot be executed (${lastLine(end.logTail) || how})` };
  }
  const said = lastLine(end.logTail);
  if (end.exitCode === 127) {
    const hint = NO_PYTHON.test(said) ? '; where there is only python3, write that' : '';
    return { class: 'setup', reason: `the command was not found (${said || how})${hint}` };
  }
  const hint = MEANT.find(([sign]) => sign.test(said))?.[1];
  return {
    class: 'exit-status',
    reason: `the program ${how}${said === '' ? '' : `: ${said}`}${hint === undefined ? '' : `; ${hint}`}`,
  };
}

/**
 * Exit statuses that mean one thing to the runner, whichever program uses them: three of sysexits.h in their own sense, and
 * some above that table, which programs hardly use otherwise. `docker/trainer/errors.py` holds the other end;
 * docs/trainer-settings.md tells it to people.
 */
export const STATUSES: Readonly<Record<number, FailureClass>> = {
  64: 'bad-setting',
  65: 'non-finite',
  66: 'data-missing',
  80: 'data-missing', // one class
  81: 'data-unreadable',
  82: 'too-few-gpus',
  83: 'gpu-out-of-memory',
  84: 'out-of-memory',
  85: 'disk-full',
};
/** A program or runner that was interrupted and may go on later: EX_TEMPFAIL of sysexits.h. */
export const INTERRUPTED_STATUS = 75;
/** A runner that may not use the store, which no repetition changes: EX_NOPERM of sysexits.h. */
export const DENIED_STATUS = 77;

/** Debian and Ubuntu have no `python` of their own. */
const NO_PYTHON = /(^|\s)python: (command )?not found$/;

/** What a program's last words mean in a trial, where the program cannot know it. */
const MEANT: readonly (readonly [RegExp, string])[] = [
  [/^EOFError: EOF when reading a line/, 'nobody answers a trial: give what it asks for in its command'],
  [
    /No such file or directory: b?'(?![/~]|[A-Za-z]:)[^']+'$/,
    'a trial starts in its own copy of training.source, which has no such file; sweep plan lists what is left out of it',
  ],
  [/name 'get_ipython' is not defined/, 'begin the command with ipython, or remove the lines that call it'],
];

/** Where to read more, which argument parsers print below what is wrong. */
const READ_MORE = /^(pass|try|see|run|use|for)\b.*(?<!\w)--?h(elp\w*)?\b|\(-h \| --help\)$/i;

/** The last line that says something: Python's Rich, which Typer and tyro print by, draws its errors in a box. */
function lastLine(text: string): string {
  const lines = text.split('\n').map((line) => line.replace(BOX, '').trim());
  const said = lines.filter((line) => /[\p{L}\p{N}]/u.test(line));
  return (said.findLast((line) => !READ_MORE.test(line)) ?? said.at(-1) ?? '').slice(0, 200);
}

const BOX = /[\u2500-\u257f]+/g;
