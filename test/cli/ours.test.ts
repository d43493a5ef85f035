import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { newLock } from '../../core/layout/lock.ts';
import { Place, processesWith, type Running, SWEEP } from '../support/sweep-command.ts';

// What is removed, signalled or overwritten is ours: the command as a person uses it, beside what is that person's.

const MARKER = `ours-test-${process.pid}`;
const SPEC = `name: ours
sweepId: ours-1
search: { space: { x: [1, 2] } }
objective: { metric: score }
training: { command: [sh, train.sh, ${MARKER}], source: ., epochs: 1 }
compute: { maxParallel: 2 }
`;
const PROGRAM = 'echo "{\\"score\\": $X}" >> "$METRICS_FILE"; echo "$X" > "$MODEL_DIR/x"\n';
/** Tells a test that it has begun, and waits for `out/go`. */
const HELD = `touch "$OUT/held-$X"; while [ ! -e "$OUT/go" ]; do sleep 0.05; done\n${PROGRAM}`;

let place: Place;
beforeEach(() => {
  place = new Place();
  place.write({ 'sweep.yaml': SPEC, 'train.sh': PROGRAM });
});
afterEach(() => place.remove());

const inProject = (...path: string[]) => join(place.project, ...path);
const lockFile = () => inProject('.sweepstack/store/sweeps/ours-1/lock.json');
const noneLeft = () => expect.poll(() => processesWith(MARKER), { timeout: 20_000 }).toEqual([]);

async function held(args: readonly string[] = []): Promise<Running> {
  place.write({ 'train.sh': HELD });
  const running = place.start(['run', 'sweep.yaml', '--json', ...args]);
  await begun(running);
  return running;
}

/** Both trials train: neither is at the moment between its command's process and a group of its own. */
async function begun(running: Running): Promise<void> {
  for (const name of ['held-1', 'held-2']) await place.appears(name, running);
}

describe("a sweep's id", () => {
  test.each(['store', 'Live', 'WORK'])('is not %s, and nothing is made for it', async (id) => {
    place.write({ 'sweep.yaml': SPEC.replace('ours-1', id) });
    const { status, stderr } = await place.sweep(['run', 'sweep.yaml']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/sweepId: received .* allowed: any id except store, live, work/);
    expect(existsSync(inProject('.sweepstack'))).toBe(false);
  });

  test.each(['status', 'remove', 'stop', 'report'])('is not store for %s either', async (command) => {
    await place.run();
    const { status, stderr } = await place.sweep([command, 'store']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/received the sweep id "store"/);
    expect(existsSync(inProject('.sweepstack/store/sweeps/ours-1/spec.json'))).toBe(true);
  });

  test("does not differ from another sweep's by case alone", async () => {
    await place.run();
    place.write({ 'sweep.yaml': SPEC.replace('ours-1', 'OURS-1') });
    const { status, stderr } = await place.sweep(['run', 'sweep.yaml']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/sweepId: received "OURS-1", and .* holds ours-1/);
  });
});

describe('remove', () => {
  test('in a script needs --yes, and says so', async () => {
    await place.run();
    const before = place.listing();
    const { status, stderr } = await place.sweep(['remove', 'ours-1']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/--yes: is missing, .* add --yes to go ahead/);
    expect(place.listing()).toEqual(before);
  });

  test('with --yes wants the whole id', async () => {
    await place.run();
    const { status, stderr } = await place.sweep(['remove', 'ours', '--yes']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/the beginning of ours-1/);
    expect((await place.sweep(['remove', 'ours-1', '--yes'])).status).toBe(0);
  });

  test("leaves other sweeps, and a person's own files in the folder of results", async () => {
    await place.run();
    place.write({ 'sweep.yaml': SPEC.replace('ours-1', 'ours-10'), '.sweepstack/ours-1/notes.txt': 'mine' });
    const other = await place.run();
    expect((await place.sweep(['remove', 'ours-1', '--yes'])).status).toBe(0);
    expect(readdirSync(inProject('.sweepstack/ours-1'))).toEqual(['notes.txt']);
    expect(existsSync(other.best!.model!)).toBe(true);
    expect((await place.run()).trials).toMatchObject({ trained: 0, reused: 2 });
  });
});

test('remove takes along what was trained and could not be stored, of this sweep alone', async () => {
  await place.run();
  const kept = '.sweepstack/work/unstored';
  place.write({ [`${kept}/ours-1/0123456789abcdef.1/parcel.json`]: '{}', [`${kept}/ours-10/x.1/parcel.json`]: '{}' });
  expect((await place.sweep(['remove', 'ours-1', '--yes'])).status).toBe(0);
  expect(readdirSync(inProject(kept))).toEqual(['ours-10']);
});

test('remove takes along what a killed run left of its copies', async () => {
  await place.run();
  place.write({ '.sweepstack/ours-1/best.old/x': '1', '.sweepstack/ours-1/best.new/x': '1' });
  expect((await place.sweep(['remove', 'ours-1', '--yes'])).status).toBe(0);
  expect(existsSync(inProject('.sweepstack/ours-1'))).toBe(false);
});

