// Builds what is shipped: dist/sweep.mjs (the command, one file), dist/runner.mjs (the container's entrypoint, one file),
// dist/lambdas/<name>/ (the Lambda functions: index.mjs, and what it imports only when it is used), dist/report-page.html (the report without a sweep, for
// the command and the select function) and sweep.schema.json (from the zod schema).
// `--sizes` prints how large each is.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type OutputFile, type Plugin } from 'esbuild';
import { specJsonSchema } from '../core/spec/spec.ts';
import { FUNCTION_NAMES } from '../lambdas/functions.ts';
import { bundledLater, calledOperationsOnly, namedBuiltins, noEventStreams } from './lean-lambdas.ts';
import { reportPage } from './report-page.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * The local interpreter can invoke real Lambdas and validate definitions. The local run needs neither: its tasks are
 * overridden, its definition is validated by a test. Left out, the command starts in half the time.
 */
const unusedByTheInterpreter: Plugin = {
  name: 'unused-by-the-interpreter',
  setup({ onResolve, onLoad }) {
    onResolve(
      { filter: /^(@aws-sdk\/client-lambda|@aws-sdk\/credential-providers|asl-validator)$/ },
      ({ path, importer }) =>
        importer.includes('aws-local-stepfunctions') ? { path, namespace: 'unused' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'unused' }, ({ path }) => ({
      contents: `const unused = () => { throw new Error(${JSON.stringify(`${path} is not part of the local run`)}); };
export default unused; export const LambdaClient = unused, InvokeCommand = unused, fromCognitoIdentityPool = unused;`,
    }));
  },
};

/**
 * string-width holds an expression of every emoji there is, which V8 takes 50 ms to check when it reads the file: a fifth of
 * the start of every command. So it is made when it is first asked, of text that is not plain ASCII.
 */
const emojiLater: Plugin = {
  name: 'emoji-later',
  setup({ onLoad }) {
    onLoad({ filter: /node_modules\/string-width\/index\.js$/ }, ({ path }) => {
      const eager = String.raw`const rgiEmojiRegex = /^\p{RGI_Emoji}$/v;`;
      const [before, after] = readFileSync(path, 'utf8').split(eager);
      if (after === undefined)
        throw new Error(`${path} no longer holds ${eager}; see whether it is still slow to load`);
      const later = String.raw`let rgiEmoji;
const rgiEmojiRegex = { test: (text) => (rgiEmoji ??= new RegExp('^\\p{RGI_Emoji}$', 'v')).test(text) };`;
      return { contents: `${before}${later}${after}`, loader: 'js' };
    });
  },
};

const REQUIRE =
  "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);";

/** Whole or not at all: a sweep, or a test, may start the file that was there at any moment. */
function put(file: string, contents: string | Uint8Array, mode = 0o644): void {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, contents, { mode });
  renameSync(temporary, file);
}

/** Bundles in memory. */
async function bundled(options: BuildOptions): Promise<readonly OutputFile[]> {
  const { outputFiles } = await build({
    write: false,
    bundle: true,
    platform: 'node',
    format: 'esm',
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: true, // of errors among others, which people and tests look for
    legalComments: 'none',
    logLevel: 'warning',
    banner: { js: REQUIRE },
    ...options,
  });
  return outputFiles!;
}

/** What is imported is there before what imports it. */
function putAll(files: readonly OutputFile[], mode?: number): void {
  for (const { path, contents } of files.toReversed()) put(path, contents, mode);
}

/**
 * The first lines of the command, for the shell and for JavaScript alike. Node forgets at its start that a signal was
 * ignored (`nohup`), so the shell finds out: a shell that sends itself SIGHUP lives only where that is ignored.
 */
const COMMAND_HEAD = `#!/bin/sh
':' //; { sh -c 'kill -HUP $$'; } 2>/dev/null && SWEEPSTACK_HANGUP=ignored && export SWEEPSTACK_HANGUP; exec node "$0" "$@"
`;
const NODE_HEAD = '#!/usr/bin/env node\n';

/** A file that a person or a container starts. */
async function program(entry: string, outfile: string, head: string): Promise<void> {
  const options: BuildOptions = {
    entryPoints: [`${root}${entry}`],
    outfile: `${root}${outfile}`,
    // The command re-starts itself with Node 24 where it finds an older one, so the file must at least parse there.
    target: 'node20',
    plugins: [unusedByTheInterpreter, emojiLater],
    // runner/helper.ts: a trial's Python module, wherever the runner is.
    define: { HELPER_TEXT: JSON.stringify(readFileSync(`${root}python/sweepstack.py`, 'utf8')) },
    banner: { js: head + REQUIRE },
  };
  putAll(await bundled(options), 0o755);
}

/**
 * A Lambda function, the AWS SDK inside: the one that Lambda brings along changes without us. A cold start reads what it
 * needs: of packages their ES modules, from which what is not called is left out. What is imported by `import()`, as Batch's
 * client and the SDK's other sources of credentials are, is bundled by itself, in later/.
 */
async function lambda(name: string): Promise<void> {
  const folder = `${root}dist/lambdas/${name}`;
  const options: BuildOptions = {
    outExtension: { '.js': '.mjs' },
    mainFields: ['module', 'main'],
    splitting: true,
    target: 'node24',
    minifyIdentifiers: true,
    keepNames: false, // errors set theirs; what would keep the others runs for each function, 3 % of the start
    banner: {}, // nothing is left that calls `require`
    sourcemap: true,
    sourcesContent: false,
  };
  const plugins = [calledOperationsOnly, namedBuiltins, noEventStreams];
  const later = new Map<string, string>();
  const first = await bundled({
    ...options,
    entryPoints: { index: `${root}lambdas/${name}/handler.ts` },
    outdir: folder,
    plugins: [...plugins, bundledLater(later, root)],
  });
  const rest = await bundled({
    ...options,
    entryPoints: Object.fromEntries(later),
    outdir: `${folder}/later`,
    plugins,
  });
  putAll([...first, ...rest]);
  const current = new Set([...first, ...rest].map(({ path }) => path));
  // The names of the others carry a digest: those of an earlier build would be deployed too.
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    if (/\.mjs(\.map)?$/.test(file) && !current.has(`${folder}/${file}`)) rmSync(`${folder}/${file}`);
}

export const schemaText = (): string => `${JSON.stringify(specJsonSchema(), null, 2)}\n`;

const PAGE = 'report-page.html';
const buildPage = async () => {
  const page = await reportPage();
  for (const folder of ['dist', 'dist/lambdas/select']) put(`${root}${folder}/${PAGE}`, page);
};
await Promise.all([
  buildPage(),
  program('cli/main.ts', 'dist/sweep.mjs', COMMAND_HEAD),
  program('runner/main.ts', 'dist/runner.mjs', NODE_HEAD),
  ...FUNCTION_NAMES.map(lambda),
]);
if (process.argv.includes('--sizes')) {
  for (const file of ['sweep.mjs', 'runner.mjs', PAGE, ...FUNCTION_NAMES.map((name) => `lambdas/${name}/index.mjs`)]) {
    console.log(`${(statSync(`${root}dist/${file}`).size / 1000).toFixed(0).padStart(6)} kB  dist/${file}`);
  }
}
const schemaFile = `${root}sweep.schema.json`;
let current = '';
try {
  current = readFileSync(schemaFile, 'utf8');
} catch {
  // not there yet
}
if (current !== schemaText()) put(schemaFile, schemaText());
