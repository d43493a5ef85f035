import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get, type IncomingMessage, type RequestOptions } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BoardTrial, Place, type Summary, trialsOf } from '../support/sweep-command.ts';

const SPEC = `# first try
name: out
search:
  strategy: random
  trials: 12
  space:
    rate: { min: 0.0001, max: 1, scale: log }
    drop: { min: 0, max: 0.5, step: 0.1 }
    layers: { min: 1, max: 6, type: integer }
    width: { min: 8, max: 512, type: integer, scale: log }
    kind: [adam, sgd, null]
    shape: [[64, 64], { a: 1 }]
    momentum: { min: 0.8, max: 0.99, when: { kind: sgd } }
objective: { metric: loss }
training: { command: [sh, train.sh], source: ., epochs: 2 }
tolerance: { failedTrials: 100% }
`;
/** Two epochs; trials of six layers fail. */
const PROGRAM = `[ $LAYERS = 6 ] && exit 3
for e in 1 2; do echo "{\\"epoch\\": $e, \\"loss\\": $((LAYERS * 10 - e))}" >> "$METRICS_FILE"; done
`;

let place: Place;
let summary: Summary;
let trials: readonly (BoardTrial & { readonly trial: number })[];
beforeAll(async () => {
  place = new Place();
  summary = await place.write({ 'sweep.yaml': SPEC, 'train.sh': PROGRAM }).run();
  trials = trialsOf(summary).toSorted((a, b) => a.trial - b.trial);
}, 60_000);
afterAll(() => place.remove());

const exported = async (format: string) => {
  const file = join(place.out, `trials.${format}`);
  const { status, stderr } = await place.sweep(['export', summary.sweepId, '--format', format, '--to', file]);
  expect(status, stderr).toBe(0);
  return file;
};

test('Optuna reads every trial from the journal: state, value, parameters, learning curve', async () => {
  const file = await exported('optuna');
  const uv = ['run', '--frozen', '--project', 'test/python', 'python', 'test/python/read_journal.py', file];
  const { status, stdout, stderr } = spawnSync(process.env['UV'] ?? 'uv', uv, { encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  const journal = JSON.parse(stdout);
  expect(journal).toMatchObject({ study: summary.sweepId, direction: 'MINIMIZE' });
  const text = (value: unknown) => (typeof value === 'object' && value !== null ? JSON.stringify(value) : value);
  expect(journal.trials).toEqual(
    trials.map(({ trial, id, value, parameters }) => ({
      number: trial,
      state: value === null ? 'FAIL' : 'COMPLETE',
      value,
      params: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, text(value)])),
      curve: value === null ? {} : { '1': value + 1, '2': value },
      id,
    })),
  );
});

describe('JSON lines', () => {
  test('hold one flat object a trial', async () => {
    const lines = readFileSync(await exported('jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toHaveLength(12);
    const best = lines[0];
    expect(best).toMatchObject({
      rank: 1,
      params_layers: summary.best!.parameters['layers'],
      value: summary.best!.value,
    });
    expect(best.seconds).toBeGreaterThan(0);
  });

  test('are not written over a file that is there', async () => {
    place.write({ 'there.jsonl': 'mine' });
    const { status, stderr } = await place.sweep(['export', summary.sweepId, '--to', 'there.jsonl']);
    expect(status).toBe(2);
    expect(stderr).toContain('--to');
    expect(readFileSync(join(place.project, 'there.jsonl'), 'utf8')).toBe('mine');
  });
});

test('next tells what speaks against the winner, and writes a spec beside the first one that keeps its comments and plans', async () => {
  const { status, stdout, stderr } = await place.sweep(['next', summary.sweepId, '--json']);
  expect(status, stderr).toBe(0);
  const { file, steps } = JSON.parse(stdout);
  expect(steps).toContainEqual({ kind: 'confirm', top: 3, seeds: 3 });
  expect(file).toBe(join(place.project, 'sweep-next.yaml'));
  const text = readFileSync(file, 'utf8');
  expect(text).toContain('\n# first try\n');
  expect(text).toContain(`# After ${summary.sweepId}:\n# Confirm the best 3 with 3 new seeds each.`);
  const planned = await place.sweep(['plan', file, '--json']);
  expect(planned.status, planned.stderr).toBe(0);
  // Two specs of one name are there now; the one that the sweep was made from is known by its search.
  const again = await place.sweep(['next', summary.sweepId, '--json']);
  expect(JSON.parse(again.stdout).file).toBe(join(place.project, 'sweep-next-2.yaml'));
});

test('view serves the list and each report to this machine alone, and Ctrl-C ends it', async () => {
  const { child, ended } = place.start(['view', '--json']);
  const said = await new Promise<string>((resolve) => child.stdout!.once('data', (text: string) => resolve(text)));
  const { url } = JSON.parse(said);
  const answerOf = async (path: string, options: RequestOptions = {}) => {
    const request = get(new URL(path, url), options);
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    let body = '';
    for await (const chunk of answer.setEncoding('utf8')) body += chunk;
    return { status: answer.statusCode, body };
  };
  expect((await answerOf('/')).body).toContain(`<a href="/sweeps/${summary.sweepId}">`);
  expect((await answerOf(`/sweeps/${summary.sweepId}`)).body).toBe(readFileSync(summary.report, 'utf8'));
  expect((await answerOf('/sweeps/..%2F..%2Fetc')).status).toBe(404);
  expect((await answerOf('/', { headers: { host: 'evil.example' } })).status).toBe(403);
  expect((await answerOf('/', { method: 'PUT' })).status).toBe(405);
  child.kill('SIGINT');
  expect((await ended).status).toBe(0);
});
