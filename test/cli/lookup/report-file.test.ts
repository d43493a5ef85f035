import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { keepReport, liveReportOf, writeReport } from '../../../cli/lookup/report-file.ts';
import type { ReportData } from '../../../core/report/data.ts';
import { bench, finish, leave, spec, submitted, train } from '../../lambdas/support.ts';

const dataOf = (page: string): ReportData => JSON.parse(/id="data">(.*?)<\/script>/s.exec(page)![1]!);

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'sweepstack-live-report-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

test('a round that runs is reported by the results that are there, and what is to come is counted', async () => {
  const at = bench();
  const first = await at.plan(spec({ strategy: 'bayesian', rounds: 2 }));
  await train(at, first, ({ trial }) => trial / 10);
  await finish(at, first);
  const second = await at.plan(spec({ strategy: 'bayesian', rounds: 2 }), 1);
  const [one] = await submitted(at, second);
  await leave(at, 'sweep-1', one!, 0.9);
  const report = liveReportOf(at.store, 'sweep-1');
  const data = dataOf((await report.compose())!);
  expect(data).toMatchObject({
    status: 'running',
    counts: { planned: 4, succeeded: 4, failed: 0 },
    waiting: 2,
    best: { trial: one!.trial, value: 0.9 },
  });
  for (const trial of (await submitted(at, second)).slice(1)) await leave(at, 'sweep-1', trial, null);
  expect(dataOf((await report.compose())!)).toMatchObject({ counts: { planned: 6, failed: 2 }, waiting: 0 });
});

test('before its first round was judged, a sweep has a leaderboard of the results that are there', async () => {
  const at = bench();
  const report = liveReportOf(at.store, 'sweep-1');
  expect(await report.known()).toBeNull();
  const [one, two] = await submitted(at, await at.plan(spec()));
  await leave(at, 'sweep-1', one!, 0.9);
  await leave(at, 'sweep-1', two!, null);
  const { leaderboard, metadata } = (await report.known())!;
  expect(leaderboard.trials.map(({ rank, trial }) => [rank, trial])).toEqual([
    [1, one!.trial],
    [null, two!.trial],
  ]);
  expect(metadata.failures).toMatchObject([{ count: 1, example: { trial: two!.trial } }]);
});

test('results that were judged by another objective are reported by the one of today', async () => {
  const at = bench();
  const [one] = await submitted(at, await at.plan(spec()));
  await leave(at, 'sweep-1', one!, 0.9);
  await at.store.put(
    `sweeps/sweep-1/trials/${one!.id}/1-abcde${one!.epochs}/metrics.jsonl`,
    '{"epoch": 1, "val_accuracy": 0.9, "val_loss": 0.3}\n{"epoch": 2, "val_accuracy": 0.8, "val_loss": 0.2}\n',
  );
  const recorded = JSON.parse((await at.store.get('sweeps/sweep-1/spec.json'))!.body.toString());
  recorded.objective = { metric: 'val_loss', goal: 'minimize', at: 'best' };
  const { checksum: _, ...older } = recorded;
  await at.store.put('sweeps/sweep-1/spec.json', JSON.stringify(older));
  expect(dataOf((await liveReportOf(at.store, 'sweep-1').compose())!)).toMatchObject({
    best: { trial: one!.trial, value: 0.2, epoch: 2 },
  });
});

test('a sweep that was judged is reported as the select function wrote it', async () => {
  const at = bench();
  const planned = await at.plan(spec());
  await train(at, planned, ({ trial }) => trial / 10);
  await finish(at, planned);
  const page = (await liveReportOf(at.store, 'sweep-1').compose())!;
  expect(page).toBe((await at.store.get('sweeps/sweep-1/report.html'))!.body.toString());
  expect(dataOf(page)).toMatchObject({ status: 'succeeded', waiting: 0 });
});

test('a page that was changed in the store is made anew', async () => {
  const at = bench();
  const planned = await at.plan(spec());
  await train(at, planned, ({ trial }) => trial / 10);
  await finish(at, planned);
  const written = (await at.store.get('sweeps/sweep-1/report.html'))!.body.toString();
  await at.store.put('sweeps/sweep-1/report.html', written.replaceAll('0.5', '0.7'));
  const made = dataOf((await liveReportOf(at.store, 'sweep-1').compose())!);
  expect({ ...made, writtenAt: '' }).toEqual({ ...dataOf(written), writtenAt: '' });
});

test('before the first round there is nothing to report', async () => {
  expect(await writeReport(liveReportOf(bench().store, 'sweep-1'), join(folder(), 'report.html'))).toBe(false);
});

test('it is written again and again, said once, and a last time at the end', async () => {
  const at = bench();
  const planned = await at.plan(spec());
  const [one, two] = await submitted(at, planned);
  await leave(at, 'sweep-1', one!, 0.5);
  const file = join(folder(), 'deep', 'report.html');
  const said: string[] = [];
  const kept = keepReport({
    store: at.store,
    sweepId: 'sweep-1',
    file,
    say: (text) => void said.push(text),
    every: 20,
  });
  const read = () => {
    try {
      return dataOf(readFileSync(file, 'utf8')).counts.planned;
    } catch {
      return 0;
    }
  };
  await expect.poll(read).toBe(1);
  await leave(at, 'sweep-1', two!, 0.6);
  await expect.poll(read).toBe(2);
  await train(at, planned, () => 0.1);
  await kept.stop();
  expect(read()).toBe(6);
  expect(said).toEqual([expect.stringContaining(file)]);
});

test('a place that cannot be written is said, and ends nothing', async () => {
  const at = bench();
  const planned = await at.plan(spec());
  await leave(at, 'sweep-1', (await submitted(at, planned))[0]!, 0.5);
  const blocked = join(folder(), 'file');
  writeFileSync(blocked, '');
  const said: string[] = [];
  const kept = keepReport({
    store: at.store,
    sweepId: 'sweep-1',
    file: join(blocked, 'report.html'),
    say: (text) => void said.push(text),
  });
  await kept.stop();
  expect(said).toEqual([expect.stringContaining('could not be written')]);
});
