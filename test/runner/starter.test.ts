import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { statOf } from '../../runner/processes.ts';
import { ShortPrograms } from '../../runner/starter.ts';

let folder: string;
let runProgram: typeof import('../../runner/program.ts')['runProgram'];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sweepstack-starter-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  // A process that has started nothing yet.
  vi.resetModules();
  ({ runProgram } = await import('../../runner/program.ts'));
});

/** A shell's script as a program whose output goes through pipes. */
function program(script: string, given: Partial<Parameters<typeof runProgram>[0]> = {}) {
  let said = '';
  const run = () =>
    runProgram({
      command: ['sh', '-c', script],
      folder,
      environment: { PATH: process.env['PATH'] ?? '', METRICS_FILE: join(folder, 'metrics.jsonl') },
      mark: 'METRICS_FILE',
      pipes: join(folder, 'std'),
      onOutput: (chunk) => {
        said += chunk;
        return undefined;
      },
      stop: new AbortController().signal,
      graceSeconds: 30,
      ...given,
    });
  return { run, said: () => said };
}

/** The parent of the next program. */
async function parent(): Promise<number> {
  const { run, said } = program('echo $PPID');
  await run();
  return Number(said());
}

/** Runs short programs until another process starts them; its id. */
async function starter(): Promise<number> {
  await expect.poll(parent, { interval: 1, timeout: 20_000 }).not.toBe(process.pid);
  return parent();
}

const isAlive = (pid: number): boolean => statOf(pid)?.hasEnded === false;

test('only programs that are over within a second count as short', () => {
  const short = new ShortPrograms();
  for (let n = 0; n < 15; n++) short.add(999);
  for (let n = 0; n < 15; n++) short.add(1000);
  expect(short.areMany).toBe(false);
  short.add(999);
  expect(short.areMany).toBe(true);
});

