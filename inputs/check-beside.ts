import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '../core/base/errors.ts';
import { didYouMean, show } from '../core/base/text.ts';
import { linkTarget, placeOf } from '../core/spec/places.ts';
import type { Spec } from '../core/spec/spec.ts';

/** The names of a source's files, and of the folders that they are in. */
function namesIn(files: readonly string[]): {
  readonly files: ReadonlySet<string>;
  readonly folders: ReadonlySet<string>;
} {
  const folders = new Set<string>();
  for (const file of files)
    for (let slash = file.indexOf('/'); slash >= 0; slash = file.indexOf('/', slash + 1))
      folders.add(file.slice(0, slash));
  return { files: new Set(files), folders };
}

/** What `training.files`, `links` and `workdir` cannot be with this source and this data. `data`: null unless a folder. */
export function checkBeside({ training }: Spec, sourceFiles: readonly string[], data: string | null): Problem[] {
  const source = namesIn(sourceFiles);
  const problems: Problem[] = [];
  const addProblem = (field: string, message: string) => problems.push({ field, message });
  const { workdir, files = {}, links = {} } = training;
  const start = placeOf(workdir ?? '');
  if (start !== '' && !source.folders.has(start))
    addProblem(
      'training.workdir',
      `received ${show(workdir)}, but the source has no such folder with files for a trial; correct the path${didYouMean(start, [...source.folders])}`,
    );
  for (const path of Object.keys(files)) {
    const above = fileAbove(placeOf(path), source.files);
    if (source.folders.has(placeOf(path)))
      addProblem(`training.files.${path}`, 'is a folder of the source; name a file in it, or elsewhere');
    else if (above !== null)
      addProblem(`training.files.${path}`, `lies below ${above}, which is a file of the source; choose another path`);
  }
  for (const [path, target] of Object.entries(links)) {
    const place = placeOf(path);
    const taken = source.files.has(place) || source.folders.has(place) ? place : fileAbove(place, source.files);
    if (taken !== null)
      addProblem(
        `training.links.${path}`,
        `the source has ${taken} already; rename the link, or list ${taken} in .sweepignore so that trials get no copy`,
      );
    const { folder, below } = linkTarget(target)!;
    if (folder === 'DATA_DIR' && data !== null && !existsSync(join(data, below)))
      addProblem(`training.links.${path}`, `received ${show(target)}, but the data has no ${below}; correct the path`);
  }
  return problems;
}

/** The file where a folder would have to be. */
function fileAbove(place: string, files: ReadonlySet<string>): string | null {
  for (let slash = place.indexOf('/'); slash >= 0; slash = place.indexOf('/', slash + 1))
    if (files.has(place.slice(0, slash))) return place.slice(0, slash);
  return null;
}

/** What is said of files that take the place of the source's own. */
export function replacedNotes({ training }: Spec, sourceFiles: readonly string[]): string[] {
  const replaced = Object.keys(training.files ?? {}).filter((path) => sourceFiles.includes(placeOf(path)));
  return replaced.map((path) => `training.files.${path} replaces that file of the source in each trial's copy`);
}
