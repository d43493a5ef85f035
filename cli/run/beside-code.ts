import { bytesText, firstOf } from '../../core/base/text.ts';
import { outputsThatKeep, type WrittenEntry, writtenEntries } from '../../core/trial/outputs.ts';
import type { WrittenBeside } from '../../runner/types.ts';
import { plain } from '../terminal/text.ts';

export interface BesideCode {
  /** What the program wrote beside its code, by name: kept with the trial, and removed with its copy of the source. */
  readonly written: { readonly kept: readonly WrittenEntry[]; readonly discarded: readonly WrittenEntry[] };
  /** `training.outputs` that keeps what is discarded as well; null where nothing is. */
  readonly outputsToKeepAll: readonly string[] | null;
}

/** What was written beside the code, and what would keep all of it. */
export function besideCode(outputs: readonly string[], files: readonly WrittenBeside[]): BesideCode {
  const kept = writtenEntries(files.filter(({ isKept }) => isKept));
  const discarded = writtenEntries(files.filter(({ isKept }) => !isKept));
  return {
    written: { kept, discarded },
    outputsToKeepAll: discarded.length === 0 ? null : outputsThatKeep(outputs, discarded),
  };
}

/** Of what is kept or discarded, so many names are shown. */
const MAX_ENTRIES = 10;

function entriesText(entries: readonly WrittenEntry[]): string {
  const named = entries.map(
    ({ name, files, bytes }) => `${plain(name)} (${files} ${files === 1 ? 'file' : 'files'}, ${bytesText(bytes)})`,
  );
  return firstOf(named, MAX_ENTRIES);
}

/** The line of a spec, to be copied. */
const outputsLine = (outputs: readonly string[]): string =>
  `outputs: [${outputs.map((pattern) => (/^[A-Za-z0-9_./-]+$/.test(pattern) ? pattern : JSON.stringify(pattern))).join(', ')}]`;

/** As `sweep try` says it; no line where the program wrote nothing there. */
export function writtenLines({ written: { kept, discarded }, outputsToKeepAll }: BesideCode): string[] {
  return [
    ...(kept.length === 0 ? [] : [`kept         ${entriesText(kept)}`]),
    ...(outputsToKeepAll === null
      ? []
      : [
          `discarded    ${entriesText(discarded)}: written beside the code and removed with the trial's copy; to keep it, add under training:`,
          `               ${outputsLine(outputsToKeepAll)}`,
        ]),
  ];
}
