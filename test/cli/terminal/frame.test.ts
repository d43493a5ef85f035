import { describe, expect, test } from 'vitest';
import type { Canvas } from '../../../cli/terminal/canvas.ts';
import { frame } from '../../../cli/terminal/frame.ts';
import { sparkline } from '../../../cli/terminal/sparkline.ts';
import { bestLine, summaryLine } from '../../../cli/terminal/summary.ts';
import { width } from '../../../cli/terminal/text.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import type { Spec } from '../../../core/spec/spec.ts';
import type { RoundPlanned, SweepEvent, TrialStarted } from '../../../core/sweep/events.ts';
import { advance, bestSoFar, initialProgress, type Progress, secondsLeft } from '../../../core/sweep/progress.ts';

const SPEC = resolveSpec({
  sweepId: 'shapes-1',
  search: {
    strategy: 'random',
    trials: 12,
    space: { learning_rate: { min: 0.001, max: 0.1 }, optimizer: ['adam', 'sgd'] },
  },
  objective: { metric: 'val_accuracy' },
  training: { command: ['train'], epochs: 10 },
});

const CANVAS: Canvas = { columns: 80, rows: 24, color: false, unicode: true };

const started = (number: number, slot: number | null = null, since?: number | null): SweepEvent => ({
  type: 'trial-started',
  trial: number,
  id: `id-${number}`,
  parameters: { learning_rate: 0.01 * (number + 1), optimizer: 'adam' },
  epochs: 10,
  slot,
  attempt: 1,
  ...(since === undefined ? {} : { since }),
});
const reported = (number: number, epoch: number, value: number | null): SweepEvent => ({
  type: 'trial-metrics',
  trial: number,
  id: `id-${number}`,
  epoch,
  value,
});
const ended = (number: number, value: number | null, failure: string | null = null): SweepEvent => ({
  type: 'trial-ended',
  trial: number,
  id: `id-${number}`,
  status: failure === null ? 'succeeded' : 'failed',
  value,
  epoch: value === null ? null : 7,
  failure: failure === null ? null : { class: failure, reason: 'why' },
  seconds: 10,
  reused: false,
});
const planned = (trials: number, reused = 0, round = 0): SweepEvent => ({
  type: 'round-planned',
  round,
  trials,
  reused,
  epochs: 10,
  kind: 'search',
});

/** The events a second apart. */
function progressAfter(events: readonly SweepEvent[], spec: Spec = SPEC): Progress {
  let now = 0;
  let progress = initialProgress(spec, now);
  for (const event of events) {
    now += 1000;
    progress = advance(progress, event, now, spec);
  }
  return progress;
}

const BEGUN: SweepEvent[] = [
  { type: 'execution-started', sweepId: 'shapes-1', execution: 'x', machine: null, slots: 2 },
  planned(12),
  started(0, 0),
  started(1, 1),
  ended(0, 0.5),
  started(2, 0),
  ended(1, 0.9),
  started(3, 1),
  ended(2, null, 'exit-status'),
  started(4, 0),
  reported(3, 2, 0.8),
  reported(4, 10, 0.7512),
];

