import { spawnSync } from 'node:child_process';
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
  const path = [dirname(process.execPath), join(root, 'node_modules', '.bin'), process.env['PATH']].join(':');
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...systemCertificates(), ...process.env, PATH: path, ...environment },
  });
  if (error !== undefined) console.error(`${command}: ${error.message}`);
  return status === 0;
}

/** The same for a tool of node_modules/.bin, run by this very Node whatever its first line says. */
export const bin = (name: string): string => join(root, 'node_modules', '.bin', name);
