import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Place, type Summary, SWEEP } from '../support/sweep-command.ts';

// One sweep, and what lies beside it afterwards: each test runs the same command once more.

const SPEC = `name: same
search: { space: { x: [1, 2] } }
objective: { metric: score }
training: { command: [sh, train.sh], source: ., epochs: 1 }
`;

let place: Place;
let first: Summary;

beforeAll(async () => {
  place = new Place().write({
    'sweep.yaml': SPEC,
    'train.sh': 'echo "{\\"score\\": $X}" >> "$METRICS_FILE"\necho weights > "$MODEL_DIR/w"\n',
  });
  first = await place.run();
});
afterAll(() => place.remove());

const reused = { planned: 2, trained: 0, reused: 2, failed: 0 };

test('what sweep wrote beside the code, other specs and notes train nothing again', async () => {
  const shell = (command: string) =>
    execFileSync('sh', ['-c', command], {
      cwd: place.project,
      env: { ...process.env, XDG_CACHE_HOME: join(place.root, 'cache'), SWEEP: `${process.execPath} ${SWEEP}` },
      stdio: 'pipe',
    });
  shell(
    '$SWEEP report same --html report.html; $SWEEP export same --to t.jsonl; $SWEEP model same best --to best-model',
  );
  place.write({ 'other.yaml': SPEC.replace('same', 'other'), 'NOTES.md': 'a thought' });
  expect((await place.run()).trials).toEqual(reused);
  shell('$SWEEP run sweep.yaml > run.txt 2>&1; $SWEEP status same > status.txt');
  expect((await place.run()).trials).toEqual(reused);
});

test.runIf(process.platform === 'linux')('nor does what tee writes', async () => {
  const command = '$SWEEP run sweep.yaml 2>&1 | tee log.txt > /dev/null';
  const options = { cwd: place.project, env: { ...process.env, XDG_CACHE_HOME: join(place.root, 'cache') } };
  execFileSync('sh', ['-c', command.replace('$SWEEP', `${process.execPath} ${SWEEP}`)], options);
  expect((await place.run()).trials).toEqual(reused);
});

test("an own output that somebody changed is somebody's own, and the difference is named", async () => {
  place.write({ 't.jsonl': 'mine now' });
  const { status, stderr } = await place.sweep(['run', 'sweep.yaml']);
  expect(status, stderr).toBe(0);
  expect(stderr).toMatch(
    new RegExp(
      `Since ${first.sweepId}, these files of the source differ: t\\.jsonl \\(new\\)\\. So this is a new sweep`,
    ),
  );
});

test('on a terminal, training it all again is asked for first', async () => {
  place.write({ 'train.sh': 'echo "{\\"score\\": 3}" >> "$METRICS_FILE"\n' });
  const terminal = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';
  const { status, stdout } = spawnSync('python3', ['-c', terminal, process.execPath, SWEEP, 'run', 'sweep.yaml'], {
    cwd: place.project,
    env: { ...process.env, XDG_CACHE_HOME: join(place.root, 'cache') },
    input: 'n\n',
    encoding: 'utf8',
  });
  expect(stdout).toMatch(/train\.sh \(changed\).*Train all of its trials\? \[y\/N\].*Nothing was trained\./s);
  expect(status).toBe(1);
  expect((await place.run(['--yes'])).trials).toMatchObject({ trained: 2 });
});

describe('a program that writes into the data', () => {
  let writing: Place;
  beforeAll(() => {
    writing = new Place().write({
      'sweep.yaml': SPEC.replace('source: .', 'source: ./code, data: ./data'),
      'code/train.sh': 'echo $X > "$DATA_DIR/labels.cache"\necho "{\\"score\\": $X}" >> "$METRICS_FILE"\n',
      'data/a.txt': '1',
    });
  });
  afterAll(() => writing.remove());

  test('has its new files named, and nothing is trained again for them', async () => {
    const { stderr } = await writing.sweep(['run', 'sweep.yaml']);
    expect(stderr).toContain('new files appeared in the data: labels.cache.');
    expect((await writing.run()).trials).toEqual(reused);
  });

  test('fails the sweep where it changes a file, by name', async () => {
    writing.write({ 'code/train.sh': 'echo $X >> "$DATA_DIR/a.txt"\necho "{\\"score\\": 1}" >> "$METRICS_FILE"\n' });
    const { status, error } = await writing.run([], {}, 1);
    expect([status, error]).toEqual(['failed', expect.stringMatching(/files of the data were changed: a\.txt;/)]);
  });
});
