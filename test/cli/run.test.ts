import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Place, trialsOf } from '../support/sweep-command.ts';

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

/** The score is a parabola over x with its top at 3; the model is a file that holds x. */
const PARABOLA = `echo "{\\"score\\": $((10 - (X - 3) * (X - 3)))}" >> "$METRICS_FILE"
echo "$X" > "$MODEL_DIR/x.txt"
`;
const SPEC = `name: shell
search: { space: { x: [1, 2, 3, 4] } }
objective: { metric: score, goal: maximize }
training: { command: [sh, train.sh], source: ., epochs: 1 }
compute: { maxParallel: 2 }
`;

/** Tells the test what it was given: a line of JSON in $OUT/seen. */
const SEE = `import { appendFileSync } from 'node:fs';
const { env, argv } = process;
appendFileSync(env.OUT + '/seen', JSON.stringify({ env, argv: argv.slice(2) }) + '\\n');
appendFileSync(env.METRICS_FILE, '{"score": 1}\\n');
`;
const seeing = (command: readonly string[], space: unknown, training: object = {}) =>
  JSON.stringify({
    search: { space },
    objective: { metric: 'score' },
    training: { command: [process.execPath, 'see.mjs', ...command], source: '.', epochs: 3, ...training },
  });

interface Seen {
  readonly env: Readonly<Record<string, string>>;
  readonly argv: readonly string[];
}

async function seen(spec: string, environment: Record<string, string> = {}): Promise<Seen[]> {
  place.write({ 'sweep.yaml': spec, 'see.mjs': SEE });
  await place.run([], { environment });
  return place.lines('seen').map((line) => JSON.parse(line) as Seen);
}

describe('the best trial', () => {
  test('is the one with the highest value when the objective is maximized', async () => {
    place.write({ 'sweep.yaml': SPEC, 'train.sh': PARABOLA });
    expect((await place.run()).best).toMatchObject({ parameters: { x: 3 }, metric: 'score', value: 10 });
  });

  test('is the one with the lowest value when the objective is minimized', async () => {
    place.write({ 'sweep.yaml': SPEC.replace('maximize', 'minimize'), 'train.sh': PARABOLA });
    expect((await place.run()).best).toMatchObject({ parameters: { x: 1 }, value: 6 });
  });

  test('is the earlier one of two that are equal, also when it ended later', async () => {
    const program = `if [ "$X" = 1 ]; then while [ ! -e "$OUT/two" ]; do sleep 0.02; done; fi
echo '{"score": 7}' >> "$METRICS_FILE"
[ "$X" != 3 ] || touch "$OUT/two"
`;
    place.write({ 'sweep.yaml': SPEC, 'train.sh': program });
    const summary = await place.run();
    expect(summary.best).toMatchObject({ parameters: { x: 1 } });
    expect(trialsOf(summary).map(({ trial }) => trial)).toEqual([0, 1, 2, 3]);
  });

  test("has its model in the sweep's folder best/", async () => {
    place.write({ 'sweep.yaml': SPEC, 'train.sh': PARABOLA });
    const { sweepId, best } = await place.run();
    expect(best?.model).toBe(join(place.project, '.sweepstack', sweepId, 'best'));
    expect(readdirSync(best!.model!)).toEqual(['x.txt']);
    expect(readFileSync(join(best!.model!, 'x.txt'), 'utf8')).toBe('3\n');
  });

  test('has no model, which is said with null, when the program writes none', async () => {
    place.write({ 'sweep.yaml': SPEC, 'train.sh': 'echo "{\\"score\\": $X}" >> "$METRICS_FILE"\n' });
    expect((await place.run()).best).toMatchObject({ parameters: { x: 4 }, model: null });
  });
});

