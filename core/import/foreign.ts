import { badInput } from '../base/errors.ts';
import { show } from '../base/text.ts';

/** A parsed value in which a whole number is a bigint and a float a number, so that 1 and 1.0 stay apart. */
export type Written = null | boolean | number | bigint | string | readonly Written[] | WrittenMap;
export interface WrittenMap {
  readonly [key: string]: Written;
}

export type Path = readonly (string | number)[];

/** A file of another tool, parsed. */
export interface ForeignDocument {
  readonly value: Written;
  /** The line, from 1, on which what stands at a path begins. */
  readonly lineOf: (path: Path) => number;
}

export const isMap = (value: Written | undefined): value is WrittenMap =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** `a.b[2].c` */
export const pathText = (path: Path): string =>
  path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
    '',
  );

/** A value as a message may show it. */
export const shown = (value: Written): string =>
  show(JSON.parse(JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? Number(item) : item))));

/** A value of a document with the place where it stands. What cannot be read is refused with that place. */
export class Entry {
  readonly value: Written;
  readonly path: Path;
  readonly #document: ForeignDocument;
  readonly #opened: Fields[];

  constructor(document: ForeignDocument, value = document.value, path: Path = [], opened: Fields[] = []) {
    this.#document = document;
    this.value = value;
    this.path = path;
    this.#opened = opened;
  }

  get line(): number {
    return this.#document.lineOf(this.path);
  }

  /** The key by which it stands in its map. */
  get key(): string {
    return String(this.path.at(-1) ?? '');
  }

  get text(): string {
    return pathText(this.path);
  }

  map(): Fields {
    if (!isMap(this.value)) throw this.refusal('a mapping');
    const fields = new Fields(
      this,
      Object.entries(this.value).map(([key, value]) => this.#child(key, value)),
    );
    this.#opened.push(fields);
    return fields;
  }

  /** What nobody took of the mappings that were read, in the whole document. */
  leftOver(): Entry[] {
    return this.#opened.flatMap((fields) => fields.rest());
  }

  list(): Entry[] {
    if (!Array.isArray(this.value)) throw this.refusal('a list');
    return (this.value as readonly Written[]).map((value, index) => this.#child(index, value));
  }

  /** A list of at least one item. */
  items(): Entry[] {
    const items = this.list();
    if (items.length === 0) throw this.refusal('at least one value');
    return items;
  }

  /** A text; a number or a boolean as it would be written. */
  string(): string {
    if (this.value === null || typeof this.value === 'object') throw this.refusal('a text');
    return String(this.value);
  }

  /** A number, also one that is written as a text, as Katib and SageMaker have them. */
  number(): number {
    const { value } = this;
    const number =
      typeof value === 'string' && value.trim() !== ''
        ? Number(value)
        : typeof value === 'bigint'
          ? Number(value)
          : value;
    if (typeof number !== 'number' || !Number.isFinite(number)) throw this.refusal('a number');
    return number;
  }

  whole(): number {
    const number = this.number();
    if (!Number.isSafeInteger(number)) throw this.refusal('a whole number');
    return number;
  }

  /** Whether it is written as a whole number. */
  get isWhole(): boolean {
    return typeof this.value === 'bigint' || (typeof this.value === 'string' && /^\s*[-+]?[0-9]+\s*$/.test(this.value));
  }

  refusal(allowed: string): Error {
    return badInput(
      this.text,
      `line ${this.line}: received ${shown(this.value)}; allowed: ${allowed}; correct it there`,
    );
  }

  #child(key: string | number, value: Written): Entry {
    return new Entry(this.#document, value, [...this.path, key], this.#opened);
  }
}

/** The keys of a map. What nobody takes is left over, so nothing can be passed over in silence. */
export class Fields {
  readonly at: Entry;
  readonly #left: Map<string, Entry>;

  constructor(at: Entry, entries: readonly Entry[]) {
    this.at = at;
    this.#left = new Map(entries.map((entry) => [entry.key, entry]));
  }

  take(key: string): Entry | undefined {
    const entry = this.#left.get(key);
    this.#left.delete(key);
    return entry === undefined || entry.value === null ? undefined : entry;
  }

  /** @throws BadInput where the key is missing */
  need(key: string): Entry {
    const entry = this.take(key);
    if (entry === undefined)
      throw badInput(
        pathText([...this.at.path, key]),
        `is missing (${this.at.path.length === 0 ? 'at the top' : `${this.at.text} begins on line ${this.at.line}`}); add it`,
      );
    return entry;
  }

  /** Null counts as a value. */
  takeAny(key: string): Entry | undefined {
    const entry = this.#left.get(key);
    this.#left.delete(key);
    return entry;
  }

  rest(): Entry[] {
    const rest = [...this.#left.values()];
    this.#left.clear();
    return rest;
  }
}
