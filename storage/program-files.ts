import { leftOutText, walkFolder } from './walk.ts';

export interface ProgramFiles {
  /** Relative to the folder, with `/`. */
  readonly paths: readonly string[];
  /** What cannot be stored by its nature, and why: `fifo is left out: it is a FIFO`. */
  readonly notes: readonly string[];
}

/**
 * The files that a program left below a folder, and what cannot be stored. Links are followed where they lead to a file or
 * folder within `within` (the folder itself unless said): what lies elsewhere on the machine is none of the program's
 * output.
 */
export async function programFiles(folder: string, within: readonly string[] = [folder]): Promise<ProgramFiles> {
  const { files, leftOut } = await walkFolder(folder, { within });
  return { paths: files.map(({ path }) => path), notes: leftOut.map(leftOutText) };
}
