import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { BadInput, badInput } from '../core/errors.ts';

/** Reads a spec file, YAML or JSON, as a plain value. @throws BadInput when it is not there or does not parse */
export function readSpecFile(path: string): unknown {
  const text = readText(path);
  return path.endsWith('.json') ? parseJson(path, text) : parseYaml(path, text);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw badInput('', `${path}: there is no such file; sweep init writes a spec to start from`);
    if (code === 'EISDIR')
      throw badInput(
        '',
        `${path} is a folder; name the spec file in it, such as ${path.replace(/\/$/, '')}/sweep.yaml`,
      );
    throw badInput('', `${path} cannot be read: ${(error as Error).message}`);
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badInput('', `${path} is no JSON: ${(error as Error).message}; correct it there`);
  }
}

function parseYaml(path: string, text: string): unknown {
  const documents = parseAllDocuments(text, { prettyErrors: true });
  if ('empty' in documents || documents.every((document) => document.contents === null)) {
    throw badInput('', `${path} is empty; sweep init writes a spec to start from`);
  }
  const problems = documents.flatMap(({ errors }) => errors);
  if (problems.length > 0) {
    throw new BadInput(
      problems.map(({ message }) => ({
        field: '',
        message: `${path} is no YAML: ${message.trimEnd()}${message.includes('ab') && text.includes('\t') ? '\nIndent with spaces, not tabs.' : ''}`,
      })),
    );
  }
  if (documents.length > 1)
    throw badInput('', `${path} holds ${documents.length} documents; allowed: one spec a file; split it at ---`);
  return documents[0]!.toJS();
}
