// The report's page without a sweep: page/shell.html with the style and the script of page inside, and a
// content security policy that allows these two and nothing else, so that a page that is sent around loads nothing.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const folder = fileURLToPath(new URL('../page/', import.meta.url));

export async function reportPage(): Promise<string> {
  const [script, style] = await Promise.all([bundled('main.ts'), bundled('style.css')]);
  const policy = [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const parts: Readonly<Record<string, string>> = { policy, style, script };
  return readFileSync(`${folder}shell.html`, 'utf8').replace(
    /\{\{(policy|style|script)\}\}/g,
    (_, name: string) => parts[name]!,
  );
}

async function bundled(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [`${folder}${entry}`],
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    target: ['chrome109', 'firefox115', 'safari16.4'],
    legalComments: 'none',
    charset: 'ascii',
    logLevel: 'warning',
  });
  const text = outputFiles[0]!.text.trim();
  if (/<\/(script|style)/i.test(text)) throw new Error(`${entry}: its bundle would end its own element`);
  return text;
}

const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
