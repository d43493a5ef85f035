import { spawn, spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemCertificates } from '../runner/python.ts';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs a command in the repository with this very Node first on the PATH; whether it succeeded. */
export function run(
  title: string,
  command: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): boolean {
  console.error(`\n== ${title}`);
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: environmentWith(environment),
  });
  if (error !== undefined) console.error(`${command}: ${error.message}`);
  return status === 0;
}

/**
 * The same while this process goes on. What is not `shown` at once is printed as a whole in the end, so that the outputs of
 * two that run side by side do not mix.
 */
export async function runBeside(
  title: string,
  command: string,
  args: readonly string[],
  { shown, environment = {} }: { shown: boolean; environment?: NodeJS.ProcessEnv },
): Promise<boolean> {
  if (shown) console.error(`\n== ${title}`);
  const stdio = shown ? ('inherit' as const) : ('pipe' as const);
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', stdio, stdio], env: environmentWith(environment) });
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => output.push(chunk));
  const status = await new Promise<number | null>((resolve) => {
    child.on('close', resolve).on('error', (error) => {
      output.push(Buffer.from(`${command}: ${error.message}\n`));
      resolve(null);
    });
  });
  if (!shown) console.error(`\n== ${title}`);
  process.stderr.write(Buffer.concat(output));
  return status === 0;
}

function environmentWith(more: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const path = [dirname(process.execPath), join(root, 'node_modules', '.bin'), process.env['PATH']].join(':');
  return { ...systemCertificates(), ...process.env, PATH: path, ...more };
}

/** The same for a tool of node_modules/.bin, run by this very Node whatever its first line says. */
export const bin = (name: string): string => join(root, 'node_modules', '.bin', name);