describe.skipIf(process.platform !== 'linux')('after many short programs', () => {
  test('the next are started by a process of its own', async () => {
    expect(await parent()).toBe(process.pid);
    expect(readFileSync(`/proc/${await starter()}/cmdline`, 'utf8')).toContain('starts programs');
  });

  test('a program is heard, and how it ended', async () => {
    await starter();
    const { run, said } = program('echo one; echo two >&2; kill -9 $$');
    expect(await run()).toEqual({ exitCode: null, signal: 'SIGKILL' });
    expect(said()).toBe('one\ntwo\n');
    expect(await program('exit 9').run()).toEqual({ exitCode: 9, signal: null });
  });

  test('a program has the descriptors that it had before', async () => {
    const before = program('ls /proc/$$/fd');
    await before.run();
    await starter();
    const { run, said } = program('ls /proc/$$/fd');
    await run();
    expect(said()).toBe(before.said());
  });

  test('a program has its own environment alone', async () => {
    await starter();
    const environment = { A: 'ä\n', METRICS_FILE: 'm', PATH: process.env['PATH'] ?? '' };
    const command = [process.execPath, '-p', 'JSON.stringify(process.env)'];
    const { run, said } = program('', { command, environment });
    await run();
    expect(JSON.parse(said())).toMatchObject(environment);
    expect(said()).not.toContain('NODE_');
  });

  test('that process keeps no descriptor of a program that has ended', async () => {
    const pid = await starter();
    const open = () => readdirSync(`/proc/${pid}/fd`).length;
    const before = open();
    for (const script of ['echo one', 'echo two']) await program(script).run();
    await expect.poll(open).toBeLessThanOrEqual(before);
  });

  test('a program in a folder that is gone ends with status 127 and says why', async () => {
    await starter();
    const { run, said } = program('', { folder: '/no/such/folder' });
    expect(await run()).toEqual({ exitCode: 127, signal: null });
    expect(said()).toBe('spawn /bin/sh ENOENT\n');
  });

  test('what a program left in its group ends with it', async () => {
    await starter();
    const { run, said } = program('sleep 1000 & echo $!');
    await run();
    await expect.poll(() => isAlive(Number(said()))).toBe(false);
  });

  test('a signal to all processes of a service leaves a program its time', async () => {
    const pid = await starter();
    const { run, said } = program('echo ready; read _ < go; echo saved');
    spawn('mkfifo', [join(folder, 'go')]);
    await expect.poll(() => existsSync(join(folder, 'go'))).toBe(true);
    const ended = run();
    await expect.poll(said).toBe('ready\n');
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.kill(pid, signal);
    expect(await parent()).toBe(pid);
    writeFileSync(join(folder, 'go'), 'go\n');
    expect(await ended).toEqual({ exitCode: 0, signal: null });
    expect(said()).toBe('ready\nsaved\n');
  });

  test('where that process is killed, its programs end and are to run again, and the next start as before', async () => {
    const pid = await starter();
    const { run, said } = program('echo $$; exec sleep 1000');
    const ended = run();
    await expect.poll(said).not.toBe('');
    process.kill(pid, 'SIGKILL');
    expect(await ended).toEqual({ exitCode: null, signal: null });
    await expect.poll(() => isAlive(Number(said()))).toBe(false);
    expect(await parent()).toBe(process.pid);
  });

  test('a program that it may have started when it was killed is not started beside that', async () => {
    const pid = await starter();
    process.kill(pid, 'SIGSTOP');
    const { run, said } = program('echo begun');
    const ended = run();
    for (let turns = 0; turns < 5; turns++) await turn();
    process.kill(pid, 'SIGKILL');
    expect(await ended).toEqual({ exitCode: null, signal: null });
    expect(said()).toBe('');
  });

  test('a program whose output it cannot open by name starts as before, and so do the next', async () => {
    await starter();
    const { start } = await import('../../runner/starter.ts');
    const server = createServer().listen(join(folder, 'socket'));
    onTestFinished(() => void server.close());
    const socket = connect(join(folder, 'socket'));
    onTestFinished(() => void socket.destroy());
    await once(socket, 'connect');
    const { fd } = (socket as unknown as { _handle: { fd: number } })._handle;
    const command = ['/bin/sh', '-c', 'exit 9'];
    const started = await start({ command, folder, environment: {}, output: [fd, fd] });
    expect(await started.ended).toEqual({ exitCode: 9, signal: null });
    started.letGo();
    expect(await parent()).toBe(process.pid);
  });

  test('a program and that process end when we are killed', async () => {
    const child = command(`await run('echo $PPID; echo $$; exec sleep 1000');`);
    const started: number[] = [];
    for await (const line of createInterface(child.stdout)) if (started.push(Number(line)) === 2) break;
    expect(started.map(isAlive)).toEqual([true, true]);
    process.kill(-child.pid!, 'SIGKILL');
    await expect.poll(() => started.map(isAlive), { timeout: 10_000 }).toEqual([false, false]);
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });

  test('that process keeps us from ending as long as a program runs', async () => {
    const child = command(`console.log(JSON.stringify(await run('exec > /dev/null 2>&1; sleep 0.2; exit 9')));`);
    expect((await child.stdout.toArray()).join('')).toBe('{"exitCode":9,"signal":null}\n');
  });
});

/** A process of its own that does this when another starts its programs. */
function command(then: string) {
  const file = join(folder, 'command.ts');
  writeFileSync(
    file,
    `import { runProgram } from ${JSON.stringify(join(import.meta.dirname, '../../runner/program.ts'))};
const folder = ${JSON.stringify(folder)};
const environment = { PATH: process.env.PATH, METRICS_FILE: folder + '/metrics.jsonl' };
const run = (script, onOutput = (chunk) => void process.stdout.write(chunk)) => runProgram({ command: ['sh', '-c', script], folder,
  environment, mark: 'METRICS_FILE', pipes: folder + '/std', stop: new AbortController().signal, graceSeconds: 30, onOutput });
for (let parent = process.pid; parent === process.pid; ) await run('echo $PPID', (chunk) => void (parent = Number(chunk)));
${then}
`,
  );
  return spawn(process.execPath, [file], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
}