describe('what run leaves', () => {
  test('--json puts one JSON document of the documented shape on stdout', async () => {
    place.write({ 'sweep.yaml': SPEC, 'train.sh': `echo noise; echo more >&2\n${PARABOLA}` });
    const summary = await place.run();
    const folder = join(place.project, '.sweepstack', summary.sweepId);
    expect(summary).toEqual({
      sweepId: expect.stringMatching(/^shell-[0-9a-f]{8}$/),
      status: 'succeeded',
      trials: { planned: 4, trained: 4, reused: 0, failed: 0 },
      best: {
        trialId: expect.stringMatching(/^[0-9a-f]{16}$/),
        parameters: { x: 3 },
        metric: 'score',
        value: 10,
        epoch: 1,
        model: join(folder, 'best'),
      },
      leaderboard: join(folder, 'leaderboard.json'),
      report: join(folder, 'report.html'),
    });
  });

  test('without --json the answer on stdout names best, parameters and files, and progress goes to stderr', async () => {
    place.write({ 'sweep.yaml': SPEC, 'train.sh': PARABOLA });
    const { status, stdout, stderr } = await place.sweep(['run', 'sweep.yaml']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/succeeded: 4 trials, 4 trained, 0 reused, 0 failed/);
    expect(stdout).toMatch(/x=3/);
    expect(stdout).toContain('report.html');
    expect(stderr).toMatch(/4 of 4 trials done/);
    expect(stderr).not.toContain('\u001b');
  });

  test('leaderboard.csv holds a line a trial, the best first', async () => {
    place.write({ 'sweep.yaml': SPEC, 'train.sh': PARABOLA });
    const { sweepId } = await place.run();
    const file = join(place.project, '.sweepstack', sweepId, 'leaderboard.csv');
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines[0]).toBe('rank,trial,id,value,epoch,epochs,status,failure_class,x');
    expect(lines[1]).toMatch(/^1,2,[0-9a-f]{16},10,1,1,succeeded,,3$/);
    expect(lines).toHaveLength(5);
  });

  test('report.html is a whole page that names the sweep', async () => {
    place.write({ 'sweep.yaml': SPEC, 'train.sh': PARABOLA });
    const { report, sweepId } = await place.run();
    const page = readFileSync(report, 'utf8');
    expect(page).toMatch(/^<!doctype html>/i);
    expect(page).toContain(sweepId);
    expect(page.trimEnd()).toMatch(/<\/html>$/);
  });

  test('--workdir moves all of it, and nothing stays beside the spec', async () => {
    place.write({ 'sweep.yaml': SPEC, 'train.sh': PARABOLA });
    const workdir = join(place.root, 'elsewhere');
    const summary = await place.run(['--workdir', workdir]);
    expect(summary.leaderboard).toBe(join(workdir, summary.sweepId, 'leaderboard.json'));
    expect(place.listing()).toEqual(['sweep.yaml', 'train.sh']);
  });

  test('a workdir leaves no work folder of a trial behind', async () => {
    place.write({ 'sweep.yaml': SPEC, 'train.sh': PARABOLA });
    await place.run();
    const work = join(place.project, '.sweepstack', 'work');
    expect(existsSync(work) ? readdirSync(work) : []).toEqual([]);
  });
});

describe('the exit status', () => {
  test('is 1 with status failed when too many trials fail', async () => {
    place.write({ 'sweep.yaml': SPEC, 'train.sh': 'exit 3\n' });
    expect(await place.run([], {}, 1)).toMatchObject({
      status: 'failed',
      best: null,
      trials: { planned: 4, failed: 4 },
    });
  });

  test('is 2 for a spec that cannot be used', async () => {
    place.write({ 'sweep.yaml': SPEC.replace('maxParallel: 2', 'maxParallel: none') });
    expect((await place.sweep(['run', 'sweep.yaml'])).status).toBe(2);
  });

  test.runIf(process.platform === 'linux')('is 2 for a workdir that the system lets nobody make', async () => {
    place.write({ 'sweep.yaml': SPEC, 'train.sh': PARABOLA });
    const { status, stderr } = await place.sweep(['run', 'sweep.yaml', '--workdir', '/proc/sweepstack']);
    expect(status).toBe(2);
    expect(stderr).toContain("mkdir '/proc/sweepstack'");
  });

  test('is 130 after an interruption, and stdout still holds one JSON document', async () => {
    place.write({ 'sweep.yaml': SPEC, 'train.sh': 'touch "$OUT/started"; exec sleep 600\n' });
    const running = place.start(['run', 'sweep.yaml', '--json']);
    await place.appears('started', running);
    running.child.kill('SIGINT');
    const { status, stdout } = await running.ended;
    expect(status).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'interrupted', best: null, trials: { planned: 4, failed: 0 } });
  });

  test('is 130 after one that came twice at once, by itself and from the Node that restarted the command', async () => {
    place.write({ 'sweep.yaml': SPEC, 'train.sh': 'touch "$OUT/started"; exec sleep 600\n' });
    const running = place.start(['run', 'sweep.yaml', '--json'], {
      environment: { SWEEPSTACK_NODE: process.execPath },
    });
    await place.appears('started', running);
    running.child.kill('SIGINT');
    running.child.kill('SIGINT');
    const { status, stdout } = await running.ended;
    expect(status).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'interrupted' });
  });
});

