import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BoardTrial, Place, type Summary, trialsOf } from '../support/sweep-command.ts';

const places: Place[] = [];
function newPlace(): Place {
  const place = new Place();
  places.push(place);
  return place;
}
afterAll(() => {
  for (const place of places) place.remove();
});

/** Each kind of trouble is one value of a parameter; the good trials stand before and after. */
const PROGRAM = `report() { echo "$1" >> "$METRICS_FILE"; }
case "$KIND" in
  good | fine) report '{"score": 1}' ;;
  crash) report '{"score": 5}'; echo 'out of ideas' >&2; exit 3 ;;
  nan) report '{"score": NaN}'; report '{"score": Infinity}' ;;
  diverge) report '{"score": 0.5}'; report '{"score": NaN}' ;;
  half) printf '{"score": 0.' >> "$METRICS_FILE" ;;
  torn) report '{"score": 0.25}'; printf '{"score": 0.9' >> "$METRICS_FILE" ;;
  silent) echo 'all done' ;;
  misnamed) report '{"scor": 1}' ;;
  unreadable) echo 'train.py: 3 of 4 image files cannot be read' >&2; exit 81 ;;
  signal) ulimit -c 0; kill -SEGV $$ ;;
  hang) exec sleep 600 ;;
  stubborn) trap '' TERM; while :; do sleep 1; done ;;
esac
`;
const spec = (kinds: readonly string[], more = '') => `name: trouble
sweepId: trouble-1
search: { space: { kind: [${kinds.join(', ')}] } }
objective: { metric: score, goal: maximize }
training: { command: [sh, train.sh], source: ., epochs: 2 }
${more}`;

describe('a trial fails alone, by class:', () => {
  const kinds = [
    'good',
    'crash',
    'nan',
    'diverge',
    'half',
    'torn',
    'silent',
    'misnamed',
    'unreadable',
    'signal',
    'fine',
  ];
  let summary: Summary;
  let trials: Map<unknown, BoardTrial>;

  beforeAll(async () => {
    const place = newPlace().write({
      'sweep.yaml': spec(kinds, 'tolerance: { failedTrials: 7 }'),
      'train.sh': PROGRAM,
    });
    summary = await place.run(['--max-parallel', '2']);
    trials = new Map(trialsOf(summary).map((trial) => [trial.parameters['kind'], trial]));
  });

  test('one that crashes, also after it reported a value', () => {
    expect(trials.get('crash')).toMatchObject({ status: 'failed', failureClass: 'exit-status', value: null });
  });

  test('one that prints only NaN and Infinity', () => {
    expect(trials.get('nan')).toMatchObject({ status: 'failed', failureClass: 'non-finite', value: null });
  });

  test('not one that diverges half-way: it succeeded, marked diverged', () => {
    expect(trials.get('diverge')).toMatchObject({ status: 'succeeded', diverged: true, value: 0.5 });
  });

  test('one that writes half a line of JSON and no more', () => {
    expect(trials.get('half')).toMatchObject({ status: 'failed', failureClass: 'no-metric' });
  });

  test('not one whose last line is torn: the lines before it count', () => {
    expect(trials.get('torn')).toMatchObject({ status: 'succeeded', value: 0.25 });
  });

  test('one that writes no metric', () => {
    expect(trials.get('silent')).toMatchObject({ status: 'failed', failureClass: 'no-metric' });
  });

  test('one that reports another metric', () => {
    expect(trials.get('misnamed')).toMatchObject({ status: 'failed', failureClass: 'no-metric' });
  });

  test('one that says by its exit status what it was', () => {
    expect(trials.get('unreadable')).toMatchObject({ status: 'failed', failureClass: 'data-unreadable' });
  });

  test('one that ends itself with a signal', () => {
    expect(trials.get('signal')).toMatchObject({ status: 'failed', failureClass: 'signal' });
  });

  test('and the good trials before and after it succeed', () => {
    expect(trials.get('good')).toMatchObject({ status: 'succeeded', rank: 1 });
    expect(trials.get('fine')).toMatchObject({ status: 'succeeded', rank: 2 });
  });

  test('and within the tolerance the sweep succeeds, with the failed trials counted', () => {
    expect(summary).toMatchObject({ status: 'succeeded', trials: { planned: 11, trained: 11, failed: 7 } });
  });

  test('and a failed trial has no rank and stands below every one that succeeded', () => {
    const board = trialsOf(summary);
    expect(board.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, null, null, null, null, null, null, null]);
  });

  test('and facts.json holds the end of what a crashed program printed, and a remedy', () => {
    const file = join(summary.leaderboard, '../../store/sweeps/trouble-1/facts.json');
    const { failures } = JSON.parse(readFileSync(file, 'utf8')) as { failures: { class: string }[] };
    expect(failures.find((failure) => failure.class === 'exit-status')).toMatchObject({
      count: 1,
      remedy: expect.any(String),
      example: { logTail: 'out of ideas' },
    });
  });
});