describe('a frame', () => {
  test('holds progress, time left, slots, the best, failures and the running trials, aligned', () => {
    expect(frame(progressAfter(BEGUN), SPEC, CANVAS)).toEqual([
      'shapes-1',
      `${'█'.repeat(10)}${'░'.repeat(30)}  3 of 12 trials`,
      'time    9s, about 17s left',
      'slots   2 of 2 busy',
      'best    val_accuracy 0.9  trial 1  epoch 7  ▁██',
      '        learning_rate=0.02  optimizer=adam',
      'failed  1 exit-status',
      '',
      '  trial  epoch  val_accuracy  time  learning_rate  optimizer',
      '      4  10/10        0.7512    2s           0.05  adam',
      '*     3   2/10        0.8       4s           0.04  adam',
    ]);
  });

  describe('of a sweep with prices', () => {
    const SPOT_PRICE = { dollars: 1, kind: 'estimate', asOf: '1969-09-01', region: 'us-east-1' } as const;
    const LIST_PRICE = { dollars: 2, kind: 'list', asOf: '1969-12-01', region: 'us-east-1' } as const;
    const counted: SweepEvent = {
      type: 'dollars-counted',
      spent: { dollars: 1234.5, perHour: 3600, at: 13_000, unpriced: 0, prices: [LIST_PRICE, SPOT_PRICE] },
    };
    const capped = { ...SPEC, budget: { dollars: 2000 } };
    const at = (columns: number, spec: Spec = capped, more: SweepEvent[] = []) => {
      const progress = progressAfter([...BEGUN, counted, ...more]);
      const lines = frame({ ...progress, now: 15_000 }, spec, { ...CANVAS, columns });
      const cost = lines.findIndex((line) => line.startsWith('cost'));
      return lines.slice(
        cost,
        lines.findIndex((line) => /^(slots|best) /.test(line)),
      );
    };

    test('says what it has cost by now, of how much, and by what prices', () => {
      expect(at(120)).toEqual([
        'cost    $1,236.50 so far of $2,000.00, $3600.000 an hour now, list price minus the Spot discount, us-east-1, 1969-09-01',
        '        122 days old',
      ]);
      expect(at(120, SPEC)[0]).toMatch(/^cost {4}\$1,236.50 so far, \$3600/);
    });

    test('breaks between words on a narrow terminal, and leaves out what has no room', () => {
      expect(at(60)).toEqual([
        'cost    $1,236.50 so far of $2,000.00',
        '        $3600.000 an hour now',
        '        list price minus the Spot discount, us-east-1',
        '        1969-09-01, 122 days old',
      ]);
      expect(at(40)).toEqual([
        'cost    $1,236.50 so far of $2,000.00',
        '        $3600.000 an hour now',
        '        us-east-1, 1969-09-01',
        '        122 days old',
      ]);
    });

    test('says once it has ended what it cost, and no more what an hour does', () => {
      const end: SweepEvent = { type: 'sweep-ended', sweepId: 'shapes-1', status: 'succeeded', output: null };
      expect(at(200, capped, [end])[0]).toMatch(/^cost {4}\$1,234.50 of \$2,000.00, list price/);
    });

    test('has it in the line of a log file', () => {
      const progress = progressAfter([...BEGUN, counted]);
      expect(summaryLine(progress, capped)).toMatch(/, about 19s left, \$1,234.50 so far of \$2,000.00$/);
      expect(summaryLine(progressAfter(BEGUN), capped)).not.toContain('$');
    });
  });

  test('tells what was not run apart from what failed', () => {
    const ends = [ended(0, null, 'exit-status'), ended(1, null, 'not-run')];
    expect(summaryLine(progressAfter([...BEGUN, ...ends]), SPEC)).toContain(
      ' done, 2 failed (2 exit-status), 1 not run,',
    );
    const rows = frame(progressAfter([...BEGUN, ...ends]), SPEC, CANVAS).filter((line) =>
      /^(failed|not run)/.test(line),
    );
    expect(rows.map((line) => line.split(/ +(?=[0-9])/))).toEqual([
      ['failed', '2 exit-status'],
      ['not run', '1'],
    ]);
  });

  test('shows what the GPUs of each trial do, where they tell', () => {
    const gpu = (trial: number, uuid: string, busy: number | undefined, gigabytes: number): SweepEvent => ({
      type: 'trial-gpu',
      trial,
      id: `id-${trial}`,
      sample: {
        ...{ index: '0', uuid, memory: { used: gigabytes * 1e9, total: 24e9 } },
        ...(busy === undefined ? {} : { busy }),
      },
    });
    const events = [...BEGUN, gpu(3, 'a', 0, 1), gpu(3, 'a', 80, 3.1), gpu(3, 'b', 40, 2), gpu(4, 'c', undefined, 5)];
    expect(frame(progressAfter(events), SPEC, CANVAS).slice(-3)).toEqual([
      '  trial  epoch  val_accuracy  time          GPU  learning_rate  optimizer',
      '      4  10/10        0.7512    6s         5 GB           0.05  adam',
      '*     3   2/10        0.8       8s  60 % 3.1 GB           0.04  adam',
    ]);
  });

  test('says what the trials ran on, where they ran on instances', () => {
    const on = (event: SweepEvent, purchase: string): SweepEvent =>
      Object.assign({}, event, { instance: { type: 'g4dn.2xlarge', purchase, zone: 'us-east-1a' } });
    const events = [
      ...BEGUN,
      on(ended(3, 0.8), 'on-demand'),
      started(5),
      on(ended(4, 0.7), 'spot'),
      on(ended(5, 1), 'spot'),
    ];
    expect(frame(progressAfter(events), SPEC, CANVAS)).toContain(
      'ran on  2 Spot g4dn.2xlarge us-east-1a, 1 on-demand g4dn.2xlarge us-east-1a',
    );
  });

  test('of 40 columns folds what does not fit, and cuts nothing that counts', () => {
    expect(frame(progressAfter(BEGUN), SPEC, { ...CANVAS, columns: 40 })).toEqual(
      [
        'shapes-1',
        `${'█'.repeat(5)}${'░'.repeat(18)}  3 of 12 trials`,
        'time    9s, about 17s left',
        'slots   2 of 2 busy',
        'best    val_accuracy 0.9  trial 1',
        '        epoch 7  ▁██',
        '        learning_rate=0.02',
        '        optimizer=adam',
        'failed  1 exit-status',
        '',
        '  trial  epoch  val_accuracy  optimizer',
        '      4  10/10        0.7512  adam',
        '*     3   2/10        0.8     adam',
        '  not shown: time, learning_rate',
      ].map((line) => expect.stringMatching(new RegExp(`^${line.replaceAll(/[.*]/g, '\\$&')} *$`))),
    );
  });

  test.each([20, 40, 60, 80, 200])('fits %i columns', (columns) => {
    const hostile = progressAfter([
      ...BEGUN,
      {
        ...started(5),
        parameters: { 名前: '日本語'.repeat(50), evil: '\u001b[2J\u202e\n', long: 'x'.repeat(9999) },
      } as SweepEvent,
      ended(6, null, 'a-class-with-a-name-that-is-much-too-long-for-any-terminal'),
    ]);
    for (const line of frame(hostile, SPEC, { ...CANVAS, columns })) {
      expect(width(line)).toBeLessThan(columns);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be left
      expect(line).not.toMatch(/[\u0000-\u001f\u202e]/);
    }
  });

  test('of a low terminal shows as many running trials as fit, the best among them', () => {
    const many = progressAfter([
      planned(12),
      ...Array.from({ length: 10 }, (_, number) => started(number, number)),
      reported(0, 1, 0.1),
      reported(9, 1, 0.9),
    ]);
    const lines = frame(many, SPEC, { ...CANVAS, rows: 12 });
    expect(lines.length).toBeLessThan(12);
    expect(lines.at(-2)).toMatch(/^\* +9 /);
    expect(lines.at(-1)).toMatch(/and \d more/);
  });

  test('says by signs, too, what it says by colours', () => {
    const colored = frame(progressAfter(BEGUN), SPEC, { ...CANVAS, color: true });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
    expect(colored.map((line) => line.replaceAll(/\u001b\[[0-9;]*m/g, ''))).toEqual(
      frame(progressAfter(BEGUN), SPEC, CANVAS),
    );
    expect(colored.join('')).toContain('\u001b[32m');
  });

  test('has no block characters where the font has none', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
    expect(frame(progressAfter(BEGUN), SPEC, { ...CANVAS, unicode: false }).join('')).toMatch(/^[\u0000-\u007f]*$/);
  });

  test('of a sweep on AWS tells what Batch runs, starts and queues', () => {
    const lines = frame(
      progressAfter([planned(12), { type: 'jobs-counted', running: 4, starting: 2, waiting: 6 }]),
      SPEC,
      CANVAS,
    );
    expect(lines).toContain('Batch   4 running, 2 starting, 6 queued');
  });

  test('knows the best that earlier runs found', () => {
    const found: SweepEvent = {
      type: 'results-found',
      round: 0,
      candidates: true,
      trials: [
        {
          trial: 0,
          id: 'id-0',
          parameters: { optimizer: 'sgd' },
          epochs: 10,
          value: 0.97,
          epoch: 3,
          failureClass: null,
        },
        { trial: 1, id: 'id-1', parameters: {}, epochs: 10, value: null, epoch: null, failureClass: 'timeout' },
      ],
    };
    const lines = frame(progressAfter([planned(12, 2), found, started(2), ended(2, 0.5)]), SPEC, CANVAS);
    expect(lines.join('\n')).toMatch(/3 of 12 trials.*2 reused.*val_accuracy 0\.97 {2}trial 0.*1 timeout/s);
  });

  test('does not take the values of confirming trials for the best', () => {
    const confirming = progressAfter([
      planned(12),
      started(0),
      ended(0, 0.5),
      { ...planned(3, 0, 1), kind: 'confirm' } as SweepEvent,
    ]);
    expect(bestSoFar(advance(confirming, ended(12, 0.99), 0, SPEC), SPEC)).toMatchObject({ trial: 0 });
  });

  test('shows the confirmed winner and its parameters instead of the luckiest trial', () => {
    const again = (number: number, confirms: number, seed: number): SweepEvent => ({
      ...(started(number) as TrialStarted),
      confirms,
      seed,
    });
    const spec = resolveSpec({ ...SPEC, search: { ...SPEC.search, confirm: { top: 2, seeds: 1 } } });
    const events = [
      planned(12),
      ...[started(0), ended(0, 0.9), started(1), ended(1, 0.5)],
      { ...(planned(2, 0, 1) as RoundPlanned), kind: 'confirm' as const },
      ...[again(12, 0, 1), ended(12, 0.2), again(13, 1, 1), ended(13, 0.6)],
    ];
    const progress = events.reduce((so, event) => advance(so, event, 0, spec), initialProgress(spec, 0));
    const picture = frame(progress, spec, CANVAS).join('\n');
    expect(picture).toMatch(/best {4}val_accuracy 0\.6 ± 0 over 1 seed {2}trial 1 {2}confirmed\n +learning_rate=0\.02/);
    expect(picture).not.toContain('0.9');
    expect(bestLine(progress, spec)).toMatch(/^best val_accuracy 0\.6 ± 0 over 1 seed by trial 1: learning_rate=0\.02/);
  });
});