const VALUES = {
  plain: 'adam',
  spaced: ' two  words ',
  multiline: 'one\ntwo\n',
  unicode: 'grüße ✓ 模型',
  equals: 'a=b=c',
  quoted: `it's "q" $HOME \`id\` \\n {plain}`,
  dashed: '--help',
  empty: '',
  numeric: '007',
  whole: 64,
  fraction: 0.0001,
  yes: true,
  no: false,
  nothing: null,
  list: [64, 'a b', [1]],
  object: { depth: 2, name: 'x y' },
};
const TEXTS = Object.fromEntries(
  Object.entries(VALUES).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
);
const ONE_POINT = Object.fromEntries(Object.entries(VALUES).map(([name, value]) => [name, [value]]));

describe('parameters', () => {
  test('of every kind arrive exactly in environment variables', async () => {
    const [trial] = await seen(seeing([], ONE_POINT));
    const variables = Object.keys(VALUES).map((name) => [name, trial!.env[name.toUpperCase()]]);
    expect(Object.fromEntries(variables)).toEqual(TEXTS);
  });

  test('of every kind arrive exactly through {name}, alone and inside a longer argument', async () => {
    const names = Object.keys(VALUES);
    const [trial] = await seen(
      seeing(
        names.flatMap((name) => [`{${name}}`, `--${name}={${name}}`]),
        ONE_POINT,
      ),
    );
    expect(trial!.argv).toEqual(names.flatMap((name) => [TEXTS[name], `--${name}=${TEXTS[name]}`]));
  });

  test('of every kind arrive exactly through {args}, as --name=value', async () => {
    const [trial] = await seen(seeing(['{args}'], ONE_POINT));
    expect(trial!.argv.toSorted()).toEqual(
      Object.entries(TEXTS)
        .map(([name, text]) => `--${name}=${text}`)
        .sort(),
    );
  });

  test('stand in SWEEP_PARAMETERS as one JSON object', async () => {
    const [trial] = await seen(seeing([], ONE_POINT));
    expect(JSON.parse(trial!.env['SWEEP_PARAMETERS']!)).toEqual(VALUES);
  });

  test('with a dot in their name have an underscore in their variable', async () => {
    const [trial] = await seen(seeing(['{args}'], { 'optimizer.momentum': [0.9] }));
    expect(trial!.env['OPTIMIZER_MOMENTUM']).toBe('0.9');
    expect(trial!.argv).toEqual(['--optimizer.momentum=0.9']);
  });

  const CONDITIONAL = { optimizer: ['sgd', 'adam'], momentum: { choices: [0.9], when: { optimizer: 'sgd' } } };

  test('that are inactive have no variable, no key and no argument, whatever the caller has exported', async () => {
    const trials = await seen(seeing(['{args}', '{momentum}'], CONDITIONAL), { MOMENTUM: '7' });
    const adam = trials.find(({ env }) => env['OPTIMIZER'] === 'adam')!;
    expect(adam.env).not.toHaveProperty('MOMENTUM');
    expect(JSON.parse(adam.env['SWEEP_PARAMETERS']!)).toEqual({ optimizer: 'adam' });
    expect(adam.argv).toEqual(['--optimizer=adam']);
  });

  test('that are active by a condition have all three', async () => {
    const trials = await seen(seeing(['{args}', '{momentum}'], CONDITIONAL));
    const sgd = trials.find(({ env }) => env['OPTIMIZER'] === 'sgd')!;
    expect(sgd.env['MOMENTUM']).toBe('0.9');
    expect(sgd.argv.join(' ')).toContain('--momentum=0.9');
    expect(sgd.argv.at(-1)).toBe('0.9');
  });
});

