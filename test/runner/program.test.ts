import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import { processesOf } from '../../runner/processes.ts';
import { type Program, runProgram } from '../../runner/program.ts';
import { StopRequest } from '../../runner/stop-request.ts';
import { alive } from './support.ts';

const LINUX = process.platform === 'linux';

/** A shell script as a program; `said` is what it printed. */
function program(script: string, more: Partial<Program> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'sweepstack-program-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  let said = '';
  const { env } = process;
  const options: Program = {
    command: ['sh', '-c', script],
    folder,
    environment: { PATH: env['PATH'] ?? '', METRICS_FILE: join(folder, 'metrics.jsonl') },
    mark: 'METRICS_FILE',
    onOutput: (chunk) => {
      said += chunk;
      return undefined;
    },
    stop: new AbortController().signal,
    graceSeconds: 30,
    pipes: join(folder, 'std'),
    ...more,
  };
  return { folder, options, run: () => runProgram(options), said: () => said };
}

describe('a program', () => {
  test('gets its arguments as they are', async () => {
    const args = ['two words', '', '$HOME', "it's", 'new\nline', '-n', 'käse'];
    const { run, said } = program('', {
      command: [process.execPath, '-e', 'console.log(JSON.stringify(process.argv.slice(1)))', '--', ...args],
    });
    await run();
    expect(JSON.parse(said())).toEqual(args);
  });

  test('gets values with newlines, equals signs and any characters as they are', async () => {
    const A = 'a=b\nc="d" $e \'f\' ü\u{1F600}';
    const command = [process.execPath, '-p', 'JSON.stringify(process.env.A)'];
    const { run, options, said } = program('', { command });
    Object.assign(options.environment, { A });
    await run();
    expect(JSON.parse(said())).toBe(A);
  });

  test.skipIf(!LINUX)('may open its output by name', async () => {
    const { run, said } = program('echo a >/dev/stdout; echo b | tee /dev/stderr');
    expect(await run()).toEqual({ exitCode: 0, signal: null });
    expect(said().split('\n').sort().join('')).toBe('abb');
  });

  test.skipIf(!LINUX)('that puts a link in place of the folder of its pipes loses nothing through it', async () => {
    const root = mkdtempSync(join(tmpdir(), 'sweepstack-pipes-'));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    mkdirSync(join(root, 'pipes'));
    const script = `cd ${root} && mv pipes away && mkdir own && echo kept >own/std.out && ln -s own pipes`;
    const { run } = program(script, { pipes: join(root, 'pipes', 'std') });
    expect(await run()).toEqual({ exitCode: 0, signal: null });
    expect(readFileSync(join(root, 'own', 'std.out'), 'utf8')).toBe('kept\n');
  });

  test.skipIf(!LINUX)('does not see the pipe that its watcher holds', async () => {
    const { run, said } = program('ls /proc/$$/fd');
    await run();
    expect(said().trim().split('\n')).not.toContain('3');
  });

  test.each([
    ['exit 0', { exitCode: 0, signal: null }],
    ['exit 9', { exitCode: 9, signal: null }],
    ['kill -TERM $$', { exitCode: null, signal: 'SIGTERM' }],
  ])('%s is seen as it is', async (script, end) => {
    expect(await program(script).run()).toEqual(end);
  });

  test.each([
    ['is not there', ['no-such-program']],
    ['has arguments that the system refuses', ['echo', 'a\0b']],
    ['has more arguments than the system takes', ['echo', 'x'.repeat(8_000_000)]],
  ])('that %s ends with status 127 and says why', async (_, command) => {
    const { run, said } = program('', { command });
    expect(await run()).toEqual({ exitCode: 127, signal: null });
    expect(said()).not.toBe('');
  });

  test('in a folder that is gone ends with status 127 and says why', async () => {
    const { run, said } = program('', { folder: '/no/such/folder' });
    expect(await run()).toEqual({ exitCode: 127, signal: null });
    expect(said()).toBe('spawn /bin/sh ENOENT\n');
  });

  test('reads nothing, and all of a long output is heard', async () => {
    const { run, said } = program('read -r line || seq 300000; seq 300000 >&2');
    expect(await run()).toEqual({ exitCode: 0, signal: null });
    expect(said().length).toBe(2 * 1_988_895);
  });
});

test.skipIf(!LINUX)('a program waits while too many files are open, and is started when there is room', async () => {
  const { folder } = program('');
  const parent = join(folder, 'parent.ts');
  writeFileSync(
    parent,
    `import { closeSync, openSync } from 'node:fs';
import { runProgram } from ${JSON.stringify(join(import.meta.dirname, '../../runner/program.ts'))};
const open = [];
try { for (;;) open.push(openSync('/dev/null')); } catch {}
let said = '';
const end = await runProgram({ command: ['echo', 'runs'], folder: ${JSON.stringify(folder)}, environment: { PATH: '/bin:/usr/bin', M: '1' },
  mark: 'M', stop: new AbortController().signal, graceSeconds: 30,
  onOutput: (chunk) => { said += chunk; for (const file of open.splice(0)) closeSync(file); } });
console.log(JSON.stringify({ end, said }));
`,
  );
  const child = spawn('/bin/sh', ['-c', 'ulimit -n 60; exec "$0" "$1"', process.execPath, parent]);
  const { end, said } = JSON.parse((await child.stdout.toArray()).join(''));
  expect(end).toEqual({ exitCode: 0, signal: null });
  expect(said).toMatch(/^sweep: waiting to start the program: too many open files.*\nruns\n$/);
});