describe('the time left', () => {
  test('is unknown before anything was reported, and at the end', () => {
    expect(secondsLeft(progressAfter([planned(12), started(0)]))).toBeNull();
    const end: SweepEvent = { type: 'sweep-ended', sweepId: 'x', status: 'interrupted' };
    expect(secondsLeft(progressAfter([planned(12), started(0), ended(0, 1), end]))).toBeNull();
  });

  test('counts the epochs of trials that run', () => {
    // 1 of 120 epochs in the second since the first start.
    expect(secondsLeft(progressAfter([planned(12), started(0), reported(0, 1, 0.1)]))).toBeCloseTo(119);
  });

  test('of a rung counts the epochs from where its trials go on', () => {
    const spec = resolveSpec({
      search: { strategy: 'halving', trials: 9, halving: { reduction: 3 }, space: { x: { min: 0, max: 1 } } },
      training: { command: ['train'], epochs: 9 },
    });
    const rung = (round: number, trials: number, epochs: number): SweepEvent => ({
      type: 'round-planned',
      round,
      trials,
      reused: 0,
      epochs,
      kind: round === 0 ? 'search' : 'rung',
    });
    const first = [0, 1, 2, 3, 4, 5, 6, 7, 8].flatMap((number) => [
      { ...started(number), epochs: 1 } as SweepEvent,
      ended(number, 0.5),
    ]);
    const progress = progressAfter([rung(0, 9, 1), ...first, rung(1, 3, 3)], spec);
    // 9 epochs are done; 3 trials go on from 1 to 3, one of them to 9.
    expect(secondsLeft(progress)).toBeCloseTo(((progress.now - progress.firstStart!) / 1000 / 9) * (3 * 2 + 6));
  });
});

describe('the sparkline', () => {
  const spark = (improvements: [number, number][], judged: number, columns = 8, unicode = true) =>
    sparkline({ improvements, judged }, columns, unicode);

  test('rises from the first best to the last over the results', () => {
    expect(
      spark(
        [
          [1, 0],
          [3, 0.5],
          [4, 1],
        ],
        4,
      ),
    ).toBe('▁▁▅█');
  });

  test('falls where less is better', () => {
    expect(
      spark(
        [
          [1, 1],
          [2, 0],
        ],
        2,
      ),
    ).toBe('█▁');
  });

  test('of many results has as many characters as there is room for, the last of them the best', () => {
    const text = spark(
      [
        [1, 0],
        [1000, 1],
      ],
      1000,
    );
    expect(text).toBe('▁▁▁▁▁▁▁█');
  });

  test('is empty while the best has not changed', () => {
    expect(spark([[1, 0.5]], 9)).toBe('');
  });
});
