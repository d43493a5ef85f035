import { closeSync, ftruncateSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CommandOptions, Place } from '../support/sweep-command.ts';

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

interface Problem {
  readonly field: string;
  readonly message: string;
}

/**
 * `sweep run --json` of something that cannot be used: status 2, the problems both on stderr and as one JSON document,
 * no stack, and nothing in the folder that was not there before.
 */
async function refused(args: readonly string[] = ['sweep.yaml'], options: CommandOptions = {}): Promise<Problem[]> {
  const before = place.listing();
  const { status, stdout, stderr } = await place.sweep(['run', ...args, '--json'], options);
  expect(status, stderr).toBe(2);
  expect(place.listing()).toEqual(before);
  const { error } = JSON.parse(stdout) as { error: { name: string; problems: Problem[] } };
  expect(error.name).toBe('BadInput');
  expect(stderr).not.toMatch(/^ +at .*:\d+:\d+/m);
  for (const { message } of error.problems) expect(stderr).toContain(message.split('\n')[0]);
  return error.problems;
}

const only = async (...args: Parameters<typeof refused>): Promise<Problem> => {
  const problems = await refused(...args);
  expect(problems).toHaveLength(1);
  return problems[0]!;
};

const SPEC = `search: { space: { x: [1, 2] } }
objective: { metric: score }
training: { command: [sh, train.sh], source: . }
`;

describe('a spec file', () => {
  test('that does not parse is told with line and column', async () => {
    place.write({ 'sweep.yaml': 'search:\n  space: { x: [1, 2 }\nobjective: {}\n' });
    const [problem] = await refused();
    expect(problem!.message).toMatch(/sweep\.yaml.*line 2, column \d+/s);
  });

  test('indented with tabs is told so, with line and column', async () => {
    place.write({ 'sweep.yaml': 'search:\n\tspace:\n\t\tx: [1, 2]\n' });
    const message = (await refused()).map((problem) => problem.message).join('\n');
    expect(message).toMatch(/line 2, column 1/);
    expect(message).toMatch(/spaces, not tabs/);
  });

  test('that is empty is told so, with the way to a first one', async () => {
    place.write({ 'sweep.yaml': '' });
    expect((await only()).message).toMatch(/sweep\.yaml is empty; sweep init/);
  });

  test('that holds only comments is told as empty', async () => {
    place.write({ 'sweep.yaml': '# later\n' });
    expect((await only()).message).toMatch(/is empty/);
  });

  test('that is not there is named with its whole path', async () => {
    expect((await only(['none.yaml'])).message).toMatch(
      new RegExp(`${join(place.project, 'none.yaml')}.*does not exist`),
    );
  });

  test('that is a folder is told so', async () => {
    mkdirSync(join(place.project, 'specs'));
    expect((await only(['specs'])).message).toMatch(/specs is a folder; name the spec file in it/);
  });

  test('of two documents is told to be split', async () => {
    place.write({ 'sweep.yaml': `${SPEC}---\n${SPEC}` });
    expect((await only()).message).toMatch(/holds 2 documents; allowed: one spec per file/);
  });

  test('of JSON with an error is told where', async () => {
    place.write({ 'sweep.json': '{\n  "search": { "space": { "x": [1, 2] } },\n}\n' });
    expect((await only(['sweep.json'])).message).toMatch(/sweep\.json is not valid JSON.*line 3 column 1/);
  });

  test('that is a list is told what a spec is', async () => {
    place.write({ 'sweep.yaml': '- a\n- b\n' });
    expect((await only()).message).toMatch(/received/);
  });

  test('with an unknown key is told the key that was meant', async () => {
    place.write({ 'sweep.yaml': `${SPEC}tolerence: { failedTrials: 1 }\n` });
    const problem = await only();
    expect(`${problem.field} ${problem.message}`).toMatch(/tolerence.*tolerance/);
  });

  test('with three mistakes is told all three at once', async () => {
    place.write({
      'sweep.yaml': `name: No Good
search: { trials: 0, space: { x: [1, 2] } }
compute: { gpus: some }
training: { command: [sh, train.sh], source: . }
`,
    });
    const fields = (await refused()).map(({ field }) => field);
    expect(fields.sort()).toEqual(['compute.gpus', 'name', 'search.trials']);
  });
});