describe('what a program leaves running', () => {
  test('in its group ends with it', async () => {
    const { run, said } = program('sleep 1000 & echo $!');
    await run();
    await expect.poll(() => alive(Number(said()))).toBe(false);
  });

  test.skipIf(!LINUX)('in a session of its own ends with it, though it holds the output open', async () => {
    const { run, said } = program(`setsid sh -c 'echo $$; exec sleep 1000' & sleep 0.3`);
    await run();
    await expect.poll(() => alive(Number(said()))).toBe(false);
  });

  test.skipIf(!LINUX)('in a session of its own and without its environment ends with it', async () => {
    const { run, said } = program(
      `setsid env -i sh -c 'echo $$; exec sleep 1000' > pid & until [ -s pid ]; do :; done; cat pid`,
    );
    await run();
    await expect.poll(() => alive(Number(said()))).toBe(false);
  });

  test.skipIf(!LINUX)('in a session of its own ends with it, after it has started many processes', async () => {
    const many = 'i=0; while [ $i -lt 150 ]; do (:); i=$((i + 1)); done';
    const { run, said } = program(`${many}; setsid sh -c 'echo $$; exec sleep 1000' & sleep 0.3`);
    await run();
    await expect.poll(() => alive(Number(said()))).toBe(false);
  });

  test.skipIf(!LINUX)('is no younger program of somebody else', async () => {
    const { run, options, said } = program('echo ready; read _ < go');
    const elsewhere = mkdtempSync(join(tmpdir(), 'sweepstack-else-'));
    onTestFinished(() => rmSync(elsewhere, { recursive: true }));
    spawnSync('mkfifo', [join(options.folder, 'go')]);
    const ended = run();
    await expect.poll(said).toBe('ready\n');
    const other = spawn('setsid', ['env', '-i', '/bin/sleep', '1000'], { cwd: elsewhere, stdio: 'ignore' });
    writeFileSync(join(options.folder, 'go'), 'go\n');
    await ended;
    expect(await alive(other.pid!)).toBe(true);
    other.kill('SIGKILL');
  });

  test.skipIf(!LINUX)('leaves an older process with its mark alone, which only our own death would end', async () => {
    const groups: number[] = [];
    const { run, options } = program('exit 0', { onStart: (pid) => groups.push(pid) });
    // Older than the program, in another folder, with its mark: what only a watcher whose command was killed ends.
    const env = { ...options.environment };
    const other = spawn('setsid', ['/bin/sleep', '1000'], { cwd: tmpdir(), env, stdio: 'ignore' });
    await once(other, 'spawn');
    await run();
    await expect.poll(() => groups.flatMap(processesOf)).toEqual([]);
    expect(await alive(other.pid!)).toBe(true);
    other.kill('SIGKILL');
  });

  test.skipIf(!LINUX)('in a session of its own ends when we are killed', async () => {
    const { folder } = program('');
    const parent = join(folder, 'parent.ts');
    const script = `trap '' TERM; setsid sh -c "echo \\$\\$; trap '' TERM; sleep 1000 & wait" & echo $$; wait`;
    writeFileSync(
      parent,
      `import { runProgram } from ${JSON.stringify(join(import.meta.dirname, '../../runner/program.ts'))};
const environment = { PATH: process.env.PATH, METRICS_FILE: ${JSON.stringify(join(folder, 'metrics.jsonl'))} };
runProgram({ command: ['sh', '-c', ${JSON.stringify(script)}], folder: ${JSON.stringify(folder)}, environment,
  mark: 'METRICS_FILE', onOutput: (chunk) => void process.stdout.write(chunk), stop: new AbortController().signal, graceSeconds: 30 });
`,
    );
    const child = spawn(process.execPath, [parent], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
    const started: number[] = [];
    for await (const line of createInterface(child.stdout)) if (started.push(Number(line)) === 2) break;
    expect(await Promise.all(started.map(alive))).toEqual([true, true]);
    process.kill(-child.pid!, 'SIGKILL');
    await expect.poll(() => Promise.all(started.map(alive)), { timeout: 10_000 }).toEqual([false, false]);
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
});

describe('a program that is told to stop', () => {
  test('may end in its own way', async () => {
    const controller = new AbortController();
    const { run } = program(`trap 'kill $!; exit 75' TERM; sleep 1000 & echo ready; wait`, {
      stop: controller.signal,
      onOutput: () => void controller.abort() as undefined,
    });
    expect(await run()).toEqual({ exitCode: 75, signal: null });
  });

  test('and does not is killed', async () => {
    const controller = new AbortController();
    const { run } = program(`trap '' TERM; echo ready; while true; do sleep 0.1; done`, {
      stop: controller.signal,
      onOutput: () => void controller.abort() as undefined,
      graceSeconds: 0.1,
    });
    expect(await run()).toEqual({ exitCode: null, signal: 'SIGKILL' });
  });

  test('and does not is killed after the time that it was told, be it shorter', async () => {
    const controller = new AbortController();
    const { run } = program(`trap '' TERM; echo ready; while true; do sleep 0.1; done`, {
      stop: controller.signal,
      onOutput: () => void controller.abort(new StopRequest('the host goes', 0.1)),
      graceSeconds: 1000,
    });
    expect(await run()).toEqual({ exitCode: null, signal: 'SIGKILL' });
  });

  test('may take the longer time that it was told', async () => {
    const controller = new AbortController();
    const { run } = program(`trap 'sleep 0.5; exit 75' TERM; echo ready; while true; do sleep 0.1; done`, {
      stop: controller.signal,
      onOutput: () => void controller.abort(new StopRequest('a Spot notice', 1000)),
      graceSeconds: 0.01,
    });
    expect(await run()).toEqual({ exitCode: 75, signal: null });
  });

  test('and then to hurry up has the shorter time', async () => {
    const [controller, hurry] = [new AbortController(), new AbortController()];
    const { run } = program(`trap 'echo saving' TERM; echo ready; while true; do sleep 0.1; done`, {
      stop: controller.signal,
      hurry: hurry.signal,
      onOutput: (chunk) =>
        void (String(chunk).includes('saving')
          ? hurry.abort()
          : controller.abort(new StopRequest('a Spot notice', 1000))),
      graceSeconds: 0.1,
    });
    expect(await run()).toEqual({ exitCode: null, signal: 'SIGKILL' });
  });

  test('before it starts is not started', async () => {
    const { run, said } = program('echo started', { stop: AbortSignal.abort() });
    expect(await run()).toEqual({ exitCode: null, signal: 'SIGTERM' });
    expect(said()).toBe('');
  });

  /** A shell that tells of its worker's end and its own; `first` is what stands in front of it. */
  const withWorker = `trap 'kill -0 $W && echo saved; exit 75' TERM
    sh -c "trap 'echo worker; exit' TERM; touch up; while :; do sleep 0.05; done" & W=$!
    while [ ! -e up ]; do sleep 0.01; done; echo ready; wait`;

  test('is told alone: its workers live until it has saved', async () => {
    const controller = new AbortController();
    let said = '';
    const { run } = program(withWorker, {
      stop: controller.signal,
      onOutput: (chunk) => {
        said += chunk;
        return void controller.abort() as undefined;
      },
    });
    expect(await run()).toEqual({ exitCode: 75, signal: null });
    expect(said).toBe('ready\nsaved\n');
  });

  test.skipIf(!LINUX)('is told where a shell waits for it, which begins nothing more', async () => {
    const controller = new AbortController();
    let said = '';
    const { run } = program(
      `cd / && sh -c 'sleep 1000 & trap "kill $!; echo saved; exit 75" TERM; echo ready; wait'; echo evaluating`,
      {
        stop: controller.signal,
        onOutput: (chunk) => {
          said += chunk;
          return void controller.abort() as undefined;
        },
      },
    );
    expect(await run()).toEqual({ exitCode: null, signal: 'SIGTERM' });
    expect(said).toBe('ready\nsaved\n');
  });

  test('ends at once, however a script goes from step to step meanwhile', { timeout: 120_000 }, async () => {
    for (let steps = 1; steps <= 30; steps++) {
      const controller = new AbortController();
      const { run } = program(`n=0; while :; do /bin/true; n=$((n + 1)); [ $n != ${steps} ] || echo ready; done`, {
        stop: controller.signal,
        onOutput: () => void controller.abort() as undefined,
        graceSeconds: 20,
      });
      expect(await run(), `told after ${steps} steps`).toEqual({ exitCode: null, signal: 'SIGTERM' });
    }
  });

  test('takes all that it started with it when it does not end in time', async () => {
    const controller = new AbortController();
    let said = '';
    const { run } = program(
      `trap '' TERM; sh -c "echo \\$\\$; while :; do sleep 0.1; done" & while :; do sleep 0.1; done`,
      {
        stop: controller.signal,
        onOutput: (chunk) => {
          said += chunk;
          return void controller.abort() as undefined;
        },
        graceSeconds: 0.1,
      },
    );
    expect(await run()).toEqual({ exitCode: null, signal: 'SIGKILL' });
    await expect.poll(() => alive(Number(said))).toBe(false);
  });
});
