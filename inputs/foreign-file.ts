import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from 'yaml';
import { documentFlaw } from '../core/base/document.ts';
import { BadInput, badInput } from '../core/base/errors.ts';
import type { ForeignDocument, Path, Written } from '../core/import/foreign.ts';
import { shellQuoted } from '../core/spec/shell-script.ts';
import { readInput } from './input-file.ts';
import { isDeep, isScript, refuseKeysTwice } from './spec-file.ts';

/** Sweeps of other tools are pages, not books. */
const MAX_BYTES = 1024 * 1024;

/** Reads a file of another tool, YAML or JSON, with the lines of what is in it. @throws BadInput */
export function readForeignFile(path: string): ForeignDocument[] {
  let text: string;
  try {
    text = readInput('', path, MAX_BYTES);
  } catch (error) {
    if (error instanceof BadInput) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw badInput(
      '',
      code === 'ENOENT'
        ? `${path} does not exist; name the file of the other tool`
        : `${path} cannot be read: ${message}`,
    );
  }
  if (isScript(path, text))
    throw badInput(
      '',
      `${path} is a program; sweep init --from ${shellQuoted(path)} reads its search space, if it has one of its own`,
    );
  return parseForeign(path, text);
}

/**
 * As YAML 1.1, which the Python tools and Kubernetes read: `1e-3` is a number there, and JSON is a part of it. Several
 * documents in one file are kept apart, as in a Kubernetes manifest.
 */
export function parseForeign(path: string, text: string): ForeignDocument[] {
  if (isDeep(text)) throw badInput('', `${path} is nested too deeply; simplify it`);
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, {
    version: '1.1',
    schema: 'yaml-1.1',
    merge: true,
    intAsBigInt: true,
    stringKeys: true,
    uniqueKeys: false,
    lineCounter: lines,
    logLevel: 'silent',
  });
  const documents = 'empty' in parsed ? [] : parsed.filter(({ contents }) => contents !== null);
  if (documents.length === 0) throw badInput('', `${path} is empty; name the file of the other tool`);
  return documents.map((document) => foreign(path, document, lines));
}

function foreign(path: string, document: Document, lines: LineCounter): ForeignDocument {
  // A tag that is not known is a warning, and its value would be taken for a plain one.
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) throw badInput('', `${path} is not valid YAML or JSON: ${problem.message.trimEnd()}`);
  refuseKeysTwice(path, document);
  const value = document.toJS({ maxAliasCount: -1 }) as Written;
  const flaw = documentFlaw(value);
  if (flaw !== null) throw badInput('', `${path} ${flaw}; simplify it`);
  return { value, lineOf: (at) => lines.linePos(offsetOf(document.contents as Node, at, document)).line };
}

/** Where the key of a path begins, or what is nearest above it: an alias or a merged map has no place of its own. */
function offsetOf(node: Node, path: Path, document: Document): number {
  let offset = node.range?.[0] ?? 0;
  let at: unknown = node;
  for (const step of path) {
    if (isSeq(at) && typeof step === 'number') {
      at = at.items[step];
      offset = (at as Node | undefined)?.range?.[0] ?? offset;
    } else if (isMap(at)) {
      const pair = at.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(step));
      if (pair === undefined) break;
      offset = (pair.key as Node).range?.[0] ?? offset;
      at = pair.value;
    } else break;
    if (at !== null && typeof at === 'object' && 'resolve' in at)
      at = (at as { resolve(d: Document): unknown }).resolve(document);
  }
  return offset;
}
