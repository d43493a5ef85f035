import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Place, type Running, SWEEP } from '../support/sweep-command.ts';

// The live view in a real terminal (a pty), however the command ends.

const HIDE = '\u001b[?25l';
const SHOW = '\u001b[?25h';
const BEGIN = '\u001b[?2026h';
const END = '\u001b[?2026l';

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

/** Two trials; each waits for the file `go` after its first epoch. */
const SPEC = `name: seen
search: { space: { x: [1, 2] } }
objective: { metric: score }
training: { command: [sh, train.sh], source: ., epochs: 2 }
compute: { maxParallel: 2 }
`;
const HELD = `echo '{"epoch": 1, "score": 0.5}' >> "$METRICS_FILE"
while [ ! -e "$OUT/go" ]; do sleep 0.05; done
echo "{\\"epoch\\": 2, \\"score\\": $X}" >> "$METRICS_FILE"
`;

/** Resolves when the command has written something like that to stderr. */
const said = ({ child }: Running, what: RegExp) =>
  new Promise<void>((resolve) => {
    let text = '';
    child.stderr!.on('data', (chunk: string) => {
      text += chunk;
      if (what.test(text)) resolve();
    });
  });

interface Session {
  readonly status: number;
  readonly written: string;
}

async function inTerminal(
  actions: string,
  options: {
    columns?: number;
    marker?: string;
    environment?: Record<string, string>;
    args?: string[];
    node?: string;
  } = {},
): Promise<Session> {
  const { columns = 80, marker = '1/2', environment = {}, args = ['run', 'sweep.yaml'] } = options;
  const { node = process.execPath } = options;
  const script = join(import.meta.dirname, '../python/in_terminal.py');
  const command = [script, `${columns}`, '30', marker, actions, node, SWEEP, ...args];
  const env = {
    ...process.env,
    TERM: 'xterm-256color',
    LANG: 'C.UTF-8',
    LC_ALL: '',
    NO_COLOR: '',
    OUT: place.out,
    _: '', // when nohup runs these tests, SIGHUP has to end a command all the same
    XDG_CACHE_HOME: join(place.root, 'cache'),
    ...environment,
  };
  const { stdout } = await promisify(execFile)('python3', command, { cwd: place.project, env });
  return JSON.parse(stdout) as Session;
}

/** `typed`: at Ctrl-C a terminal throws away what it has not shown, so frames may lack their beginning or their end. */
function expectRestored(written: string, typed = false): void {
  const times = (text: string) => written.split(text).length - 1;
  // With the cursor the end of a frame is said once more.
  if (!typed) expect(times(END)).toBe(times(BEGIN) + times(SHOW));
  expect(written).toContain(HIDE);
  expect(written.lastIndexOf(SHOW)).toBeGreaterThan(written.lastIndexOf(HIDE));
  expect(written.lastIndexOf(END)).toBeGreaterThan(written.lastIndexOf(BEGIN));
}

describe('the cursor is back after', () => {
  test('a sweep that came to its end', async () => {
    place.write({ 'sweep.yaml': SPEC, 'train.sh': HELD });
    place.release('go');
    const { status, written } = await inTerminal('');
    expect(status, written).toBe(0);
    expectRestored(written);
    expect(written).toMatch(/2 of 2 trials/);
  });

  test.each([
    ['Ctrl-C', 'key:03'],
    ['a second Ctrl-C', 'key:03,until:Stopping,key:03'],
    ['SIGTERM', 'signal:SIGTERM'],
    ['a terminal that closes (SIGHUP)', 'signal:SIGHUP'],
  ])('%s', async (_, actions) => {
    place.write({ 'sweep.yaml': SPEC, 'train.sh': HELD });
    const { status, written } = await inTerminal(actions);
    expect(status, written).toBe(130);
    expectRestored(written, actions.includes('key:03'));
    expect(written).toMatch(/Stopping: trials get 30 seconds/);
  });

  test('a fault of ours, which is told shortly and kept in a file', async () => {
    place.write({ 'sweep.yaml': SPEC, 'train.sh': HELD });
    const broken = join(place.root, 'broken.mjs');
    writeFileSync(broken, "process.on('SIGUSR2', () => { throw new TypeError('this is broken'); });\n");
    const { status, written } = await inTerminal('signal:SIGUSR2', {
      environment: { NODE_OPTIONS: `--import ${broken}` },
    });
    expect(status, written).toBe(70);
    expectRestored(written);
    expect(written).toMatch(/This is a bug in sweep, not in your input: TypeError: this is broken/);
    expect(written).not.toMatch(/^ +at /m);
    const folder = join(place.root, 'cache', 'sweepstack', 'faults');
    const [file] = readdirSync(folder);
    expect(readFileSync(join(folder, file!), 'utf8')).toMatch(
      /^sweep +\S+\nnode +v\d+.*\ncommand +sweep run sweep\.yaml\n.*TypeError: this is broken\n +at /s,
    );
  });
});

/** A Node before 22, which starts the command only to restart it; null where there is none on the PATH. */
const olderNode = (process.env['PATH'] ?? '')
  .split(':')
  .map((folder) => join(folder, 'node'))
  .find((node) => /^v(20|21)\./.test(spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout ?? ''));

test.skipIf(olderNode === undefined)(
  'an older Node ends with the status of the command when its terminal is closed',
  async () => {
    place.write({ 'sweep.yaml': SPEC, 'train.sh': HELD });
    expect((await inTerminal('close:', { node: olderNode! })).status).toBe(130);
  },
);

