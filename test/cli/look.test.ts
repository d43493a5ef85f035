import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { localSweeps } from '../../cli/lookup/find.ts';
import { progressOf } from '../../cli/lookup/progress-of.ts';
import { dollarsText } from '../../core/money/dollars.ts';
import { type Ended, Place, type Summary, trialsOf } from '../support/sweep-command.ts';

const SPEC = `name: look
sweepId: look-1
search: { space: { x: [1, 2, 3] } }
objective: { metric: score, goal: maximize }
training: { command: [sh, train.sh], source: ., epochs: 1 }
tolerance: { failedTrials: 1 }
compute: { dollarsPerHour: 3600 }
`;
/** The trial with x = 2 crashes; the best is x = 3. */
const PROGRAM = `echo "hello from x=$X"
[ "$X" != 2 ] || { echo 'two is too many' >&2; exit 4; }
echo "{\\"score\\": $X}" >> "$METRICS_FILE"
mkdir "$MODEL_DIR/deep"; echo "$X" > "$MODEL_DIR/deep/x.txt"
`;
const FILES = { 'sweep.yaml': SPEC, 'train.sh': PROGRAM };

describe('at a sweep that has ended,', () => {
  let place: Place;
  let summary: Summary;
  let printed: string;
  beforeAll(async () => {
    place = new Place().write(FILES);
    const ended = await place.sweep(['run', 'sweep.yaml', '--json']);
    summary = JSON.parse(ended.stdout) as Summary;
    printed = ended.stderr;
  });
  afterAll(() => place.remove());

  const done = (ended: Ended): string => {
    expect(ended.status, ended.stderr).toBe(0);
    return ended.stdout;
  };
  const text = async (...args: string[]) => done(await place.sweep(args));
  const json = async (...args: string[]): Promise<unknown> => JSON.parse(await text(...args, '--json'));

  test('list shows a line a sweep', async () => {
    const [header, line] = (await text('list')).split('\n');
    expect(header).toMatch(/^sweep +status +begun +took +trials +best +cost +where/);
    expect(line).toMatch(
      /^look-1 +succeeded +\d{4}-\d\d-\d\d \d\d:\d\d +\d+s +3\/3 +score 3 +\$\d+\.\d\d +.*\.sweepstack$/,
    );
  });

  test('list --json is a list with the same', async () => {
    expect(await json('list')).toEqual([
      expect.objectContaining({
        sweepId: 'look-1',
        status: 'succeeded',
        trials: { planned: 3, finished: 3, failed: 1 },
        workdir: join(place.project, '.sweepstack'),
      }),
    ]);
  });

  test('list finds the sweep from another folder', async () => {
    const ended = await place.sweep(['list', '--json'], { folder: place.out });
    expect(JSON.parse(ended.stdout)).toMatchObject([{ sweepId: 'look-1' }]);
  });

  test('status tells counts, the best and each class of failure with its remedy and the end of a log', async () => {
    const shown = await text('status', 'look-1');
    expect(shown).toMatch(/^look-1 {2}succeeded\n█+ {2}3 of 3 trials\ntime +\d+s of training\n/);
    expect(shown).toMatch(/\nbest +score 3 {2}trial 2 .*\n +x=3\nfailed +1 exit-status\n/);
    expect(shown).toMatch(/1 exit-status.*: trial 1 .*status 4: two is too many\n.*sweep logs look-1 1\n/);
  });

  test('costs tells what it cost, by outcome and by trial, as its run metadata does', async () => {
    const shown = await text('costs');
    expect(shown).toMatch(/\ndollars +\$\d+\.\d\d; \$\d+\.\d\d until the best was found\n/);
    expect(shown).toMatch(/\nwent to +\$.* to trials that succeeded, \$.* to trials that failed\n/);
    expect(shown).toMatch(/\nphases +\d.* training, .* fetching, .* uploading at the end, \d.* waiting\n/);
    expect(shown).toMatch(/\nprice +\$3600\.000 an hour: your own price\n/);
    const account = (await json('costs')) as { dollars: number; trials: { trial: number; dollars: number }[] };
    expect(account.trials.map(({ trial }) => trial)).toEqual([0, 1, 2]);
    const sum = account.trials.reduce((all, { dollars }) => all + dollars, 0);
    expect(sum).toBeCloseTo(account.dollars, 6);
    const { costs } = (await json('status')) as { costs: { dollars: number } };
    expect(costs.dollars).toBeCloseTo(account.dollars, 6);
    expect(await text('status')).toMatch(
      /\ncost \$\d\S+ \(your own price\), \$.* until the best was found; more: sweep costs look-1\n/,
    );
    // The last line that the run showed of it.
    expect(printed).toContain(
      `3 of 3 trials done, 1 failed (1 exit-status), 0 running, ${dollarsText(account.dollars)}\n`,
    );
    expect(summary).toMatchObject({ costs: { dollars: costs.dollars } });
  });

  test('plan quotes all trials for AWS, though they were trained here', async () => {
    const { stdout, stderr } = await place.sweep(['plan', 'sweep.yaml', '--epoch-seconds', '60', '--json']);
    expect(JSON.parse(stdout), stderr).toMatchObject({ sweepId: 'look-1', cost: { quote: { trainings: 3 } } });
  });

  test('status without an id takes the newest sweep, and says which', async () => {
    const { stdout, stderr } = await place.sweep(['status', '--json']);
    expect(stderr).toBe('look-1, the only sweep here:\n');
    expect(JSON.parse(stdout)).toMatchObject({
      sweepId: 'look-1',
      status: 'succeeded',
      trials: { planned: 3, finished: 3, failed: 1 },
      best: { trialId: summary.best!.trialId, value: 3, parameters: { x: 3 } },
      failures: [{ class: 'exit-status', count: 1 }],
    });
  });

  test('status takes the beginning of an id', async () => {
    expect(await json('status', 'loo')).toMatchObject({ sweepId: 'look-1' });
  });

  test('report shows the leaderboard, best first', async () => {
    const shown = await text('report', 'look-1');
    const places = trialsOf(summary).map(({ id }) => shown.indexOf(id));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(shown).toMatch(/exit-status/);
  });

  test('report --json is the leaderboard', async () => {
    const { checksum: _, ...leaderboard } = JSON.parse(readFileSync(summary.leaderboard, 'utf8'));
    expect(await json('report', 'look-1')).toEqual(leaderboard);
  });

  test('report --limit cuts the table and says where all of it is', async () => {
    const { stdout, stderr } = await place.sweep(['report', 'look-1', '--limit', '1']);
    expect(stdout).not.toMatch(/exit-status/);
    expect(stderr).toMatch(/best 1 of 3; use --limit for more; .*leaderboard\.csv has all of them/);
  });

  test('report --html writes the page with the charts', async () => {
    const to = join(place.out, 'page.html');
    expect(await text('report', 'look-1', '--html', to)).toBe(`${to}\n`);
    expect(readFileSync(to)).toEqual(readFileSync(summary.report));
    expect(await json('report', 'look-1', '--html')).toEqual({ sweepId: 'look-1', report: summary.report });
  });

  test.each([['best'], ['#1'], ['2']])('logs prints what the trial %s printed', async (name) => {
    expect(await text('logs', 'look-1', name)).toBe('hello from x=3\n');
  });

  test('logs without a sweep takes the newest; without a trial, one that failed, and says so', async () => {
    expect(await text('logs', 'best')).toBe('hello from x=3\n');
    const { stdout, stderr } = await place.sweep(['logs']);
    expect(stdout).toBe('hello from x=2\ntwo is too many\n');
    expect(stderr).toMatch(/^look-1, the only sweep here:\nTrial 1 \(\w+\), which failed \(exit-status\):\n$/);
  });

  test('logs finds a trial by its id and by the beginning of it', async () => {
    const { id } = trialsOf(summary).at(-1)!;
    for (const name of [id, id.slice(0, 8)])
      expect(await text('logs', 'look-1', name)).toBe('hello from x=2\ntwo is too many\n');
  });

  test('logs --json holds the log as text', async () => {
    expect(await json('logs', 'look-1', '1')).toMatchObject({
      sweepId: 'look-1',
      trialId: trialsOf(summary).at(-1)!.id,
      log: 'hello from x=2\ntwo is too many\n',
    });
  });

  test('logs of a trial that is none says what is allowed', async () => {
    const { status, stderr } = await place.sweep(['logs', 'look-1', '17']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/received the trial "17"; allowed: .*\(0 to 2\)/);
  });

  test('model --to copies the best model and prints its folder', async () => {
    const to = join(place.root, 'best-model');
    expect(await text('model', 'look-1', '--to', to)).toBe(`${to}\n`);
    expect(readFileSync(join(to, 'deep/x.txt'), 'utf8')).toBe('3\n');
  });

  test('model --to copies the model of a trial that is named', async () => {
    const to = join(place.root, 'first-model');
    expect(await json('model', 'look-1', '0', '--to', to)).toMatchObject({ sweepId: 'look-1', model: to });
    expect(readFileSync(join(to, 'deep/x.txt'), 'utf8')).toBe('1\n');
  });

  test('model refuses a folder that is not empty, and leaves it as it is', async () => {
    const { status, stderr } = await place.sweep(['model', 'look-1', '--to', place.project]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/--to: .*not empty; allowed: a new or empty folder/);
    expect(existsSync(join(place.project, 'deep'))).toBe(false);
  });

  test('model of a trial that failed says that it has none, and makes no folder', async () => {
    const to = join(place.root, 'no-model');
    const { status, stderr } = await place.sweep(['model', 'look-1', '1', '--to', to]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/trial 1 .* has no model/);
    expect(existsSync(to)).toBe(false);
  });
});

