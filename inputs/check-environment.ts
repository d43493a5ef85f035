import { basename, join, posix } from 'node:path';
import type { Problem } from '../core/base/errors.ts';
import { show } from '../core/base/text.ts';
import { placed } from '../core/spec/command.ts';
import { type LocalArchive, localArchives, lockObstacle } from '../core/spec/python-project.ts';
import type { Spec } from '../core/spec/spec.ts';
import { type LocalProject, localProjects, readToml } from '../storage/local-projects.ts';
import { isEnvironment } from './source/rules.ts';
import type { Snapshot } from './source/snapshot.ts';

const ALLOWED = 'allowed: a requirements.txt, uv.lock or pyproject.toml';

/**
 * Why packages cannot be installed from a file of this name; null when they can.
 * @param isHere whether the trials run on this machine, whose cache keeps what a pyproject.toml was locked to
 */
export function requirementsFlaw(requirements: string, isHere: boolean): string | null {
  if (/\.(txt|in)$|(^|\/)uv\.lock$/.test(requirements)) return null;
  const received = `received ${show(requirements)}`;
  const name = basename(requirements);
  if (/\.ya?ml$/.test(name))
    return `${received}, which looks like a conda environment; ${ALLOWED}; list its Python packages in a requirements.txt, or leave this key out and run sweep with the environment activated (on AWS, build it into an image: docs/your-own-image.md)`;
  if (name === 'pyproject.toml')
    return isHere
      ? null
      : `${received}, which does not fix versions, so each instance might install others; run uv lock beside it, and name the uv.lock`;
  return `${received}; ${ALLOWED}`;
}

/** What is said of requirements that fix no versions. */
export function versionNotes({ training: { requirements } }: Spec): string[] {
  if (requirements === undefined || basename(requirements) !== 'pyproject.toml') return [];
  return [
    'training.requirements: a pyproject.toml fixes no versions. They are chosen at the first run and stay in the cache of this machine; to fix them, and for sweep start, run uv lock beside it and name the uv.lock.',
  ];
}

/** A lock whose packages of its own cannot be had in a trial: they would be compiled, or do not travel. */
export async function projectProblems(requirements: string | null): Promise<Problem[]> {
  if (requirements === null) return [];
  const field = 'training.requirements';
  try {
    const obstacle = basename(requirements) === 'pyproject.toml' ? lockObstacle(await readToml(requirements)) : null;
    if (obstacle !== null) return [{ field, message: `received a pyproject.toml that ${obstacle}` }];
    const lock = basename(requirements) === 'uv.lock' ? await readToml(requirements) : {};
    const flaws = [...localArchives(lock).map(archiveFlaw), ...(await localProjects(requirements)).map(localFlaw)];
    return flaws.flatMap((message) => (message === null ? [] : [{ field, message }]));
  } catch (error) {
    return [{ field, message: (error as Error).message }];
  }
}

/** uv leaves it out together with the source's own packages, which trials import from their copy. */
const archiveFlaw = ({ name, path }: LocalArchive): string =>
  `installs ${name} from the file ${path}, which trials do not; list it in a requirements.txt, as ./${path.replace(/^\.\//, '')}, beside what uv export --no-hashes --no-emit-local writes`;

function localFlaw({ path, project: { name, compiler } }: LocalProject): string | null {
  if (path.startsWith('..'))
    return `installs ${name} from ${path}, which is outside of the source; set training.source to the folder above both, and training.workdir to this one`;
  return compiler === null
    ? null
    : `installs ${name}, which ${compiler} has to compile; trials use the source as it is; build a wheel of it and list it in a requirements.txt, or build it into an image (docs/your-own-image.md)`;
}

/** Commands that name a file of a Python environment inside the source: trials get no copy of it. */
export function environmentProblems({ training }: Spec, { folder, leftOut }: Snapshot): Problem[] {
  const { command, workdir, requirements } = training;
  if (command === undefined) return [];
  const environments = leftOut.filter((name) => isEnvironment(join(folder, name)));
  const environmentOf = (word: string) => {
    // An absolute path is there for trials of this machine.
    if (posix.isAbsolute(word)) return undefined;
    const path = posix.join(workdir ?? '', word);
    return environments.find((name) => path.startsWith(`${name}/`));
  };
  return placed(command).flatMap(({ element, index }) => {
    // A script for a shell names several; of `source .venv/bin/activate` nothing is left to write.
    const found = element.split(/[\s'"`;|&()<>]+/).find((word) => environmentOf(word) !== undefined);
    if (found === undefined) return [];
    const program = posix.basename(found);
    const packages =
      requirements === undefined ? ', and set training.requirements to a requirements.txt or uv.lock' : '';
    const remedy = /^activate(\.\w+)?$/.test(program) ? 'leave that out' : `write ${program}`;
    return [
      {
        field: typeof command === 'string' ? 'training.command' : `training.command[${index}]`,
        message: `received ${show(element)}${found === element ? '' : ` with ${found}`}, which is in the Python environment ${environmentOf(found)}; trials get no copy of one, as it holds paths of this machine; ${remedy}${packages}`,
      },
    ];
  });
}
