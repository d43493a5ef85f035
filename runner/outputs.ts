import { constants } from 'node:fs';
import { copyFile, link, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bytesText, show } from '../core/base/text.ts';
import { placeOf } from '../core/spec/places.ts';
import { fitting, isOutput, MAX_OUTPUT_BYTES, MLFLOW_FOLDER } from '../core/trial/outputs.ts';
import { sweepObjects } from '../objects/sweep-objects.ts';
import { makeFolder } from '../storage/files.ts';
import type { Entry } from '../storage/walk.ts';
import type { Attempt } from './attempt.ts';
import { type FoundFile, filesBelow } from './found-files.ts';
import type { WrittenBeside } from './types.ts';

/** A link to a folder, such as `wandb/latest-run`: what is in it is found where it lies. */
const isSecondName = ({ isLink, isFolder }: Entry): boolean => isLink && isFolder;

/** How many omitted files to name. */
const MAX_NAMED = 5;

type OutputsOf = Pick<Attempt, 'run' | 'sweepId' | 'spec' | 'trial' | 'name' | 'folders'>;

/** Files that a program writes beside its code: which are kept, and which are removed with its copy of the source. */
export class Outputs {
  readonly #attempt: OutputsOf;
  readonly #outputs: readonly string[];
  readonly #workdir: string;
  /** What was there before the program started, by path. */
  #before: ReadonlyMap<string, string> = new Map();

  constructor(attempt: OutputsOf) {
    const { training } = attempt.spec;
    this.#attempt = attempt;
    this.#outputs = training.outputs ?? [];
    this.#workdir = placeOf(training.workdir ?? '');
  }

  /** Before the program starts: the code itself is no output, unless the program changes it. */
  async begin(): Promise<void> {
    this.#before = new Map((await this.#files()).map(({ path, unchanged }) => [path, unchanged]));
  }

  /**
   * Copies what is kept to the attempt's outputs folder, which is stored with the result. Never throws, because a training
   * must not fail over its outputs.
   * @param limit bytes in all
   * @returns what a person should know of it
   */
  async collect(limit = MAX_OUTPUT_BYTES): Promise<string[]> {
    try {
      return await this.#collect(limit);
    } catch (error) {
      return [`training.outputs: nothing is kept: ${(error as Error).message}`];
    }
  }

  /** Collects and stores outputs on their own, for an attempt that leaves no result. */
  async store(): Promise<void> {
    const { run, sweepId, trial, name, folders } = this.#attempt;
    await this.collect();
    await sweepObjects(run.store, sweepId).attempts.ofTrial(trial.id, name).uploadOutputs(folders.outputs);
  }

  async #collect(limit: number): Promise<string[]> {
    const { run, folders } = this.#attempt;
    const written = (await this.#files()).filter(({ path, unchanged }) => this.#before.get(path) !== unchanged);
    const beside: WrittenBeside[] = written.map(({ path, size }) => ({
      path,
      size,
      isKept: isOutput(path, this.#outputs, this.#workdir),
    }));
    const runs = await filesBelow(folders.mlflow, [folders.mlflow], isSecondName);
    const wanted = [
      ...beside
        .filter(({ isKept }) => isKept)
        .map(({ path, size }) => ({ path, size, file: join(folders.source, path) })),
      ...runs.map(({ path, size }) => ({
        path: `${MLFLOW_FOLDER}/${path}`,
        size,
        file: join(folders.mlflow, path),
      })),
    ];
    const { kept, leftOut } = fitting(wanted, limit);
    const lost: string[] = [];
    for (const { path, file } of kept)
      await lay(file, join(folders.outputs, path)).catch((error: Error) =>
        lost.push(`${show(path)}: ${error.message}`),
      );
    run.onWritten?.([
      ...beside,
      ...runs.map(({ path, size }) => ({ path: `${MLFLOW_FOLDER}/${path}`, size, isKept: true })),
    ]);
    return [
      ...(leftOut.length === 0 ? [] : [tooMuch(leftOut, limit)]),
      ...lost.slice(0, MAX_NAMED).map((why) => `training.outputs: not kept: ${why}`),
    ];
  }

  /** Those that may be kept; all where somebody wants to know of all. */
  async #files(): Promise<FoundFile[]> {
    const { run, folders } = this.#attempt;
    const isOfInterest = this.#outputs.length > 0 || run.onWritten !== undefined;
    const below = isOfInterest ? '' : join(this.#workdir, 'wandb');
    const files = await filesBelow(join(folders.source, below), [folders.source], isSecondName);
    return below === '' ? files : files.map((file) => ({ ...file, path: `${below}/${file.path}` }));
  }
}

function tooMuch(leftOut: readonly { readonly path: string; readonly size: number }[], limit: number): string {
  const named = leftOut.slice(0, MAX_NAMED).map(({ path, size }) => `${show(path)} (${bytesText(size)})`);
  const more = leftOut.length > MAX_NAMED ? ` and ${leftOut.length - MAX_NAMED} more` : '';
  return `training.outputs: more than ${bytesText(limit)} in all; not kept: ${named.join(', ')}${more}; write models to MODEL_DIR`;
}

/** A second name for the file costs no room; where there can be none, a copy. The program has ended. */
async function lay(file: string, place: string): Promise<void> {
  makeFolder(dirname(place));
  const real = await realpath(file);
  await link(real, place).catch(() => copyFile(real, place, constants.COPYFILE_FICLONE));
}