describe("a trial's environment", () => {
  test('holds the contract, and never what the caller has exported under its names', async () => {
    const names = ['EPOCHS', 'MAX_EPOCHS', 'SEED', 'TRIAL_ID', 'SWEEP_ID', 'MODEL_DIR', 'METRICS_FILE', 'DATA_DIR'];
    const runners = ['SWEEP_MANIFEST', 'S3_DATA_PATH', 'S3_OUTPUT_PATH', 'AWS_BATCH_JOB_ARRAY_INDEX'];
    const exported = Object.fromEntries([...names, ...runners].map((name) => [name, 'leaked']));
    const [trial] = await seen(seeing([], { x: [1] }, { seed: 5 }), exported);
    expect(Object.entries(trial!.env).filter(([, value]) => value === 'leaked')).toEqual([]);
    expect(trial!.env).toMatchObject({
      EPOCHS: '3',
      MAX_EPOCHS: '3',
      SEED: '5',
      TRIAL_ID: expect.stringMatching(/^[0-9a-f]{16}$/),
      SWEEP_ID: expect.stringMatching(/^sweep-[0-9a-f]{8}$/),
      OBJECTIVE_METRIC: 'score',
      OBJECTIVE_GOAL: 'maximize',
      PYTHONUNBUFFERED: '1',
    });
    expect(trial!.env).not.toHaveProperty('DATA_DIR');
  });

  test('keeps what else the caller has exported', async () => {
    const [trial] = await seen(seeing([], { x: [1] }), { MY_PROXY: 'http://proxy' });
    expect(trial!.env['MY_PROXY']).toBe('http://proxy');
  });

  test('holds training.environment, a secret out of the caller’s own variable', async () => {
    const environment = { MODE: 'fast', LEVEL: 3, ON: true, WANDB_API_KEY: { secret: 'wandb' } };
    const [trial] = await seen(seeing([], { x: [1] }, { environment }), { WANDB_API_KEY: 'k3y-of-mine' });
    expect(trial!.env).toMatchObject({ MODE: 'fast', LEVEL: '3', ON: 'true', WANDB_API_KEY: 'k3y-of-mine' });
  });

  test('leaves no trace of a secret’s value in the workdir', async () => {
    const spec = seeing([], { x: [1] }, { environment: { WANDB_API_KEY: { secret: 'wandb' } } });
    await seen(spec, { WANDB_API_KEY: 'k3y-of-mine' });
    const found = spawnSync('grep', ['-rl', 'k3y-of-mine', place.project], { encoding: 'utf8' });
    expect(found.stdout).toBe('');
  });

  test('names the data folder, complete, in DATA_DIR', async () => {
    place.write({
      'sweep.yaml': SPEC.replace('source: .', 'source: ., data: ./data'),
      'train.sh': 'read -r bonus < "$DATA_DIR/a/bonus.txt"; echo "{\\"score\\": $bonus$X}" >> "$METRICS_FILE"\n',
      'data/a/bonus.txt': '9\n',
    });
    expect((await place.run()).best).toMatchObject({ value: 94 });
  });
});

describe('programs', () => {
  const hasCompiler = spawnSync('cc', ['--version']).status === 0;
  test.skipIf(!hasCompiler)('in C are swept as any other', async () => {
    const code = `#include <stdio.h>
#include <stdlib.h>
int main(void) {
  FILE *metrics = fopen(getenv("METRICS_FILE"), "a");
  fprintf(metrics, "{\\"score\\": %d}\\n", 2 * atoi(getenv("X")));
  return fclose(metrics);
}
`;
    place.write({ 'sweep.yaml': SPEC.replace('[sh, train.sh]', '[./trainer]'), 'trainer.c': code });
    const file = join(place.project, 'trainer');
    expect(spawnSync('cc', ['-o', file, `${file}.c`], { encoding: 'utf8' }).stderr).toBe('');
    chmodSync(file, 0o755);
    expect((await place.run()).best).toMatchObject({ parameters: { x: 4 }, value: 8 });
  });

  test('that only print are read with objective.pattern, each match an epoch', async () => {
    const program = 'for epoch in 1 2 3; do echo "epoch $epoch Val Acc: 0.$((X * (epoch % 3)))"; done\n';
    const spec = SPEC.replace('metric: score', "metric: accuracy, pattern: 'Val Acc: ([0-9.]+)'");
    place.write({ 'sweep.yaml': spec, 'train.sh': program });
    expect((await place.run()).best).toMatchObject({ parameters: { x: 4 }, metric: 'accuracy', value: 0.8, epoch: 2 });
  });

  test('each get a private copy of the source', async () => {
    const program = `[ ! -e mine ] || exit 9
touch mine
${PARABOLA}`;
    place.write({ 'sweep.yaml': SPEC, 'train.sh': program });
    expect((await place.run()).trials).toMatchObject({ trained: 4, failed: 0 });
    expect(existsSync(join(place.project, 'mine'))).toBe(false);
  });
});
