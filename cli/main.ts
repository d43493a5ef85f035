import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { packageRoot } from './paths.ts';

// The command's first act, before any of its modules is needed: go on under Node 24 where an older one started it.
const major = Number(process.versions.node.split('.')[0]);
const packaged = major < 24 && process.env['SWEEPSTACK_NODE'] === undefined ? packagedNode() : null;
if (packaged !== null) restart(packaged);
else {
  const { sweep } = await import('./program.ts');
  const status = await sweep(process.argv.slice(2));
  // Not left to a drained event loop: nothing that a library keeps open may hold a finished command.
  await Promise.all(
    [process.stdout, process.stderr].map((stream) => new Promise((written) => stream.write('', written))),
  );
  process.exit(status);
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

function restart(node: string): void {
  const child = spawn(node, process.argv.slice(1), {
    stdio: 'inherit',
    env: { ...process.env, SWEEPSTACK_NODE: node },
  });
  // All are handed on, since a signal may be sent to this process alone. One sent to the group, as Ctrl-C is, reaches the
  // child twice, which takes the two for one (program.ts).
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 130)));
}