describe('what a spec names', () => {
  test('a data folder that is not there', async () => {
    place.write({ 'sweep.yaml': SPEC.replace('source: .', 'source: ., data: ./images'), 'train.sh': '' });
    const { field, message } = await only();
    expect(field).toBe('training.data');
    expect(message).toMatch(/"\.\/images".*there is no folder .*project\/images; create it, or correct the path/);
  });

  test('a data folder that a script beside the spec may make', async () => {
    place.write({
      'sweep.yaml': SPEC.replace('source: .', 'source: ., data: ./data'),
      'train.sh': '',
      'prepare.py': '',
    });
    expect((await only()).message).toMatch(/no folder .*data; run prepare\.py, if that makes it, or correct the path/);
  });

  test('data that is a file', async () => {
    place.write({
      'sweep.yaml': SPEC.replace('source: .', 'source: ., data: data.csv'),
      'train.sh': '',
      'data.csv': '1',
    });
    const { field, message } = await only();
    expect(field).toBe('training.data');
    expect(message).toMatch(/"data\.csv", which is a file; allowed: a folder/);
  });

  test('no data for the built-in trainer', async () => {
    place.write({ 'sweep.yaml': 'search: { space: { learning_rate: [0.1, 0.01] } }\n' });
    const { field, message } = await only();
    expect(field).toBe('training.data');
    expect(message).toMatch(/is missing; the built-in trainer needs a folder.*training\.command/);
  });

  test('a source that is not there', async () => {
    place.write({ 'sweep.yaml': SPEC.replace('source: .', 'source: ./code') });
    const { field, message } = await only();
    expect(field).toBe('training.source');
    expect(message).toMatch(/"\.\/code".*there is no folder/);
  });

  test('a source without a command', async () => {
    place.write({ 'sweep.yaml': SPEC.replace('command: [sh, train.sh], ', '') });
    const problems = await refused();
    expect(problems.map(({ field, message }) => `${field}: ${message}`).join('\n')).toMatch(
      /training\.command|command/,
    );
  });

  test('a command with a file beside the spec, and no source to bring it along', async () => {
    place.write({ 'sweep.yaml': SPEC.replace(', source: .', ''), 'train.sh': '' });
    const { field, message } = await only();
    expect(field).toBe('training.source');
    expect(message).toMatch(/training\.command names train\.sh, which is beside the spec; add source: \./);
  });

  test('a secret that is not exported', async () => {
    const text = SPEC.replace('source: .', 'source: ., environment: { WANDB_API_KEY: { secret: wandb } }');
    place.write({ 'sweep.yaml': text, 'train.sh': '' });
    const { field, message } = await only(['sweep.yaml'], { environment: { WANDB_API_KEY: undefined } });
    expect(field).toBe('training.environment.WANDB_API_KEY');
    expect(message).toMatch(/is a secret \(wandb\).*not set; export WANDB_API_KEY/);
  });

  test('requirements that are not in the source', async () => {
    place.write({
      'sweep.yaml': SPEC.replace('source: .', 'source: ., requirements: requirements.txt'),
      'train.sh': '',
    });
    const { field, message } = await only();
    expect(field).toBe('training.requirements');
    expect(message).toMatch(/"requirements\.txt".*no such file in the source/);
  });

  test.each([
    ['environment.yml', /looks like a conda environment; .*requirements\.txt.*environment activated/],
    ['setup.cfg', /received "setup\.cfg"; allowed: a requirements\.txt, uv\.lock or pyproject\.toml/],
  ])('requirements in %s', async (file, words) => {
    const text = SPEC.replace('source: .', `source: ., requirements: ${file}`);
    place.write({ 'sweep.yaml': text, 'train.sh': '', [file]: '' });
    const { field, message } = await only();
    expect(field).toBe('training.requirements');
    expect(message).toMatch(words);
  });

  test('a pyproject.toml as requirements is locked here, which plan says, and refused for AWS', async () => {
    const text = SPEC.replace('source: .', 'source: ., requirements: pyproject.toml');
    place.write({ 'sweep.yaml': text, 'train.sh': '', 'pyproject.toml': '[project]\nname = "mine"\n' });
    const { status, stdout, stderr } = await place.sweep(['plan', 'sweep.yaml']);
    expect(status, stderr).toBe(0);
    expect(stdout + stderr).toMatch(/fixes no versions.*for sweep start, run uv lock beside it/s);
    const packed = await place.sweep(['pack', 'sweep.yaml', '--to', 'out']);
    expect(packed.status).toBe(2);
    expect(packed.stderr).toMatch(/training\.requirements.*does not fix versions.*run uv lock beside it/s);
  });

  test.each([
    ['.', '[build-system]\nbuild-backend = "maturin"\n', /maturin has to compile/],
    ['../shared', '', /from \.\.\/shared, which is outside of the source/],
    ['.', '[', /pyproject\.toml cannot be read/],
  ])('a lock whose own package at %s no trial can have', async (path, project, words) => {
    const text = SPEC.replace('source: .', 'source: ., requirements: uv.lock');
    const lock = `[[package]]\nname = "mine"\nsource = { editable = "${path}" }\n`;
    place.write({ 'sweep.yaml': text, 'train.sh': '', 'uv.lock': lock, 'pyproject.toml': project });
    const { field, message } = await only();
    expect(field).toBe('training.requirements');
    expect(message).toMatch(words);
  });

  test.each([
    ['[sh, -c, ".venv/bin/python train.py"]', /with \.venv\/bin\/python.*write python, and set/],
    ['[sh, -c, "source .venv/bin/activate && python train.py"]', /with \.venv\/bin\/activate.*leave that out, and set/],
  ])('an environment of the source in a script: %s', async (command, words) => {
    const text = SPEC.replace(/command: \[.*?\]/, `command: ${command}`);
    place.write({ 'sweep.yaml': text, 'train.py': '', '.venv/pyvenv.cfg': '', '.venv/bin/python': '' });
    const { field, message } = await only();
    expect(field).toBe('training.command[2]');
    expect(message).toMatch(words);
  });

  test('a Python of an environment in the source', async () => {
    const text = SPEC.replace(/command: \[.*?\]/, 'command: [.venv/bin/python, train.py]');
    place.write({ 'sweep.yaml': text, 'train.py': '', '.venv/pyvenv.cfg': '', '.venv/bin/python': '' });
    const { field, message } = await only();
    expect(field).toBe('training.command[0]');
    expect(message).toMatch(
      /"\.venv\/bin\/python", .*environment \.venv; .*write python, and set training\.requirements/,
    );
  });

  test('a source above 100 MB, with its largest file', async () => {
    place.write({ 'sweep.yaml': SPEC, 'train.sh': '', 'small.bin': 'x', 'assets/weights.bin': '' });
    const file = openSync(join(place.project, 'assets/weights.bin'), 'r+');
    ftruncateSync(file, 150 * 1024 * 1024);
    closeSync(file);
    const { field, message } = await only();
    expect(field).toBe('training.source');
    expect(message).toMatch(
      /holds 150\.0 MB; allowed: at most 100 MB.*\.sweepignore.*assets\/weights\.bin \(150\.0 MB\)/,
    );
  });

  test('a source above 100 MB is taken once .sweepignore names what is no code', async () => {
    place.write({ 'sweep.yaml': SPEC, 'train.sh': '', 'assets/weights.bin': '', '.sweepignore': 'assets\n' });
    const file = openSync(join(place.project, 'assets/weights.bin'), 'r+');
    ftruncateSync(file, 150 * 1024 * 1024);
    closeSync(file);
    expect((await place.sweep(['plan', 'sweep.yaml'])).status).toBe(0);
  });

  test('a placeholder that is no parameter, with the one that was meant', async () => {
    place.write({ 'sweep.yaml': SPEC.replace('train.sh]', 'train.sh, "{xx}"]'), 'train.sh': '' });
    const { field, message } = await only();
    expect(field).toMatch(/^training\.command/);
    expect(message).toMatch(/xx/);
  });

  test('more than one mistake beside the file, all told at once', async () => {
    place.write({ 'sweep.yaml': SPEC.replace('source: .', 'source: ./code, data: ./images') });
    expect((await refused()).map(({ field }) => field).sort()).toEqual(['training.data', 'training.source']);
  });
});

