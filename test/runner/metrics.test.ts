import { describe, expect, onTestFinished, test } from 'vitest';
import { BadMetrics } from '../../core/trial/bad-metrics.ts';
import { epochsOf } from '../../core/trial/numbering.ts';
import { Log } from '../../runner/log.ts';
import { PrintedMetrics } from '../../runner/printed-metrics.ts';
import { place, printMetrics } from './support.ts';

const ACC = 'acc: ([0-9.]+|nan)';
const printed = (pattern: string | string[], ...chunks: string[]) => {
  const metrics = new PrintedMetrics({ pattern, metric: 'acc' });
  onTestFinished(() => metrics.close());
  for (const chunk of chunks) void metrics.add(Buffer.from(chunk));
  return metrics;
};
const epochs = async (metrics: PrintedMetrics, ended = true) => epochsOf(await metrics.records(ended), 'acc');
const values = async (metrics: PrintedMetrics, ended = true) =>
  (await epochs(metrics, ended)).map(({ values }) => values['acc']);

describe('metrics that are printed', () => {
  test('are read across chunks, each once', async () => {
    const metrics = printed(ACC, 'acc: 0.', '25\nacc', ': 0.5\n');
    expect([await values(metrics), await values(metrics)]).toEqual([
      [0.25, 0.5],
      [0.25, 0.5],
    ]);
  });

  test('of a line that is not complete wait for it', async () => {
    const metrics = printed(ACC, 'acc: 0.1\nacc: 0.7');
    expect(await values(metrics, false)).toEqual([0.1]);
    void metrics.add(Buffer.from('5\n'));
    expect(await values(metrics, false)).toEqual([0.1, 0.75]);
  });

  test('count from the first, however much is printed between', async () => {
    const noise = 'x'.repeat(1023).concat('\n').repeat(1024);
    const metrics = printed(ACC, 'acc: 0.1\n');
    for (const chunk of [...Array<string>(24).fill(noise), 'acc: 0.2\n']) await metrics.add(Buffer.from(chunk));
    expect(await epochs(metrics)).toEqual([
      { epoch: 1, values: { acc: 0.1 } },
      { epoch: 2, values: { acc: 0.2 } },
    ]);
  });

  test('may follow output without any newline', async () => {
    const metrics = printed(ACC, ...Array<string>(4).fill('.'.repeat(1024 * 1024)), '\nacc: 0.2\n');
    expect(await values(metrics)).toEqual([0.2]);
  });

  test('may stretch over lines, and end with carriage returns', async () => {
    expect(await values(printed('acc:\\n([0-9.]+)', 'acc:\n0.5\n'))).toEqual([0.5]);
    expect(await values(printed(ACC, 'acc: 0.1\racc: 0.2\r'), false)).toEqual([0.1, 0.2]);
  });

  test('that are no numbers are not finite', async () => {
    expect(await values(printed(ACC, 'acc: nan\n'))).toEqual([null]);
  });

  test('are searched for in each stream apart', async () => {
    const metrics = printed('acc: {number}');
    void metrics.add(Buffer.from('acc: 0.'), 'stdout');
    void metrics.add(Buffer.from('a warning\n'), 'stderr');
    void metrics.add(Buffer.from('5\n'), 'stdout');
    void metrics.add(Buffer.from('acc: 0.6\n'), 'stderr');
    expect(await values(metrics)).toEqual([0.5, 0.6]);
  });

  test('are found between colours and cursor codes, and drawn over with backspaces', async () => {
    expect(await values(printed('acc: {number}', 'acc: \u001b[1;36m0.', '93\u001b[0m\n'))).toEqual([0.93]);
    expect(await values(printed('acc: {number}$', `acc: 0.1${'\b'.repeat(8)}acc: 0.2\n`))).toEqual([0.1, 0.2]);
    // The count is drawn into the bar, where a person sees it.
    const bars = ['1/2', '2/2'].map((count) => ` [====>]  acc: 0.5${'\b'.repeat(16)}${count}`).join('\r');
    expect(await values(printed('2/2.*acc: {number}', `${bars}\n`))).toEqual([0.5]);
  });

  test('drawn again and again with one epoch number are one epoch', async () => {
    const bar = 'Epoch 1:  50%|##  | acc: 0.1\rEpoch 1: 100%|####| acc: 0.2\nEpoch 2:  50%|##  | acc: 0.3\r';
    const keras = 'Epoch 1/2\n1/2 - acc: 0.1\r2/2 - acc: 0.2\nEpoch 2/2\r\n1/2 - acc: 0.3\r2/2 - acc: 0.4\n';
    expect(await values(printed('acc: {number}', bar))).toEqual([0.2, 0.3]);
    expect(await values(printed('acc: {number}', ...keras))).toEqual([0.2, 0.4]);
  });

  test('of an epoch that another line names belong to it', async () => {
    const metrics = printed(
      ['^Epoch (?<epoch>[0-9]+)', 'train loss (?<train_loss>{number})', 'acc {number}'],
      'Epoch 3\ntrain loss 0.5\nacc 0.9\nEpoch 4\ntrain loss 0.4\nacc 0.8\n',
    );
    expect(await epochs(metrics)).toEqual([
      { epoch: 3, values: { train_loss: 0.5, acc: 0.9 } },
      { epoch: 4, values: { train_loss: 0.4, acc: 0.8 } },
    ]);
  });

  test.each([
    ['on the linear engine', 'acc.*?([0-9.]+)'],
    ['on the usual one', '(?<=acc).*?([0-9.]+)'],
  ])('cut off by their group are refused, %s', async (_, pattern) => {
    await expect(values(printed(pattern, 'acc of 3 runs: 5e-05\nacc 5e-05\n'))).rejects.toThrow(/the number continues/);
  });

  test.each([
    ['backtracks without end', 'x((?:[0-9]+)+)b', `x${'1'.repeat(47)}`],
    ['tries each beginning in a long line', 'loss.*acc: ([0-9.]+)', 'loss '.repeat(120_000)],
    ['spans all of the output', '[^;]*acc: ([0-9.]+)', 'step 17 of 20000, warming up\n'.repeat(40_000)],
  ])('are found by a pattern that on the usual engine %s', async (_, pattern, noise) => {
    expect(await values(printed(`(?:${pattern})`, `${noise}\nxloss acc: 0.5 x12b\n`))).toHaveLength(1);
  });

  test('in a long line are found at its end', async () => {
    const metrics = printed('loss.*acc: ([0-9.]+)', `${'loss '.repeat(120_000)}acc: 0.75\n`);
    expect(await values(metrics)).toEqual([0.75]);
  });

  test('may be found by lookarounds and backreferences', async () => {
    expect(await values(printed('(?<=acc: )([0-9.]+)\\b(?! %)', 'acc: 50 %\nacc: 0.5\n'))).toEqual([0.5]);
  });

  test('are given up where a search takes too long, and the event loop goes on meanwhile', async () => {
    const metrics = new PrintedMetrics({ pattern: '(?=a)((?:a+)+)b', metric: 'acc' }, 300);
    onTestFinished(() => metrics.close());
    void metrics.add(Buffer.from(`${'a'.repeat(47)}\n`));
    const searched = metrics.records(true);
    let turns = 0;
    const turning = setInterval(() => turns++, 1);
    await expect(searched).rejects.toThrow(/more than 0.3 seconds.*avoid lookarounds/);
    clearInterval(turning);
    expect(turns).toBeGreaterThan(1);
    await expect(metrics.records(true)).rejects.toThrow(BadMetrics);
  });

  test('are refused when everything matches', async () => {
    await expect(values(printed('(.)', '1'.repeat(1_000_001), '\n'))).rejects.toThrow(/more than 1,000,000 times/);
  });

  test('hold back a program that prints faster than they are searched', async () => {
    const metrics = new PrintedMetrics({ pattern: ACC, metric: 'acc' });
    onTestFinished(() => metrics.close());
    expect(metrics.add(Buffer.from('acc: 0.1\n'))).toBeUndefined();
    await metrics.add(Buffer.alloc(2 * 1024 * 1024, '.'));
    expect(metrics.add(Buffer.from('\nacc: 0.2\n'))).toBeUndefined();
    expect(await values(metrics)).toEqual([0.1, 0.2]);
  });
});

