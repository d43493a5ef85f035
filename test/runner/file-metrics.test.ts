import { appendFileSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeFolders } from '../../runner/attempt-folders.ts';
import { FileMetrics } from '../../runner/file-metrics.ts';
import { place } from './support.ts';

/** An attempt's folders, with a means to write into its copy of the source, at a second of its own. */
async function folders() {
  const root = mkdtempSync(join(tmpdir(), 'sweepstack-files-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const made = await makeFolders(root);
  mkdirSync(made.source, { recursive: true });
  const write = (path: string, text: string, second = 1) => {
    mkdirSync(join(made.source, path, '..'), { recursive: true });
    writeFileSync(join(made.source, path), text);
    utimesSync(join(made.source, path), second, second);
  };
  return { made, write };
}

test('of several files the newest counts, and is named', async () => {
  const { made, write } = await folders();
  const metrics = new FileMetrics('logs/**/metrics.csv', made);
  await metrics.begin();
  write('logs/version_1/metrics.csv', 'epoch,acc\n1,0.9\n', 9);
  write('logs/version_0/metrics.csv', 'epoch,acc\n1,0.1\n', 5);
  expect(await metrics.records(true)).toEqual({
    records: [{ epoch: 1, values: { acc: 0.9 } }],
    file: 'logs/version_1/metrics.csv',
    isWhole: false,
  });
});

test('files that were there count only once they are changed', async () => {
  const { made, write } = await folders();
  write('metrics.json', '{"acc": 0.1}');
  const metrics = new FileMetrics('metrics.json', made);
  await metrics.begin();
  expect(await metrics.records(true)).toMatchObject({ records: [], file: null });
  appendFileSync(join(made.source, 'metrics.json'), '\n{"acc": 0.2}');
  expect(await metrics.records(true)).toMatchObject({ records: { length: 2 }, isWhole: true });
});

test('a path may be relative to the folder that the program starts in', async () => {
  const { made, write } = await folders();
  const metrics = new FileMetrics('metrics.json', made, 'packages/model');
  await metrics.begin();
  write('packages/model/metrics.json', '{"acc": 0.9}');
  expect(await metrics.records(true)).toMatchObject({ file: 'packages/model/metrics.json', records: { length: 1 } });
});

const FILE = { objective: { file: '**/metrics.csv' } };

test('a file in MODEL_DIR gives the metrics of a trial, and what was reported before a resume stays', async () => {
  const at = await place(
    `if [ -e "$CHECKPOINT_DIR/once" ]; then printf 'epoch,score,loss\\n2,0.7,1\\n' > "$MODEL_DIR/metrics.csv"; else
       mkdir logs; printf 'epoch,score,loss\\n1,0.4,2\\n' > logs/metrics.csv; touch "$CHECKPOINT_DIR/once"; exit 75; fi`,
    FILE,
  );
  await at.attempt();
  const { result } = await at.attempt();
  expect(result).toMatchObject({ value: 0.7, epoch: 2, curve: [[1, 0.4], [2, 0.7]] }); // biome-ignore format: a curve
  expect(result!.facts.metricsFile).toBe('MODEL_DIR/metrics.csv');
  expect(await at.file('metrics.jsonl', result!.attempt)).toBe(
    '{"epoch":1,"score":0.4,"loss":2}\n{"epoch":2,"score":0.7,"loss":1}\n',
  );
});

test('a trial that reported no metric names the files with numbers that it wrote, and the line passed over', async () => {
  const at = await place(
    `echo score 0.5 >> "$METRICS_FILE"; mkdir out; printf 'epoch,score\\n1,2\\n' > out/a.csv; echo '{}' > b.json`,
    { source: { 'config.json': '{"score": 1}' } },
  );
  const { result } = await at.attempt();
  expect(result!.failure!.reason).toBe(
    'it reported no metrics, but objective.metric is score; line 1 of METRICS_FILE was passed over, because it is not a JSON object: "score 0.5"; it wrote numbers to out/a.csv (score), which objective.file can name',
  );
});

test.each([
  ['no such file', 'true', /it wrote no file with numbers that objective.file \*\*\/metrics.csv names/],
  ['no such key', `printf 'epoch,scores\\n1,2\\n' > metrics.csv`, /it reported scores, .* did you mean scores\?/],
  ['a FIFO', 'mkfifo metrics.csv', /it wrote no file/],
])('%s fails the trial by name', async (_, script, reason) => {
  const { result } = await (await place(script, FILE)).attempt();
  expect(result!.failure!.reason).toMatch(reason);
});
