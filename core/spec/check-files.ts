import { show } from '../base/text.ts';
import { checkPlaceholdersWithin } from './check-placeholders.ts';
import { linkTarget, overlap, partsOf, placeFlaw } from './places.ts';
import type { AddProblem } from './problems.ts';
import type { ParsedSpec } from './spec.ts';

/** What the spec puts beside the program: `training.files`, `training.links`, `training.workdir`. */
export function checkFiles(parsed: ParsedSpec, addProblem: AddProblem): void {
  const { command, source, workdir, files = {}, links = {} } = parsed.training;
  for (const key of ['workdir', 'files', 'links'] as const)
    if (parsed.training[key] !== undefined && command === undefined)
      addProblem(`training.${key}`, 'needs training.command: the built-in trainer reads no files of yours');
  if (workdir !== undefined) checkWorkdir(workdir, source, addProblem);
  for (const [path, content] of Object.entries(files)) {
    const field = `training.files.${path}`;
    const flaw = path.endsWith('/') ? 'ends in a slash, as a folder would' : placeFlaw(path, false);
    if (flaw !== null)
      addProblem(
        field,
        `received the path ${show(path)}, which ${flaw}; allowed: a file inside the copy of the source`,
      );
    checkPlaceholdersWithin(content, field, parsed, addProblem);
  }
  for (const [path, target] of Object.entries(links)) checkLink(path, target, parsed, addProblem);
  checkOverlaps(Object.keys(files), Object.keys(links), addProblem);
}

function checkWorkdir(workdir: string, source: string | undefined, addProblem: AddProblem): void {
  const field = 'training.workdir';
  const flaw = partsOf(workdir).length === 0 ? null : placeFlaw(workdir, false);
  if (flaw !== null)
    addProblem(
      field,
      `received ${show(workdir)}, which ${flaw}; allowed: a folder inside training.source, relative to it`,
    );
  if (source === undefined)
    addProblem(field, `received ${show(workdir)} without training.source; add source: ., the folder that contains it`);
}

function checkLink(path: string, target: string, { training }: ParsedSpec, addProblem: AddProblem): void {
  const field = `training.links.${path}`;
  const flaw = placeFlaw(path, true);
  if (flaw !== null)
    addProblem(
      field,
      `received the path ${show(path)}, which ${flaw}; allowed: a path inside the copy of the source, or ../name beside it`,
    );
  const to = linkTarget(target);
  if (to === null)
    addProblem(
      field,
      `received ${show(target)}; allowed: {DATA_DIR}, {MODEL_DIR}, {CHECKPOINT_DIR}, or a path below one of them, such as {DATA_DIR}/train`,
    );
  else if (to.folder === 'DATA_DIR' && training.data === undefined)
    addProblem(field, 'received {DATA_DIR}, but the sweep has no data; add training.data, or remove the link');
}

/** What lies below a link would be written to where it leads. */
function checkOverlaps(files: readonly string[], links: readonly string[], addProblem: AddProblem): void {
  const places = [
    ...files.map((path) => ({ field: `training.files.${path}`, path })),
    ...links.map((path) => ({ field: `training.links.${path}`, path })),
  ];
  places.forEach(({ field, path }, index) => {
    const other = places.slice(0, index).find((before) => overlap(before.path, path));
    if (other !== undefined)
      addProblem(field, `is the same place as ${other.field}, or one lies below the other; rename one of them`);
  });
}
