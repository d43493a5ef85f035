#!/usr/bin/env node
// Runs a TypeScript file of this repository with Node 24, whatever Node (20 or later) started this one. Plain
// JavaScript without dependencies, because on a fresh clone nothing is installed yet.
//
//   node tools/node24.mjs [--install | --install-missing] FILE.ts [ARG ...]
//
// --install first runs `npm ci` when node_modules does not match package-lock.json; --install-missing only where nothing
// is installed: npm runs `prepare` at the end of its own install, and for `npm install -g CLONE` without any.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { isatty } from 'node:tty';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const args = process.argv.slice(2);
if (args[0] === '--install') {
  args.shift();
  install();
} else if (args[0] === '--install-missing') {
  args.shift();
  if (!existsSync(join(root, 'node_modules', 'esbuild'))) install();
}
// The channel carries nothing: it closes when this process ends, however suddenly, and then the other one ends as well.
// Processes that are forked below inherit the flag; it is not for them. Unreferenced, it keeps no script from its end.
const LIFELINE = `data:text/javascript,if (process.send && process.ppid === ${process.pid}) {
  process.on('disconnect', () => process.exit(137));
  process.channel.unref();
}`;
const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));
const child = spawn(findNode(), ['--import', LIFELINE, ...args], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'])
  process.on(signal, () => child.kill(signal));
child.on('error', (error) => fail(`could not start Node 24: ${error.message}`));
child.on('exit', (code, signal) => {
  // Node 20 aborts at its end where a terminal was closed that it wants to reset (see cli/startup.ts).
  for (const descriptor of terminals) if (!isatty(descriptor)) closeSync(descriptor);
  process.exit(code ?? (signal === null ? 1 : 128 + constants.signals[signal]));
});

function install() {
  const marker = join(root, 'node_modules', '.lock-digest');
  const digest = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === digest) return;
  console.error('Installing the packages of package-lock.json (once, under a minute) ...');
  // Scripts are not run: no package here needs its own, and ours (prepare) builds, which the caller does if it needs to.
  const npm = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', process.stderr, process.stderr],
    // Inside `npm install -g` these would send the packages elsewhere.
    env: Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^npm_config_(global|prefix|location|local_prefix)/i.test(name)),
    ),
  });
  if (npm.status !== 0) fail(`npm ci failed with status ${npm.status}; its messages stand above`);
  writeFileSync(marker, digest);
}

function findNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major >= 24) return process.execPath;
  const require = createRequire(join(root, 'package.json'));
  for (const name of [`node-${process.platform}-${process.arch}`, `node-bin-${process.platform}-${process.arch}`]) {
    try {
      return join(dirname(require.resolve(`${name}/package.json`)), 'bin', 'node');
    } catch {
      // not for this platform: the next name, then the machine's own Node
    }
  }
  // 22.18 is the first release of the 22 line that runs TypeScript files without a flag.
  if (major === 23 || (major === 22 && minor >= 18)) return process.execPath;
  fail(
    `Node ${process.versions.node} is too old and no packaged Node 24 exists for ${process.platform}-${process.arch}; install Node 24`,
  );
}

function fail(message) {
  console.error(`sweepstack: ${message}`);
  process.exit(1);
}
