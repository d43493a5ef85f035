import type { Entry, Written } from './foreign.ts';

/** The spec under construction: settings with the lines they came from, and remarks on what did not come along whole. */

/** Where in the spec: `['search', 'space', 'lr']`. */
export type Place = readonly string[];

export interface Setting {
  readonly place: Place;
  readonly value: Written;
  /** Of the file it came from; null: from several, or from what the other tool does by default. */
  readonly line: number | null;
  readonly comment: string | null;
}

export interface Remark {
  /** The key of the spec below which it is written as a comment. */
  readonly place: Place;
  readonly line: number | null;
  /** What it is about, as the other tool's file names it. */
  readonly subject: string;
  readonly message: string;
}

export class Draft {
  readonly #settings: Setting[] = [];
  readonly #remarks: Remark[] = [];

  get settings(): readonly Setting[] {
    return this.#settings;
  }

  get remarks(): readonly Remark[] {
    return this.#remarks;
  }

  /** Sets a key, once; a second time replaces the first. */
  set(place: Place, value: Written, from: Entry | null, comment: string | null = null): void {
    const setting = { place, value, line: from?.line ?? null, comment };
    const index = this.#settings.findIndex((other) => isSame(other.place, place));
    if (index < 0) this.#settings.push(setting);
    else this.#settings[index] = setting;
  }

  get(...place: string[]): Written | undefined {
    return this.#settings.find((setting) => isSame(setting.place, place))?.value;
  }

  remove(...place: string[]): void {
    const index = this.#settings.findIndex((setting) => isSame(setting.place, place));
    if (index >= 0) this.#settings.splice(index, 1);
  }

  /** Says that something differs, or is missing, in the spec. */
  remark(place: Place, from: Entry | null, subject: string, message: string): void {
    this.#remarks.push({ place, line: from?.line ?? null, subject, message });
  }

  /** Says of keys that they have no counterpart. */
  drop(place: Place, entries: readonly Entry[], why = 'has no counterpart'): void {
    for (const entry of entries) this.remark(place, entry, entry.text, why);
  }
}

const isSame = (one: Place, other: Place): boolean =>
  one.length === other.length && one.every((step, index) => step === other[index]);