describe('a folder of a person as the workdir', () => {
  const files = { '.gitignore': '*.tmp\n', 'notes.md': 'mine\n' };

  test('keeps what was in it, and the second run goes on with the same sweep', async () => {
    place.write(files);
    const first = await place.run(['--workdir', '.']);
    const second = await place.run(['--workdir', '.']);
    expect(second.trials).toMatchObject({ trained: 0, reused: 2 });
    expect(second.sweepId).toBe(first.sweepId);
    for (const [name, text] of Object.entries(files)) expect(readFileSync(inProject(name), 'utf8')).toBe(text);
  });

  test('is no code of a later sweep, whose id is of its source', async () => {
    place.write({ ...files, 'sweep.yaml': SPEC.replace('sweepId: ours-1\n', '') });
    const first = await place.run(['--workdir', '.']);
    expect((await place.run(['--workdir', '.'])).sweepId).toBe(first.sweepId);
    expect((await place.run()).sweepId).toBe(first.sweepId);
  });

  test.each(['store', 'work', 'ours-1'])(
    'whose %s is not of this command is refused, and nothing is written',
    async (name) => {
      place.write({ ...files, [`${name}/leaderboard.json`]: 'mine' });
      const before = place.listing();
      const { status, stderr } = await place.sweep(['run', 'sweep.yaml', '--workdir', '.']);
      expect(status).toBe(2);
      expect(stderr).toMatch(new RegExp(`--workdir: received .*, where ${name} was not made by sweep`));
      expect(place.listing()).toEqual(before);
      expect(readFileSync(inProject(name, 'leaderboard.json'), 'utf8')).toBe('mine');
    },
  );

  test('that is a file is refused', async () => {
    place.write(files);
    const { status, stderr } = await place.sweep(['run', 'sweep.yaml', '--workdir', 'notes.md']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/--workdir: received .*notes\.md", which is a file/);
  });

  test('that is empty becomes ours', async () => {
    mkdirSync(inProject('empty'));
    await place.run(['--workdir', 'empty']);
    expect(readFileSync(inProject('empty/.gitignore'), 'utf8')).toBe('*\n');
  });
});

test('a source of which everything is ignored is refused by name', async () => {
  place.write({ '.gitignore': '*\n' });
  const { status, stderr } = await place.sweep(['run', 'sweep.yaml']);
  expect(status).toBe(2);
  expect(stderr).toMatch(/training\.source: .* contains no files for a trial/);
  expect(existsSync(inProject('.sweepstack'))).toBe(false);
});

describe('a sweep that another machine seems to run', () => {
  /** The number of a process that lives here, as it may on any machine; it would end by any signal. */
  function bystander(): ChildProcess {
    const child = spawn('sleep', ['60']);
    onTestFinished(() => void child.kill('SIGKILL'));
    return child;
  }
  const lock = (pid: number, refreshed: Date) =>
    writeFileSync(lockFile(), JSON.stringify(newLock(`local:elsewhere:${pid}:1.00000000`, refreshed.toISOString())));

  test('is refused to run, with the way out, which works', async () => {
    await place.run();
    lock(1, new Date());
    const { status, stderr } = await place.sweep(['run', 'sweep.yaml']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/owned by local:elsewhere:1.*sweep run --take-over/);
    expect((await place.run(['--take-over'])).trials).toMatchObject({ reused: 2 });
    expect(existsSync(lockFile())).toBe(false);
  });

  test('is not stopped: no process here is signalled, and nobody says that it was', async () => {
    await place.run();
    const child = bystander();
    lock(child.pid!, new Date());
    const { status, stdout, stderr } = await place.sweep(['stop', 'ours-1']);
    expect(status).toBe(2);
    expect(stdout).not.toMatch(/stopped/);
    expect(stderr).toMatch(/nothing was stopped.*--take-over/);
    expect(child.exitCode ?? child.signalCode).toBeNull();
  });

  test('can be removed when a person says so', async () => {
    await place.run();
    lock(1, new Date());
    const refused = await place.sweep(['remove', 'ours-1', '--yes']);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch(/add --take-over/);
    expect((await place.sweep(['remove', 'ours-1', '--yes', '--take-over'])).status).toBe(0);
  });

  test('has stopped once its lock is not refreshed any more', async () => {
    await place.run();
    lock(1, new Date(Date.now() - 3600_000));
    expect((await place.sweep(['stop', 'ours-1'])).stdout).toMatch(/ours-1 is not running/);
    expect((await place.sweep(['remove', 'ours-1', '--yes'])).status).toBe(0);
  });
});

describe('stop', () => {
  test('answers when the run has ended', async () => {
    const running = await held();
    const { stdout } = await place.sweep(['stop', 'ours-1']);
    expect(stdout).toMatch(/ours-1: stopped/);
    expect(existsSync(lockFile())).toBe(false);
    expect((await running.ended).status).toBe(130);
  });

  test('signals nobody when the number of a killed run is now of another process', async () => {
    const running = await held();
    const { execution } = JSON.parse(readFileSync(lockFile(), 'utf8')) as { execution: string };
    running.child.kill('SIGKILL');
    await running.ended;
    const child = spawn('sleep', ['60']);
    onTestFinished(() => void child.kill('SIGKILL'));
    const reused = execution.replace(/:\d+:/, `:${child.pid}:`);
    writeFileSync(lockFile(), JSON.stringify({ execution: reused, owner: reused, since: 'then' }));
    expect((await place.sweep(['stop', 'ours-1'])).stdout).toMatch(/ours-1 is not running/);
    expect(child.exitCode ?? child.signalCode).toBeNull();
  });
});

describe('SIGHUP', () => {
  /** The command started by a shell line, in which `$0` is Node and `$1` the command's file. */
  async function shell(line: string): Promise<Running> {
    place.write({ 'train.sh': HELD });
    const environment = {
      XDG_CACHE_HOME: join(place.root, 'cache'),
      OUT: place.out,
      SWEEPSTACK_CACHE: undefined,
      _: '',
    };
    const child = spawn('sh', ['-c', line, process.execPath, SWEEP], {
      cwd: place.project,
      env: {
        ...process.env,
        ...environment,
        PATH: `${join(process.execPath, '..')}${delimiter}${process.env['PATH']}`,
      },
      // A session of its own: what started these tests says nothing about it.
      detached: true,
      stdio: 'ignore',
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const ended = new Promise<{ status: number | null; stdout: string; stderr: string }>((resolve) =>
      child.on('close', (status) => resolve({ status, stdout: '', stderr: '' })),
    );
    const running = { child, ended };
    await begun(running);
    return running;
  }

  test.each([
    ['nohup, by its name', 'exec nohup "$1" run sweep.yaml'],
    ['a shell that ignores it', `trap '' HUP; "$0" "$1" run sweep.yaml; exit $?`],
    ['nohup, by Node in a shell that tells what was typed', '_=/usr/bin/nohup exec nohup "$0" "$1" run sweep.yaml'],
  ])('does not end a sweep that was started under %s', async (_, line) => {
    const { child, ended } = await shell(line);
    process.kill(-child.pid!, 'SIGHUP');
    place.release('go');
    expect((await ended).status).toBe(0);
  });

  test('ends any other', async () => {
    const { child, ended } = await shell('exec "$1" run sweep.yaml');
    process.kill(-child.pid!, 'SIGHUP');
    expect((await ended).status).toBe(130);
    await noneLeft();
  });
});

/** A Node below 24 on the PATH, which restarts the command under the one that npm installed; null where there is none. */
function olderNode(): string | null {
  const found = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'node'));
  const isOlder = (node: string) => {
    const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout ?? '';
    return Number(/^v(\d+)/.exec(version)?.[1] ?? 24) < 24;
  };
  return found.find((node) => existsSync(node) && isOlder(node)) ?? null;
}
const OLDER = olderNode();

describe.skipIf(OLDER === null)('started under an older Node', () => {
  const commands = () => processesWith(SWEEP).filter((line) => line.includes(`run ${inProject('sweep.yaml')}`));

  async function older(): Promise<{ child: ChildProcess; ended: Promise<number | null> }> {
    place.write({ 'train.sh': HELD });
    const environment = { XDG_CACHE_HOME: join(place.root, 'cache'), OUT: place.out, SWEEPSTACK_CACHE: undefined };
    // A job of its own: the tests themselves may run under nohup.
    const child = spawn(OLDER!, [SWEEP, 'run', inProject('sweep.yaml')], {
      env: { ...process.env, ...environment, _: undefined },
      stdio: 'ignore',
      detached: true,
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    await begun({ child, ended: ended.then((status) => ({ status, stdout: '', stderr: '' })) });
    expect(commands()).toHaveLength(2);
    return { child, ended };
  }

  test('a command that is killed leaves neither its second process nor a program', async () => {
    const { child } = await older();
    child.kill('SIGKILL');
    await noneLeft();
    await expect.poll(commands, { timeout: 20_000 }).toEqual([]);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s to the first process alone stops the sweep',
    async (signal) => {
      const { child, ended } = await older();
      child.kill(signal);
      expect(await ended).toBe(130);
      await noneLeft();
    },
  );

  test('SIGQUIT to the first process alone ends both', async () => {
    const { child, ended } = await older();
    child.kill('SIGQUIT');
    expect(await ended).toBe(128 + 3);
    await noneLeft();
  });
});

test('what a kill left in the temporary folder goes with the next run', async () => {
  const temporary = join(place.root, 'tmp');
  mkdirSync(temporary);
  const environment = { TMPDIR: temporary };
  place.write({ 'train.sh': HELD });
  const running = place.start(['try', 'sweep.yaml'], { environment });
  await place.appears('held-1', running);
  running.child.kill('SIGKILL');
  await running.ended;
  expect(readdirSync(temporary).some((name) => name.startsWith('sweepstack-'))).toBe(true);
  await noneLeft();
  place.release('go');
  await place.run([], { environment });
  expect(readdirSync(temporary).filter((name) => name.startsWith('sweepstack-'))).toEqual([]);
});
