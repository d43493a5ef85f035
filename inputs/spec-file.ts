import { statSync } from 'node:fs';
import { type Document, isScalar, Lexer, parseAllDocuments, type SchemaOptions, visit, type YAMLError } from 'yaml';
import { MAX_DEPTH } from '../core/base/document.ts';
import { BadInput, badInput } from '../core/base/errors.ts';
import { parseWrittenJson } from '../core/base/numbers.ts';
import { show } from '../core/base/text.ts';
import type { Written } from '../core/import/foreign.ts';
import { formatOf, toolOf } from '../core/import/import.ts';
import { isSpecDocument } from '../core/layout/source-files.ts';
import { mayHoldSecret } from '../core/spec/secrets.ts';
import { shellQuoted } from '../core/spec/shell-script.ts';
import { yamlHint } from '../core/spec/unquoted.ts';
import { plainSpec } from '../core/spec/written.ts';
import { readInput } from './input-file.ts';

/** Reads a spec file, YAML or JSON, as a plain value. @throws BadInput when it is not there or does not parse */
export function readSpecFile(path: string): unknown {
  const text = readText(path);
  if (isScript(path, text))
    throw badInput(
      '',
      `${path} is a program, not a spec; sweep init --from ${shellQuoted(path)} writes a spec that runs it`,
    );
  const spec = parseSpec(path, text);
  const format = formatOf(spec as Written);
  if (format !== null && !isSpecDocument(spec))
    throw badInput(
      '',
      `${path} is ${toolOf(format)}, not a spec; sweep import ${shellQuoted(path)} writes a spec of it`,
    );
  return spec;
}

/** The spec's own place is often taken for its program's. */
export const isScript = (path: string, text: string): boolean =>
  /\.(py|ipynb|sh|R|jl)$/.test(path) || text.startsWith('#!');

/** The text of a spec file as a plain value. @param path what messages call it; its ending tells JSON from YAML */
export function parseSpec(path: string, text: string): unknown {
  return plainSpec(path.endsWith('.json') ? parseJson(path, text) : parseYaml(path, text));
}

/** A spec of a thousand points and parameters; an execution's input has 256 KB. */
const MAX_SPEC_BYTES = 1024 * 1024;

function readText(path: string): string {
  try {
    return readInput('', path, MAX_SPEC_BYTES);
  } catch (error) {
    if (error instanceof BadInput && !isFolder(path)) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw badInput('', `${path} does not exist; sweep init writes a spec to start from`);
    if (isFolder(path))
      throw badInput(
        '',
        `${path} is a folder; name the spec file in it, such as ${path.replace(/\/$/, '')}/sweep.yaml`,
      );
    throw badInput('', `${path} cannot be read: ${(error as Error).message}`);
  }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

function parseJson(path: string, text: string): unknown {
  refuseDeep(path, text);
  let value: unknown;
  try {
    value = parseWrittenJson(text);
  } catch (error) {
    throw badInput('', `${path} is not valid JSON: ${unquoted((error as Error).message, text)}`);
  }
  // JSON.parse takes the last of two values of one key without a word; a JSON document is a YAML one.
  for (const document of parsed(path, text, { schema: 'json' })) refuseKeysTwice(path, document);
  return value;
}

function parseYaml(path: string, text: string): unknown {
  const documents = parsed(path, text, { merge: true });
  if (documents.every((document) => document.contents === null)) {
    throw badInput('', `${path} is empty; sweep init writes a spec to start from`);
  }
  // A tag that is not known is a warning, and its value would be taken for a plain one.
  const problems = documents.flatMap(({ errors, warnings }) => [...errors, ...warnings]);
  if (problems.length > 0) throw badYaml(path, problems, text);
  if (documents.length > 1)
    throw badInput('', `${path} holds ${documents.length} documents; allowed: one spec per file; split it at ---`);
  refuseKeysTwice(path, documents[0]!);
  try {
    // How often an alias stands for its value is counted, and refused in words, with the document (core/base/document.ts).
    return documents[0]!.toJS({ maxAliasCount: -1 });
  } catch (error) {
    throw badInput('', `${path} cannot be read: ${unquoted((error as Error).message, text)}; correct it there`);
  }
}

/**
 * `stringKeys`: 1 and "1" are one key in what is made of it. The library's own search for keys that stand twice takes
 * minutes for 20,000 keys.
 */
function parsed(path: string, text: string, options: SchemaOptions & { merge?: boolean }): Document[] {
  refuseDeep(path, text);
  const documents = parseAllDocuments(text, {
    ...options,
    intAsBigInt: true,
    prettyErrors: true,
    stringKeys: true,
    uniqueKeys: false,
    logLevel: 'silent',
  });
  return 'empty' in documents ? [] : documents;
}

function refuseDeep(path: string, text: string): void {
  if (isDeep(text)) throw badInput('', `${path} is nested too deeply; allowed: at most ${MAX_DEPTH} levels`);
}

/** Whether brackets, or items on one line (`- - -`), are nested too deeply: the parser recurses, and takes minutes to fail. */
export function isDeep(text: string): boolean {
  let brackets = 0;
  let items = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') brackets += 1;
    else if (token === ']' || token === '}') brackets = Math.max(0, brackets - 1);
    else if (token === '-' || token === '?') items += 1;
    else if (token.startsWith('\n') || token.startsWith('\r')) items = 0;
    if (brackets > MAX_DEPTH || items > MAX_DEPTH) return true;
  }
  return false;
}

