import { describe, expect, test } from 'vitest';
import { Log } from '../../runner/log.ts';
import { PrintedMetrics } from '../../runner/printed-metrics.ts';
import { place, report } from './support.ts';

const ACC = 'acc: ([0-9.]+|nan)';
const printed = (pattern: string, ...chunks: string[]) => {
  const metrics = new PrintedMetrics(pattern, 'acc');
  for (const chunk of chunks) metrics.add(Buffer.from(chunk));
  return metrics;
};
const values = (metrics: PrintedMetrics, ended = true) => metrics.epochs(ended).map(({ values }) => values['acc']);

describe('metrics that are printed', () => {
  test('are read across chunks, each once', () => {
    const metrics = printed(ACC, 'acc: 0.', '25\nacc', ': 0.5\n');
    expect([values(metrics), values(metrics)]).toEqual([
      [0.25, 0.5],
      [0.25, 0.5],
    ]);
  });

  test('of a line that is not complete wait for it', () => {
    const metrics = printed(ACC, 'acc: 0.1\nacc: 0.7');
    expect(values(metrics, false)).toEqual([0.1]);
    metrics.add(Buffer.from('5\n'));
    expect(values(metrics, false)).toEqual([0.1, 0.75]);
  });

  test('count from the first, however much is printed between', () => {
    const noise = 'x'.repeat(1023).concat('\n').repeat(1024);
    const metrics = printed(ACC, 'acc: 0.1\n', ...Array<string>(24).fill(noise), 'acc: 0.2\n');
    expect(metrics.epochs(true)).toEqual([
      { epoch: 1, values: { acc: 0.1 } },
      { epoch: 2, values: { acc: 0.2 } },
    ]);
  });

  test('may follow output without any newline', () => {
    const metrics = printed(ACC, ...Array<string>(4).fill('.'.repeat(1024 * 1024)), '\nacc: 0.2\n');
    expect(values(metrics)).toEqual([0.2]);
  });

  test('may stretch over lines, and end with carriage returns', () => {
    expect(values(printed('acc:\\n([0-9.]+)', 'acc:\n0.5\n'))).toEqual([0.5]);
    expect(values(printed(ACC, 'acc: 0.1\racc: 0.2\r'), false)).toEqual([0.1, 0.2]);
  });

  test('that are no numbers are not finite', () => {
    expect(values(printed(ACC, 'acc: nan\n'))).toEqual([null]);
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
    `if [ -e "$CHECKPOINT_DIR/once" ]; then ${report(0.7, 2)}; else
       ${report(0.4)}; printf '{"epoch": 2, "sco' >> "$METRICS_FILE"; touch "$CHECKPOINT_DIR/once"; exit 75; fi`,
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
  const at = await place(`${report(0.4)}; while true; do sleep 0.1; done`);
  await at.attempt({
    signal: controller.signal,
    onEvent: (event) => {
      at.events.push(event);
      if (event.type === 'metrics') controller.abort();
    },
  });
  expect(at.events.filter(({ type }) => type === 'metrics')).toEqual([{ type: 'metrics', epoch: 1, value: 0.4 }]);
});