describe('a command line', () => {
  /** Mistakes that the command line's parser finds, told as JSON like all others. */
  async function misused(args: readonly string[]): Promise<string> {
    place.write({ 'sweep.yaml': SPEC, 'train.sh': '' });
    const before = place.listing();
    const { status, stdout, stderr } = await place.sweep([...args, '--json']);
    expect(status, stderr).toBe(2);
    expect(place.listing()).toEqual(before);
    expect(JSON.parse(stdout || 'null')).toMatchObject({ error: { problems: [{ message: expect.any(String) }] } });
    return stderr;
  }

  const MISUSES: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['an unknown option, with the one that was meant', ['run', 'sweep.yaml', '--max-paralel', '2'], /--max-parallel/],
    ['an unknown command, with the one that was meant', ['rnu', 'sweep.yaml'], /rnu.*run/s],
    ['a spec that is left out', ['run'], /spec/],
    ['one argument too many', ['run', 'sweep.yaml', 'other.yaml'], /too many arguments/],
    ['a value that is none', ['run', 'sweep.yaml', '--max-parallel', 'two'], /--max-parallel.*two/],
  ];
  test.each(MISUSES)('with %s ends with 2 and tells it', async (_, args, message) => {
    place.write({ 'sweep.yaml': SPEC, 'train.sh': '' });
    const before = place.listing();
    const { status, stdout, stderr } = await place.sweep(args);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(place.listing()).toEqual(before);
  });

  test.each(MISUSES)('with %s and --json tells it as one JSON document as well', async (_, args, message) => {
    expect(await misused(args)).toMatch(message);
  });

  test('of a sweep that is not there names those looked for', async () => {
    const { status, stdout, stderr } = await place.sweep(['status', 'nothing-1', '--json']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/there is no sweep nothing-1 here \(looked in .*\.sweepstack\)/);
    expect(JSON.parse(stdout)).toMatchObject({ error: { name: 'BadInput' } });
  });

  test('of a sweep that is not there counts the folders of earlier runs, and does not list them', async () => {
    const workdirs = ['a', 'b', 'c'].map((name) => join(place.out, name));
    for (const workdir of workdirs) mkdirSync(workdir, { recursive: true });
    const cache = join(place.root, 'own-cache');
    mkdirSync(join(cache, 'sweepstack'), { recursive: true });
    writeFileSync(join(cache, 'sweepstack', 'workdirs.json'), JSON.stringify(workdirs));
    const { stderr } = await place.sweep(['status', 'nothing-1'], { environment: { XDG_CACHE_HOME: cache } });
    expect(stderr).toMatch(/\(looked in \S+\.sweepstack and 3 other folders of earlier runs\)/);
  });

  test('asking for help gets it on stdout, with status 0', async () => {
    const { status, stdout } = await place.sweep(['--help']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/plan.*try.*run/s);
  });
});