function badYaml(path: string, problems: readonly YAMLError[], text: string): BadInput {
  const lines = text.split('\n');
  const hint = ({ message, linePos }: YAMLError) => {
    if (message.includes('ab') && text.includes('\t')) return '\nIndent with spaces, not tabs.';
    const said = yamlHint(lines[(linePos?.[0].line ?? 0) - 1] ?? '');
    return said === null ? '' : `\n${said}`;
  };
  // What the parser says of the same line again follows from the first.
  const told = problems.filter(
    ({ linePos }, i) =>
      linePos === undefined || i === problems.findIndex((each) => each.linePos?.[0].line === linePos[0].line),
  );
  const more = told.length - MAX_PROBLEMS;
  return new BadInput(
    told.slice(0, MAX_PROBLEMS).map((problem, i) => ({
      field: '',
      message:
        `${path} is not valid YAML: ${unquoted(problem.message.trimEnd(), quotedLines(text, problem.linePos?.[0].line))}${hint(problem)}` +
        (more > 0 && i === MAX_PROBLEMS - 1 ? `\n... and ${more} more, which may follow from the first` : ''),
    })),
  );
}

/** The lines that the YAML parser quotes of a text: that of the problem, and one above it. */
function quotedLines(text: string, line: number | undefined): string {
  return line === undefined ? text : text.split('\n').slice(0, line).filter(Boolean).slice(-2).join('\n');
}

/** A parser's message without the piece of the text that it quotes, where that may be a secret. */
function unquoted(message: string, text: string): string {
  if (!mayHoldSecret(text)) return message;
  return message
    .replace(/:\n[\s\S]*$/, '')
    .replace(/, (\.\.\.)?"[\s\S]*"(\.\.\.)? is not valid JSON$/, '')
    .replace(/(Unresolved alias \([^)]*\)): .*$/s, '$1');
}

/** One character that is wrong can make the parser stumble over every line below it. */
const MAX_PROBLEMS = 3;

/** @throws BadInput where a map of the file has a key twice */
export function refuseKeysTwice(path: string, document: Document): void {
  visit(document, {
    Map: (_, { items }) => {
      const seen = new Set<string>();
      for (const { key } of items) {
        const name = String(isScalar(key) ? key.value : key);
        if (seen.has(name) && name !== '<<')
          throw badInput('', `${path} has the key ${show(name)} twice in one map; map keys must be unique: remove one`);
        seen.add(name);
      }
    },
  });
}
