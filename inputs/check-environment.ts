import { basename, join, posix } from 'node:path';
import type { Problem } from '../core/base/errors.ts';
import { show } from '../core/base/text.ts';
import { placed } from '../core/spec/command.ts';
import type { Spec } from '../core/spec/spec.ts';
import { isEnvironment } from './source/rules.ts';
import type { Snapshot } from './source/snapshot.ts';

const ALLOWED = 'allowed: a requirements.txt or uv.lock';

/** Why packages cannot be installed from a file of this name; null when they can. */
export function requirementsFlaw(requirements: string): string | null {
  if (/\.(txt|in)$|uv\.lock$/.test(requirements)) return null;
  const received = `received ${show(requirements)}`;
  const name = basename(requirements);
  if (/\.ya?ml$/.test(name))
    return `${received}, which looks like a conda environment; ${ALLOWED}; list its Python packages in a requirements.txt, or leave this key out and run sweep with the environment activated (on AWS, build it into an image: docs/your-own-image.md)`;
  if (name === 'pyproject.toml')
    return `${received}, which does not fix versions; ${ALLOWED}; run uv lock beside it, and name the uv.lock`;
  return `${received}; ${ALLOWED}`;
}

/** Commands that name a file of a Python environment inside the source: trials get no copy of it. */
export function environmentProblems({ training }: Spec, { folder, leftOut }: Snapshot): Problem[] {
  const { command, workdir, requirements } = training;
  if (command === undefined) return [];
  const environments = leftOut.filter((name) => isEnvironment(join(folder, name)));
  return placed(command).flatMap(({ element, index }) => {
    if (posix.isAbsolute(element)) return [];
    const path = posix.join(workdir ?? '', element);
    const environment = environments.find((name) => path.startsWith(`${name}/`));
    if (environment === undefined) return [];
    const packages =
      requirements === undefined ? ', and set training.requirements to a requirements.txt or uv.lock' : '';
    return [
      {
        field: typeof command === 'string' ? 'training.command' : `training.command[${index}]`,
        message: `received ${show(element)}, which is in the Python environment ${environment}; trials get no copy of one, as it holds paths of this machine; write ${posix.basename(element)}${packages}`,
      },
    ];
  });
}
