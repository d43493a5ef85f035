// A sweep of the first format, as the version before format 2 left it (first-format/): its spec has names, choices and
// texts that are refused today. It is read, and not gone on with.
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BadInput } from '../../core/base/errors.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { FolderStore } from '../../storage/folder.ts';
import { bench } from '../lambdas/support.ts';
import { Place } from '../support/sweep-command.ts';

const RECORD = join(import.meta.dirname, 'first-format');
const SPEC = `name: first-format
sweepId: first-format
search: { space: { lora_rank: [4], fraction: [0.5, 1.0] } }
objective: { metric: score, goal: maximize }
training: { command: [sh, -c, 'echo "{\\"score\\": {fraction}}" >> "$METRICS_FILE"'], epochs: 1 }
`;

/** Every file below a folder, with what is in it. */
const contents = (folder: string): [path: string, content: string][] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => [path, readFileSync(path, 'latin1')]);

test('it is read with all that its spec allowed then', async () => {
  const spec = await sweepObjects(new FolderStore(RECORD), 'first-format').definition.spec();
  expect(spec).toMatchObject({ format: 1, search: { space: { rank: [4], fraction: [0.5, 1], kind: [1, '1'] } } });
});

test('PlanRound refuses it by name, and changes nothing', async () => {
  const { store, plan } = bench();
  const folder = fileURLToPath(store.url);
  cpSync(RECORD, folder, { recursive: true });
  const before = contents(folder);
  const spec = { sweepId: 'first-format', search: { space: { x: [1] } } };
  await expect(plan(spec)).rejects.toThrow(BadInput);
  await expect(plan(spec)).rejects.toThrow(
    /^sweepId: the sweep first-format was made by an earlier version .*format 1.*warmStart: \[first-format\]/,
  );
  expect(contents(folder)).toEqual(before);
});

describe('the command', () => {
  let place: Place;
  beforeAll(() => {
    place = new Place().write({ 'sweep.yaml': SPEC });
    cpSync(RECORD, join(place.project, '.sweepstack/store'), { recursive: true });
  });
  afterAll(() => place.remove());

  test('refuses to run it, and changes nothing', async () => {
    const before = contents(place.project);
    const { status, stderr } = await place.sweep(['run', 'sweep.yaml']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/sweepId: the sweep first-format was made by an earlier version/);
    expect(contents(place.project)).toEqual(before);
  });

  test('refuses to train one of its trials again', async () => {
    const { status, stderr } = await place.sweep(['reproduce', 'first-format', '2']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/first-format was made by an earlier version/);
  });

  test.each([
    ['status', ['status', 'first-format'], /fraction=1 +kind=1 +rank=4/],
    ['report', ['report', 'first-format'], /1d633849b7ff12cb/],
    ['list', ['list'], /first-format +succeeded .* 4\/4/],
    ['export', ['export', 'first-format', '--to', 'trials.jsonl'], /trials\.jsonl/],
    ['model', ['model', 'first-format', '--to', 'model'], /model/],
    ['logs', ['logs', 'first-format', '2'], /^/],
  ])('%s reads it', async (_, args, answer) => {
    const { status, stdout, stderr } = await place.sweep(args);
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(answer);
  });

  test('another sweep learns from it, and compare sets both side by side', async () => {
    const learning = `${SPEC.replace('sweepId: first-format', 'sweepId: second').replace('lora_rank: [4], ', '')}`;
    place.write({
      'second.yaml': learning.replace(
        'search: {',
        'search: { strategy: bayesian, trials: 2, rounds: 1, warmStart: [first-format],',
      ),
    });
    const { status, stdout, stderr } = await place.sweep(['run', 'second.yaml', '--json']);
    expect(status, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ warmStart: [{ sweepId: 'first-format', trials: 4, used: 4 }] });
    const compared = await place.sweep(['compare', 'first-format', 'second']);
    expect(compared.status, compared.stderr).toBe(0);
  });
});
