import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { isatty } from 'node:tty';
import { packageRoot } from '../inputs/paths.ts';
import { HANGUP_VARIABLE, hangupWasIgnored } from './hangup.ts';

/** Set by the Node that restarts the command under another. */
const NODE_VARIABLE = 'SWEEPSTACK_NODE';
const major = Number(process.versions.node.split('.')[0]);

/** Whether an older Node has restarted the command: then a signal to the group comes twice, by itself and handed on. */
export const isRestarted = process.env[NODE_VARIABLE] !== undefined;
/** Whether SIGHUP was ignored when the command was started; then it stays so. */
export const ignoresHangup = hangupWasIgnored();

// What this command was told is not for the programs that it starts: one may be `sweep`, under another Node.
delete process.env[NODE_VARIABLE];
delete process.env[HANGUP_VARIABLE];

/** Goes on under Node 24 where an older Node started the command; whether it does. */
export function restartedUnderNode24(): boolean {
  if (ignoresHangup) process.on('SIGHUP', () => {});
  // The Node that started this one was killed. Its programs go with this process (runner/program.ts), as they would
  // had this process been killed itself.
  if (isRestarted) process.on('disconnect', () => process.exit(128 + constants.signals.SIGKILL));
  const node = major < 24 && !isRestarted ? packagedNode() : null;
  if (node !== null) restart(node);
  return node !== null;
}

/** Node 24 as npm installed it beside this package; null where there is none. */
function packagedNode(): string | null {
  const require = createRequire(join(packageRoot, 'package.json'));
  for (const name of [`node-${process.platform}-${process.arch}`, `node-bin-${process.platform}-${process.arch}`]) {
    try {
      return join(dirname(require.resolve(`${name}/package.json`)), 'bin', 'node');
    } catch {
      // the next name
    }
  }
  if (major >= 22) return null;
  console.error(
    `sweep needs Node 22 or later; this is ${process.version}, and no packaged Node is installed beside it. Install Node 24.`,
  );
  process.exit(1);
}

/** What may be sent to this process alone. SIGKILL and SIGSTOP cannot be caught; the end of the channel tells of the first. */
const HANDED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGCONT'] as const;

function restart(node: string): void {
  const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));
  const child = spawn(node, process.argv.slice(1), {
    // The channel carries nothing: it closes when this process ends, however suddenly.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, [NODE_VARIABLE]: node, ...(ignoresHangup ? { [HANGUP_VARIABLE]: 'ignored' } : {}) },
  });
  // One sent to the group, as Ctrl-C is, reaches the child twice, which takes the two for one (program.ts).
  for (const signal of HANDED_ON) process.on(signal, () => child.kill(signal));
  process.on('SIGTSTP', () => {
    child.kill('SIGTSTP');
    process.kill(process.pid, 'SIGSTOP');
  });
  child.on('exit', (code, signal) => {
    // Node 20 aborts at its end where it cannot reset a terminal, because that was closed. What is no terminal any more,
    // and closed here as well, it leaves alone.
    for (const descriptor of terminals) if (!isatty(descriptor)) closeSync(descriptor);
    process.exit(code ?? (signal === null ? 1 : 128 + constants.signals[signal]));
  });
}