describe('plan', () => {
  const GRID = `name: flowers
search:
  space:
    learning_rate: [0.001, 0.0005, 0.0001, 0.00005]
    batch_size: [16, 32, 64, 128]
    model_name: [resnet18, resnet50, efficientnet_b0]
training:
  data: s3://some-bucket/flowers
  epochs: 20
`;
  const NO_CREDENTIALS = {
    ...Object.fromEntries(
      Object.keys(process.env).flatMap((name) => (name.startsWith('AWS_') ? [[name, undefined]] : [])),
    ),
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  const plan = (...args: string[]) => {
    place.write({ 'sweep.yaml': GRID });
    const environment = { ...NO_CREDENTIALS, HOME: place.root };
    return place.sweep(['plan', 'sweep.yaml', ...args], { environment });
  };

  test('shows the 48 trials of a grid over data in S3, without credentials and without leaving anything', async () => {
    expect(GRID.trimEnd().split('\n').length).toBeLessThanOrEqual(10);
    const { status, stdout, stderr } = await plan();
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(/trials +48 by grid/);
    expect(stdout).toContain('an array of 48');
    expect(stdout).toContain('cost       unknown: sweep try sweep.yaml measures the seconds per epoch');
    expect(stdout).toContain('Nothing was submitted.');
    expect(place.listing()).toEqual(['sweep.yaml']);
  });

  test('--json holds the same plan as one document', async () => {
    const { stdout } = await plan('--json', '--epoch-seconds', '30');
    expect(JSON.parse(stdout)).toMatchObject({
      // 48 trials of 20 epochs take 8 instance hours.
      cost: { quote: { expected: { parts: { training: expect.closeTo(8 * 0.29328, 4) } }, trainings: 48 } },
      strategy: 'grid',
      trials: 48,
      rounds: [{ trials: 48, shards: [48] }],
      epochs: 20,
      firstTrials: expect.arrayContaining([
        { trial: 0, id: null, parameters: { learning_rate: 0.001, batch_size: 16, model_name: 'resnet18' } },
      ]),
    });
  });

  test("shows the first trial's start as `run` makes it, and says what is most likely not meant", async () => {
    const spec = `search: { space: { x: [-1e-7, 2], mode: [it's, b] } }
objective: { metric: score }
training:
  command: python3 -m train {args} --epochs {EPOCHS} '$SEED'
  source: .
  workdir: pkg
  data: images
  epochs: 4
  files: { pkg/config.json: { x: "{x}" } }
  links: { ../data: "{DATA_DIR}/train" }
`;
    place.write({ 'sweep.yaml': spec, 'pkg/train.py': 'pass', 'pkg/config.json': '{}', 'images/train/a': 'a' });
    const { status, stdout, stderr } = await place.sweep(['plan', 'sweep.yaml']);
    expect(status, stderr).toBe(0);
    expect(stdout).toContain(`python3 -m train '--mode=it'\\''s' --x=-1.0e-07 --epochs 4 '$SEED'\n`);
    expect(stdout).toMatch(/^started in pkg$/m);
    expect(stdout).toMatch(/^files +pkg\/config.json$/m);
    expect(stdout).toMatch(/^links +\.\.\/data -> .*\/images\/train$/m);
    expect(stdout).toMatch(/^note .*\$SEED.*\{SEED\}/m);
    expect(stdout).toMatch(/^note .*replaces that file of the source/m);
    const { firstStart } = JSON.parse((await place.sweep(['plan', 'sweep.yaml', '--json'])).stdout);
    expect(firstStart).toMatchObject({
      command: ['python3', '-m', 'train', "--mode=it's", '--x=-1.0e-07', '--epochs', '4', '$SEED'],
      files: { 'pkg/config.json': '{\n  "x": -1.0e-07\n}\n' },
    });
  });

  test('refuses what cannot be put beside this source, by field', async () => {
    const spec = `search: { space: { x: [1, 2] } }
training:
  command: [python3, train.py]
  source: .
  data: images
  workdir: packages
  files: { train.py/x: "", pkg: "" }
  links: { lib/data: "{DATA_DIR}", test.py: "{MODEL_DIR}", d: "{DATA_DIR}/test" }
`;
    place.write({
      'sweep.yaml': spec,
      'train.py': '',
      'test.py': '',
      'pkg/x': '',
      'lib/data/x': '',
      'images/train/a': '',
    });
    const { status, stderr } = await place.sweep(['plan', 'sweep.yaml']);
    expect(status).toBe(2);
    for (const field of ['workdir', 'files.train.py/x', 'files.pkg', 'links.lib/data', 'links.test.py', 'links.d'])
      expect(stderr).toContain(`training.${field}: `);
  });

  test('refuses a grid over a continuous range by name', async () => {
    place.write({
      'sweep.yaml': GRID.replace('[16, 32, 64, 128]', '{ min: 0, max: 1 }').replace(
        'search:',
        'search:\n  strategy: grid',
      ),
    });
    const { status, stderr } = await place.sweep(['plan', 'sweep.yaml']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/batch_size/);
  });
});