describe('a log', () => {
  test('keeps characters printed one by one', () => {
    const log = new Log();
    for (const character of 'a line\n') log.add(character);
    expect(log.kept()).toBe('a line\n');
  });

  test('keeps the last megabyte and says so', () => {
    const log = new Log();
    for (let i = 0; i < 300_000; i++) log.add(`${String(i).padStart(9, '0')}\n`);
    expect(log.kept().length).toBeLessThan(1024 * 1024 + 100);
    expect(log.kept()).toMatch(/^\[the beginning was dropped[\s\S]*000299999\n$/);
  });

  test('gives its last lines across blocks', () => {
    const log = new Log();
    log.add('x'.repeat(64 * 1024 - 3));
    log.add('\nlast words\n');
    expect(log.tail()).toMatch(/x\nlast words$/);
  });
});

test('a torn last line does not spoil the first one of the next attempt', async () => {
  const at = await place(
    `if [ -e "$CHECKPOINT_DIR/once" ]; then ${printMetrics(0.7, 2)}; else
       ${printMetrics(0.4)}; printf '{"epoch": 2, "sco' >> "$METRICS_FILE"; touch "$CHECKPOINT_DIR/once"; exit 75; fi`,
  );
  await at.attempt();
  const { result } = await at.attempt();
  expect(result).toMatchObject({ value: 0.7, epoch: 2 });
  expect(await at.file('metrics.jsonl', result!.attempt)).toBe(
    '{"epoch": 1, "score": 0.4}\n{"epoch": 2, "score": 0.7}\n',
  );
});

test('a last line that is whole counts without its newline', async () => {
  const at = await place(`printf '{"epoch": 1, "score": 0.4}' >> "$METRICS_FILE"`);
  expect((await at.attempt()).result).toMatchObject({ value: 0.4 });
});

test('epochs that are reported are told once', async () => {
  const controller = new AbortController();
  const at = await place(`${printMetrics(0.4)}; while true; do sleep 0.1; done`);
  await at.attempt({
    signal: controller.signal,
    onEvent: (event) => {
      at.events.push(event);
      if (event.type === 'metrics') controller.abort();
    },
  });
  expect(at.events.filter(({ type }) => type === 'metrics')).toEqual([{ type: 'metrics', epoch: 1, value: 0.4 }]);
});

describe('in place of METRICS_FILE', () => {
  const unlink = 'rm -f "$METRICS_FILE"';
  test.each([
    ['a FIFO', `${unlink}; mkfifo "$METRICS_FILE"; echo '{"score": 1}' > "$METRICS_FILE"`, /it is a FIFO, not a file/],
    ['a link to a device', `${unlink}; ln -s /dev/zero "$METRICS_FILE"`, /it is a device, not a file/],
    ['a link to itself', `${unlink}; ln -s "$METRICS_FILE" "$METRICS_FILE"`, /a link that leads to itself/],
    ['a folder', `${unlink}; mkdir "$METRICS_FILE"`, /it is a folder, not a file/],
    ['a gigabyte', 'truncate -s 1G "$METRICS_FILE"', /it holds 1,024 MB, where 32 MB are allowed/],
    [
      'a line of 30 MB',
      `head -c 30000000 /dev/zero | tr '\\0' '[' > "$METRICS_FILE"`,
      /line 1 .* longer than a megabyte/,
    ],
  ])('%s fails the trial by name, and nothing waits for it', async (_, script, reason) => {
    const { result } = await (await place(script)).attempt();
    expect(result).toMatchObject({ status: 'failed', failure: { class: 'no-metric' } });
    expect(result!.failure!.reason).toMatch(reason);
  });

  test('a link to a file is followed', async () => {
    const at = await place(`ln -s "$PWD/log" "$METRICS_FILE"; ${printMetrics(0.4)}`);
    expect((await at.attempt()).result).toMatchObject({ value: 0.4 });
  });

  test('what cannot be read ends a program that would go on', async () => {
    const at = await place('mkdir "$METRICS_FILE"; exec sleep 1000');
    expect((await at.attempt()).result!.failure!.reason).toMatch(/is a folder/);
  });
});

test('a number that its pattern cuts off fails the trial by name, whatever came before', async () => {
  const at = await place('echo score: 0.5; echo score: 5e-05', { objective: { pattern: 'score: ([0-9.]+)' } });
  const { result } = await at.attempt();
  expect(result).toMatchObject({ value: null, failure: { class: 'no-metric' } });
  expect(result!.failure!.reason).toMatch(/"score: 5e-05", where the number continues; write .*'score: \{number\}'/);
});

test('all that named groups read is kept with the trial', async () => {
  const at = await place('echo "epoch 1: loss 5e-05, score 97.3%"', {
    objective: { pattern: 'epoch (?<epoch>{number}): loss (?<loss>{number}), score {number}' },
  });
  const { result } = await at.attempt();
  expect(await at.file('metrics.jsonl', result!.attempt)).toBe('{"epoch":1,"loss":0.00005,"score":97.3}\n');
});

test('objects without a newline between them are read, and an attempt goes on behind them', async () => {
  const line = (epoch: number) => `printf '{"epoch": "${epoch}", "score": "0.${epoch}"}' >> "$METRICS_FILE"`;
  const at = await place(
    `if [ -e "$CHECKPOINT_DIR/once" ]; then ${line(3)}; else ${line(1)}; ${line(2)}; touch "$CHECKPOINT_DIR/once"; exit 75; fi`,
  );
  await at.attempt();
  expect((await at.attempt()).result).toMatchObject({ value: 0.3, curve: [[1, 0.1], [2, 0.2], [3, 0.3]] }); // biome-ignore format: a curve
});

test('epochs that begin again after a resume are told with the result', async () => {
  const at = await place(
    `if [ -e "$CHECKPOINT_DIR/once" ]; then ${printMetrics(0.7, 1)}; else
       ${printMetrics(0.4, 1)}; ${printMetrics(0.5, 2)}; touch "$CHECKPOINT_DIR/once"; exit 75; fi`,
  );
  await at.attempt();
  expect((await at.attempt()).result!.facts.warnings).toMatchObject([{ about: 'restarted' }]);
});
