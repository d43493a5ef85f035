import { join } from 'node:path';
import type { ModelRewrite } from '../core/trial/model-rewrite.ts';
import { digestOfFile } from '../storage/folder-digest.ts';
import { lookAt } from './found-files.ts';

/**
 * A model that came back with the checkpoint: whether this attempt writes it again. Its largest file stands for it,
 * since programs keep logs and settings beside the weights.
 */
export class RestoredModel {
  /** The largest file, as a path of this machine. */
  readonly file: string;
  readonly #sha256: string;
  readonly #unchanged: string;
  readonly #resumedAfter: number;
  #isTouched = false;
  #isFollowed = false;

  constructor(file: string, sha256: string, unchanged: string, resumedAfter: number) {
    this.file = file;
    this.#sha256 = sha256;
    this.#unchanged = unchanged;
    this.#resumedAfter = resumedAfter;
  }

  /**
   * @param folder where the files are; `files`: what was restored there
   * @param resumedAfter the last epoch of the metrics that came with them
   */
  static async open(
    folder: string,
    files: readonly { readonly path: string; readonly size: number; readonly sha256: string }[],
    resumedAfter: number,
  ): Promise<RestoredModel | null> {
    const [largest] = files.toSorted((a, b) => b.size - a.size || (a.path < b.path ? -1 : 1));
    if (largest === undefined) return null;
    const file = join(folder, largest.path);
    const found = await lookAt(file, largest.path);
    return found === null ? null : new RestoredModel(file, largest.sha256, found.unchanged, resumedAfter);
  }

  get isTouched(): boolean {
    return this.#isTouched;
  }

  /** The file was written, moved or removed. */
  touched(): void {
    this.#isTouched = true;
  }

  /** Metrics were reported; what was touched before them was touched while the program trained. */
  reported(): void {
    this.#isFollowed ||= this.#isTouched;
  }

  /** Null while it is what was restored. */
  async rewrite(): Promise<ModelRewrite | null> {
    const now = await lookAt(this.file, '');
    const isSame =
      now !== null &&
      (now.unchanged === this.#unchanged || (await digestOfFile(this.file).catch(() => null)) === this.#sha256);
    return isSame ? null : { resumedAfter: this.#resumedAfter, whileTraining: this.#isFollowed };
  }
}
