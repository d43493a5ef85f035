import type { Dirent } from 'node:fs';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import ignore from 'ignore';
import { parse as parseToml } from 'smol-toml';
import { parse } from 'yaml';
import type { Json } from '../../core/base/json.ts';
import { NEVER_CODE, TOOLS_OUTPUT } from '../../core/layout/source-files.ts';
import { isEnvironment } from '../source/rules.ts';
import type { ConfigFile } from './configuration.ts';
import { OTHER_LANGUAGE } from './other-languages.ts';
import type { ProgramFolder } from './program.ts';

const MAX_DEPTH = 5;
const MAX_ENTRIES = 5000;
/** A script or a config that a person wrote is smaller. */
const MAX_TEXT_BYTES = 300_000;

/** A folder of more holds data, such as annotations; and parsing a megabyte of YAML takes a second. */
const MAX_CONFIGS = 100;
const MAX_CONFIG_BYTES = 4_000_000;

/** Reads what a training program may consist of; of a large folder its first files. */
export function readProgramFolder(root: string): ProgramFolder {
  const rules = ignore().add([...NEVER_CODE, ...TOOLS_OUTPUT]);
  const scripts = new Map<string, string>();
  const others = new Map<string, string>();
  const configs: ConfigFile[] = [];
  const files = new Set<string>();
  const folders = new Set<string>();
  // Breadth first, so that what lies deep is what a limit leaves out.
  let bytes = 0;
  const waiting: { readonly path: string; readonly depth: number }[] = [{ path: '', depth: 0 }];
  for (const { path, depth } of waiting) {
    let configsHere = 0;
    for (const entry of entriesOf(join(root, path))) {
      const name = path === '' ? entry.name : `${path}/${entry.name}`;
      if (files.size + folders.size >= MAX_ENTRIES) break;
      const isFolder = isFolderAt(root, name, entry);
      if (rules.ignores(isFolder ? `${name}/` : name)) continue;
      if (!isFolder) {
        files.add(name);
        const isOther = OTHER_LANGUAGE.test(name);
        const isConfig = CONFIG.test(name) && configsHere++ < MAX_CONFIGS && bytes < MAX_CONFIG_BYTES;
        const text = isOther || isConfig || name.endsWith('.py') ? textOf(join(root, name)) : null;
        if (isConfig) bytes += text?.length ?? 0;
        if (text !== null && name.endsWith('.py')) scripts.set(name, text);
        else if (text !== null && isOther) others.set(name, text);
        else if (text !== null) configs.push({ file: name, text, document: documentOf(name, text) });
      } else if (!entry.name.startsWith('.') && !isEnvironment(join(root, name))) {
        folders.add(name);
        if (depth < MAX_DEPTH && !entry.isSymbolicLink()) waiting.push({ path: name, depth: depth + 1 });
      }
    }
  }
  return { scripts, others, configs, files, folders };
}

const CONFIG = /\.(ya?ml|json|toml)$/;

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return []; // another's
  }
}

function isFolderAt(root: string, name: string, entry: Dirent): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  try {
    return statSync(join(root, name), { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    return false; // a link to itself, or into what is another's
  }
}

function textOf(path: string): string | null {
  try {
    const info = statSync(path);
    // A pipe would be waited for.
    return info.isFile() && info.size <= MAX_TEXT_BYTES ? readFileSync(path, 'utf8') : null;
  } catch {
    return null;
  }
}

function documentOf(name: string, text: string): Json {
  try {
    if (name.endsWith('.json')) return JSON.parse(text) as Json;
    return name.endsWith('.toml') ? (parseToml(text) as Json) : (parse(text, { logLevel: 'silent' }) as Json);
  } catch {
    return null; // a template, or several documents
  }
}