describe('a trial past its timeout', () => {
  let trials: Map<unknown, BoardTrial>;
  beforeAll(async () => {
    const more = 'tolerance: { failedTrials: 2 }\ncompute: { timeoutMinutes: 0.02, maxParallel: 3 }\n';
    const place = newPlace().write({ 'sweep.yaml': spec(['good', 'hang', 'stubborn'], more), 'train.sh': PROGRAM });
    trials = new Map(trialsOf(await place.run()).map((trial) => [trial.parameters['kind'], trial]));
  });

  test('is ended and fails with its class', () => {
    expect(trials.get('hang')).toMatchObject({ status: 'failed', failureClass: 'timeout' });
  });

  test('is killed when it ignores SIGTERM, and fails with the same class', () => {
    expect(trials.get('stubborn')).toMatchObject({ status: 'failed', failureClass: 'timeout' });
  });

  test('takes no other trial with it', () => {
    expect(trials.get('good')).toMatchObject({ status: 'succeeded', value: 1 });
  });
});

test('a command that does not exist fails the trial as setup, and the message names it', async () => {
  const place = newPlace();
  const text = spec(['sh', 'no-such-program'], 'tolerance: { failedTrials: 1 }');
  place.write({ 'sweep.yaml': text.replace('[sh, train.sh]', '["{kind}", good.sh]') });
  place.write({ 'good.sh': `echo '{"score": 1}' >> "$METRICS_FILE"\n` });
  const { status, stdout, stderr } = await place.sweep(['run', 'sweep.yaml', '--json']);
  expect(status, stderr).toBe(0);
  const [good, bad] = trialsOf(JSON.parse(stdout) as Summary);
  expect(good).toMatchObject({ status: 'succeeded', parameters: { kind: 'sh' } });
  expect(bad).toMatchObject({ status: 'failed', failureClass: 'setup' });
  expect(stderr).toMatch(/not found.*no-such-program|no-such-program.*not found/);
});

describe('above the tolerance', () => {
  let place: Place;
  let summary: Summary;
  let stderr: string;
  beforeAll(async () => {
    place = newPlace().write({
      'sweep.yaml': spec(['good', 'crash', 'signal'], 'tolerance: { failedTrials: 1 }'),
      'train.sh': `${PROGRAM}echo model > "$MODEL_DIR/m"\n`,
    });
    const ended = await place.sweep(['run', 'sweep.yaml', '--json']);
    expect(ended.status, ended.stderr).toBe(1);
    summary = JSON.parse(ended.stdout) as Summary;
    stderr = ended.stderr;
  });

  test('the sweep fails and its error holds the counts', () => {
    expect(summary).toMatchObject({ status: 'failed', trials: { planned: 3, failed: 2 } });
    expect(summary.error).toMatch(/\b2\b.*\b3\b/);
    expect(summary.error).toMatch(/\b1\b/);
  });

  test('each failed trial had its line with class and reason on stderr', () => {
    expect(stderr).toMatch(/exit-status: the program exited with status 3: out of ideas/);
    expect(stderr).toMatch(/signal: the program was terminated by SIGSEGV/);
  });

  test('leaderboard, report and best are written all the same', () => {
    expect(trialsOf(summary).map(({ status }) => status)).toEqual(['succeeded', 'failed', 'failed']);
    expect(existsSync(summary.report)).toBe(true);
    expect(summary.best).toMatchObject({ parameters: { kind: 'good' }, value: 1 });
    expect(readFileSync(join(summary.best!.model!, 'm'), 'utf8')).toBe('model\n');
  });

  test('no champion is promoted', () => {
    expect(existsSync(join(place.project, '.sweepstack/store/models/trouble/champion.json'))).toBe(false);
  });
});

test('a sweep that succeeds promotes its best trial to champion', async () => {
  const place = newPlace().write({
    'sweep.yaml': spec(['good']),
    'train.sh': `${PROGRAM}echo model > "$MODEL_DIR/m"\n`,
  });
  const { best } = await place.run();
  const champion = readFileSync(join(place.project, '.sweepstack/store/models/trouble/champion.json'), 'utf8');
  expect(JSON.parse(champion)).toMatchObject({ sweepId: 'trouble-1', trialId: best!.trialId });
});