describe('with a place of its own,', () => {
  let place: Place;
  beforeEach(() => {
    place = new Place();
  });
  afterEach(() => place.remove());

  const json = async (...args: string[]) => {
    const { status, stdout, stderr } = await place.sweep([...args, '--json']);
    expect(status, stderr).toBe(0);
    return JSON.parse(stdout) as Record<string, unknown>;
  };

  test('status counts the results that it left unread', async () => {
    await place.write(FILES).run();
    rmSync(join(place.project, '.sweepstack/store/sweeps/look-1/leaderboard.json'));
    const [sweep] = await localSweeps({ workdir: join(place.project, '.sweepstack') });
    expect(await progressOf(sweep!, 1)).toMatchObject({ unread: 2 });
    expect(await progressOf(sweep!)).toMatchObject({ unread: 0 });
  });

  test('list says that there is no sweep', async () => {
    const { status, stdout } = await place.sweep(['list']);
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: 'There are no sweeps here yet; start one with sweep run SPEC.\n',
    });
  });

  test('list --json is an empty list where there is no sweep', async () => {
    expect(await json('list')).toEqual([]);
  });

  test("remove deletes the sweep's objects and its folder of results, and the champion stays", async () => {
    await place.write(FILES).run();
    expect(await json('remove', 'look-1', '--yes')).toMatchObject({
      sweepId: 'look-1',
      removedObjects: expect.any(Number),
    });
    const workdir = join(place.project, '.sweepstack');
    expect(existsSync(join(workdir, 'look-1'))).toBe(false);
    expect(existsSync(join(workdir, 'store/sweeps/look-1/spec.json'))).toBe(false);
    expect(existsSync(join(workdir, 'store/models/look/champion.json'))).toBe(true);
    expect(await json('list')).toEqual([]);
  });

  test('a sweep that was removed is trained again from the start', async () => {
    await place.write(FILES).run();
    await json('remove', 'look-1', '--yes');
    expect((await place.run()).trials).toEqual({ planned: 3, trained: 3, reused: 0, failed: 1 });
  });

  test('remove refuses a sweep that runs', async () => {
    place.write({ ...FILES, 'train.sh': 'touch "$OUT/held"; while [ ! -e "$OUT/go" ]; do sleep 0.05; done\n' });
    const running = place.start(['run', 'sweep.yaml']);
    await place.appears('held', running);
    const { status, stderr } = await place.sweep(['remove', 'look-1', '--yes']);
    place.release('go');
    await running.ended;
    expect(status).toBe(2);
    expect(stderr).toMatch(/look-1 is running; stop it first/);
  });

  test('try tells what one trial of one epoch showed, and leaves nothing', async () => {
    place.write(FILES);
    const before = place.listing();
    const report = await json('try', 'sweep.yaml');
    expect(report).toMatchObject({
      status: 'succeeded',
      variables: ['X'],
      metric: 'score',
      metricKeys: ['score'],
      epochs: { asked: 1, reported: 1 },
      start: { line: 'sh train.sh' },
      failure: null,
      model: { files: 1, bytes: 2 },
      checkpoint: { files: 0, bytes: 0 },
      resumed: null,
    });
    expect(place.listing()).toEqual(before);
  });

  test('try shows the output of the program on stderr, and its memory', async () => {
    const files = { ...FILES, 'train.sh': `printf '\\033[31mred\\033[0m 1%%\\r2%%\\n'\n${FILES['train.sh']}` };
    const { stdout, stderr } = await place.write(files).sweep(['try', 'sweep.yaml']);
    expect(stderr).toMatch(/hello from x=/);
    // No terminal: without its colors, and a bar as it was drawn last.
    expect(stderr).toMatch(/^2%$/m);
    expect(stdout).toMatch(/one trial, one epoch: succeeded/);
    expect(stdout).toMatch(/^memory +(unknown|\S+ [kMG]B at its peak)$/m);
  });

  test('try trains the first trial that plan shows', async () => {
    place.write(FILES);
    const { firstTrials } = (await json('plan', 'sweep.yaml')) as { firstTrials: { parameters: unknown }[] };
    expect((await json('try', 'sweep.yaml'))['parameters']).toEqual(firstTrials[0]!.parameters);
  });

  test('try takes a trial of the plan by its number', async () => {
    place.write(FILES);
    const { firstTrials } = (await json('plan', 'sweep.yaml')) as { firstTrials: { parameters: unknown }[] };
    const report = await json('try', 'sweep.yaml', '--trial', '2');
    expect(report).toMatchObject({ trial: 2, parameters: firstTrials[2]!.parameters });
  });

  test.each([
    ['a trial beyond the plan', ['--trial', '3'], /--trial: received 3; allowed: 0 to 2/],
    ['a trial that is no number', ['--trial', 'best'], /allowed: a whole number, 0 or higher/],
    ['the largest where no name tells it', ['--largest'], /--largest: no parameter of x is named/],
    ['two trials at once', ['--trial', '1', '--largest'], /cannot be used with/],
  ])('try refuses %s', async (_, options, message) => {
    const { status, stderr } = await place.write(FILES).sweep(['try', 'sweep.yaml', ...options]);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  });

  test('try shows the command of the largest trial, the last metrics, and the epochs reported', async () => {
    const command = '[sh, train.sh, "{args}"]';
    const spec = SPEC.replace('x: [1, 2, 3]', 'batch_size: [8, 32, 16]').replace('[sh, train.sh]', command);
    const program = `echo '{"score": 1, "loss": 3}' >> "$METRICS_FILE"; echo '{"score": 2, "loss": NaN}' >> "$METRICS_FILE"\n`;
    const { status, stdout, stderr } = await place
      .write({ 'sweep.yaml': spec, 'train.sh': program })
      .sweep(['try', 'sweep.yaml', '--largest']);
    expect(status, stderr).toBe(0);
    expect(stderr).toMatch(/trial 1 of 3 has the largest batch_size/);
    expect(stdout).toMatch(/^trial {8}1: batch_size=32$/m);
    expect(stdout).toMatch(/^command {6}sh train.sh --batch_size=32$/m);
    expect(stdout).toMatch(/^metrics {6}loss not finite, score 2; the objective score: 2$/m);
    expect(stdout).toMatch(/^epochs {7}asked for 1, reported 2$/m);
  });

  test.each([
    ['reads its parameters', PROGRAM.replace(/^\[.*\n/m, ''), true, /^ +the metrics differ, so the parameters reach/m],
    [
      'ignores its parameters',
      `echo '{"score": 1}' >> "$METRICS_FILE"\n`,
      false,
      /^ +NO DIFFERENCE: .* X, and \{args\}/m,
    ],
  ])('try --twice tells whether a program %s', async (_, program, differs, words) => {
    place.write({ ...FILES, 'train.sh': program });
    const report = (await json('try', 'sweep.yaml', '--twice')) as Record<
      'parameters' | 'twice',
      { parameters: object }
    >;
    expect(report).toMatchObject({ status: 'succeeded', twice: { differs, unchanged: [], failure: null } });
    expect(report.twice.parameters).not.toEqual(report.parameters);
    expect((await place.sweep(['try', 'sweep.yaml', '--twice'])).stdout).toMatch(words);
  });

  test('try --twice does not judge the parameters where the second trial fails', async () => {
    const program = `[ "$X" = 1 ] || exit 4\necho '{"score": 1}' >> "$METRICS_FILE"\n`;
    place.write({ ...FILES, 'sweep.yaml': SPEC.replace('{ space', '{ strategy: grid, space'), 'train.sh': program });
    const { status, stdout, stderr } = await place.sweep(['try', 'sweep.yaml', '--twice']);
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(
      /cannot tell whether the parameters reach the program, because the second trial failed: .*4/,
    );
  });

  test('try --twice is refused where the space has one point', async () => {
    place.write({ ...FILES, 'sweep.yaml': SPEC.replace('[1, 2, 3]', '[1]') });
    const { status, stderr } = await place.sweep(['try', 'sweep.yaml', '--twice']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/--twice: the space has only one point/);
  });

  test('try tells of a checkpoint that the second epoch went on from', async () => {
    const program = `epoch=$(cat "$CHECKPOINT_DIR/epoch" 2> /dev/null || echo 0)
while [ "$epoch" -lt "$EPOCHS" ]; do
  epoch=$((epoch + 1)); echo "{\\"score\\": $epoch}" >> "$METRICS_FILE"; echo "$epoch" > "$CHECKPOINT_DIR/epoch"
done
`;
    place.write({ ...FILES, 'train.sh': program });
    expect(await json('try', 'sweep.yaml')).toMatchObject({ checkpoint: { files: 1 }, resumed: true });
  });

  test('try tells of a checkpoint that the program writes and does not read', async () => {
    const program = `for epoch in $(seq "$EPOCHS"); do echo "{\\"score\\": $epoch}" >> "$METRICS_FILE"; done
echo 1 > "$CHECKPOINT_DIR/epoch"
`;
    place.write({ ...FILES, 'train.sh': program });
    expect(await json('try', 'sweep.yaml')).toMatchObject({ checkpoint: { files: 1 }, resumed: false });
  });

  test('try of a program that fails ends with 1 and tells why, and which metrics it saw', async () => {
    place.write({ ...FILES, 'train.sh': `echo '{"acc": 1}' >> "$METRICS_FILE"\n` });
    const { status, stdout } = await place.sweep(['try', 'sweep.yaml', '--json']);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      status: 'failed',
      value: null,
      metricKeys: ['acc'],
      failure: { class: 'no-metric' },
    });
  });

  test('init writes a spec that passes plan once its data folder is there', async () => {
    expect(await json('init')).toEqual({ file: join(place.project, 'sweep.yaml') });
    const before = await place.sweep(['plan', 'sweep.yaml']);
    expect(before.status).toBe(2);
    expect(before.stderr).toMatch(/training\.data/);
    place.write({ 'data/cat/1.png': 'x', 'data/dog/1.png': 'y' });
    expect(await json('plan', 'sweep.yaml')).toMatchObject({ trials: 16, strategy: 'sobol' });
  });

  test('plan says of a search that learns, and of no other, that smaller rounds find more', async () => {
    const planned = async (search: string) => {
      place.write({ ...FILES, 'sweep.yaml': SPEC.replace(/^search:.*$/m, `search: ${search}`) });
      const { status, stdout, stderr } = await place.sweep(['plan', 'sweep.yaml']);
      expect(status, stderr).toBe(0);
      return stdout;
    };
    const hint = /more, smaller rounds find better trials/;
    const space = 'space: { x: { min: 1, max: 90, type: integer } }';
    expect(await planned(`{ strategy: bayesian, trials: 32, ${space} }`)).toMatch(hint);
    expect(await planned(`{ strategy: bayesian, trials: 32, rounds: 8, ${space} }`)).not.toMatch(hint);
    const confirmed = `{ strategy: bayesian, trials: 32, rounds: 8, confirm: { top: 3, seeds: 3 }, ${space} }`;
    expect(await planned(confirmed)).not.toMatch(hint);
    expect(await planned(`{ strategy: sobol, trials: 32, ${space} }`)).not.toMatch(hint);
  });

  test('init writes a first line that lets editors complete the spec', async () => {
    await json('init', 'mine.yaml');
    const [line] = readFileSync(join(place.project, 'mine.yaml'), 'utf8').split('\n');
    const schema = /^# yaml-language-server: \$schema=file:\/\/(.*)$/.exec(line!)?.[1];
    expect(JSON.parse(readFileSync(schema!, 'utf8'))).toHaveProperty('properties.search');
  });

  test('init writes a spec for the script that is there, or for that of --from, which passes plan', async () => {
    const script = (option: string) =>
      `import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument("--${option}", type=float, default=0.1)\nprint(f"val loss: {1}")\n`;
    place.write({ 'train.py': script('lr'), 'other/tune.py': script('dropout') });
    expect(await json('init')).toEqual({ file: join(place.project, 'sweep.yaml'), script: 'train.py' });
    expect(await json('plan', 'sweep.yaml')).toMatchObject({ trials: 16, strategy: 'sobol' });
    expect(await json('init', 'b.yaml', '--from', 'other/tune.py')).toMatchObject({ script: 'other/tune.py' });
    expect(readFileSync(join(place.project, 'b.yaml'), 'utf8')).toMatch(
      /dropout: .* # other\/tune\.py:3, default 0\.1/,
    );
    const { status, stderr } = await place.sweep(['init', 'c.yaml', '--from', 'none.py']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/--from.*none\.py.*no such file/);
  });

  test('init leaves a file that is there alone', async () => {
    place.write(FILES);
    const { status, stderr } = await place.sweep(['init']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/already exists; name another file/);
    expect(readFileSync(join(place.project, 'sweep.yaml'), 'utf8')).toBe(SPEC);
  });

  test('init in a folder with a strange name writes a spec that can be used', async () => {
    const folder = join(place.project, ' Grüße & mehr ');
    mkdirSync(join(folder, 'data/cat'), { recursive: true });
    expect((await place.sweep(['init'], { folder })).status).toBe(0);
    expect(readdirSync(folder).sort()).toEqual(['data', 'sweep.yaml']);
    const { status, stderr } = await place.sweep(['plan', 'sweep.yaml'], { folder });
    expect(status, stderr).toBe(0);
  });
});