test('Ctrl-Z gives the shell its cursor back, and fg hides it again', async () => {
  place.write({ 'sweep.yaml': SPEC, 'train.sh': HELD });
  const { written } = await inTerminal('suspend:,key:03');
  const [, suspended = '', after = ''] = written.split(SHOW);
  expect(suspended).toContain(HIDE);
  expect(after).not.toContain(HIDE);
  expectRestored(written, true);
});

test('a terminal that becomes narrower gets lines that fit', async () => {
  place.write({ 'sweep.yaml': SPEC, 'train.sh': HELD });
  const { written } = await inTerminal('size:40x20,key:03', { columns: 120 });
  const lines = stripVTControlCharacters(written).split(/\r?\n/);
  const bars = lines.filter((line) => /0 of 2 trials$/.test(line));
  expect(bars[0]).toHaveLength(40 + '  0 of 2 trials'.length);
  expect(bars.at(-1)).toHaveLength(39);
});

test('try shows what the program prints as it is, its colors and progress bar included', async () => {
  const script = `printf '\\033[31mred\\033[0m 1%%\\r2%%'\necho '{"score": 1}' >> "$METRICS_FILE"\n`;
  place.write({ 'sweep.yaml': SPEC, 'train.sh': script });
  const { status, written } = await inTerminal('', { args: ['try', 'sweep.yaml'], marker: 'one trial' });
  expect(status).toBe(0);
  expect(written).toContain('--- output of the program\r\n\u001b[31mred\u001b[0m 1%\r2%\u001b[0m\r\n---\r\n');
});

test('NO_COLOR leaves the words and takes the colours', async () => {
  place.write({ 'sweep.yaml': SPEC, 'train.sh': HELD });
  place.release('go');
  const { written } = await inTerminal('', { environment: { NO_COLOR: '1' } });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
  expect(written).not.toMatch(/\u001b\[[0-9;]*m/);
  expect(written).toMatch(/best +score 2/);
});

test('TERM=dumb gets lines, and nothing that moves a cursor', async () => {
  place.write({ 'sweep.yaml': SPEC, 'train.sh': HELD });
  place.release('go');
  const { written } = await inTerminal('', { environment: { TERM: 'dumb' } });
  expect(written).not.toContain('\u001b');
  expect(written).toMatch(/2 of 2 trials done/);
});

test('another terminal shows the trials that run, what they last reported and print, and watches to the end', async () => {
  place.write({ 'sweep.yaml': SPEC, 'train.sh': `echo "x is $X"\n${HELD}echo done\n` });
  const running = place.start(['run', 'sweep.yaml', '--json']);
  const live = join(place.project, '.sweepstack', 'live');
  const shown = async () => JSON.parse((await place.sweep(['status', '--json'])).stdout || '{}');
  let state = await shown();
  while (state.running?.length !== 2 || state.running.some(({ epoch }: { epoch: unknown }) => epoch === null))
    state = await shown();
  expect(state.status).toBe('running');
  // Either may have been the first to start.
  expect(state.running.toSorted((a: { trial: number }, b: { trial: number }) => a.trial - b.trial)).toMatchObject([
    { trial: 0, parameters: { x: 1 }, epoch: 1, epochs: 2, value: 0.5 },
    { trial: 1, parameters: { x: 2 }, epoch: 1, epochs: 2, value: 0.5 },
  ]);
  const { stdout } = await place.sweep(['status']);
  expect(stdout).toMatch(/slots +2 of 2 busy/);
  const [zero, one] = ['0 +1\\/2 +0\\.5 +\\d+s +1', '1 +1\\/2 +0\\.5 +\\d+s +2'];
  expect(stdout).toMatch(new RegExp(`[* ] +${zero}\\n[* ] +${one}|[* ] +${one}\\n[* ] +${zero}`));
  expect(stdout.match(/^ *\* /gm)).toHaveLength(1);
  const watching = place.start(['watch', '--every', '1']);
  const following = place.start(['logs', '0', '--follow']);
  await Promise.all([said(watching, /2 running/), said(following, /Trial 0 \(\w+\) is running/)]);
  place.release('go');
  await running.ended;
  const watched = await watching.ended;
  expect(watched.status, watched.stderr).toBe(0);
  expect(watched.stdout).toMatch(/succeeded\n.*2 of 2 trials/);
  expect(await following.ended).toMatchObject({ status: 0, stdout: 'x is 1\ndone\n' });
  expect(readdirSync(live)).toEqual([]);
  expect(existsSync(join(place.project, '.sweepstack'))).toBe(true);
});

describe('remove asks', () => {
  const removal = (actions: string) => inTerminal(actions, { marker: '[y/N]', args: ['remove', 'seen-1'] });
  const key = (text: string) => `key:${Buffer.from(text).toString('hex')}`;
  const objects = () => existsSync(join(place.project, '.sweepstack/store/sweeps/seen-1/spec.json'));
  beforeEach(async () => {
    place.write({ 'sweep.yaml': `${SPEC}sweepId: seen-1\n`, 'train.sh': HELD });
    place.release('go');
    await place.run();
  });

  test('and says what goes', async () => {
    const { status, written } = await removal(key('y\r'));
    expect(stripVTControlCharacters(written)).toMatch(
      /removes the sweep seen-1 from .*\.sweepstack:\s+\d+ objects, .*: 2 trials.*\.sweepstack\/seen-1\/report\.html/s,
    );
    expect({ status, left: objects() }).toEqual({ status: 0, left: false });
  });

  test.each([
    ['no', key('n\r')],
    ['nothing', key('\r')],
    ['Ctrl-D', 'key:04'],
    ['Ctrl-C', 'key:03'],
  ])('and keeps everything when it is told %s', async (_, actions) => {
    const { status, written } = await removal(actions);
    expect(written).toMatch(/Nothing was removed/);
    expect({ status, left: objects() }).toEqual({ status: 1, left: true });
  });
});
