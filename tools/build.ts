// Builds what is shipped: dist/sweep.mjs (the command, one file), dist/runner.mjs (the container's entrypoint, one file),
// dist/lambdas/<name>/index.mjs (the Lambda functions, each one file), dist/report-page.html (the report without a sweep, for
// the command and the select function) and sweep.schema.json (from the zod schema).
// `--sizes` prints how large each is.
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { specJsonSchema } from '../core/spec/spec.ts';
import { FUNCTION_NAMES } from '../lambdas/functions.ts';
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

const REQUIRE =
  "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);";

/** Whole or not at all: a sweep, or a test, may start the file that was there at any moment. */
function put(file: string, contents: string | Uint8Array, mode = 0o644): void {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, contents, { mode });
  renameSync(temporary, file);
}

async function bundle(entry: string, outfile: string, options: BuildOptions, mode?: number): Promise<void> {
  const { outputFiles } = await build({
    write: false,
    entryPoints: [`${root}${entry}`],
    outfile: `${root}${outfile}`,
    bundle: true,
    platform: 'node',
    format: 'esm',
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: true, // error names are a contract
    legalComments: 'none',
    logLevel: 'warning',
    banner: { js: REQUIRE },
    ...options,
  });
  for (const { path, contents } of outputFiles!) put(path, contents, mode);
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
function program(entry: string, outfile: string, head: string): Promise<void> {
  const options: BuildOptions = {
    // The command re-starts itself with Node 24 where it finds an older one, so the file must at least parse there.
    target: 'node20',
    plugins: [unusedByTheInterpreter],
    // runner/helper.ts: a trial's Python module, wherever the runner is.
    define: { HELPER_TEXT: JSON.stringify(readFileSync(`${root}python/sweepstack.py`, 'utf8')) },
    banner: { js: head + REQUIRE },
  };
  return bundle(entry, outfile, options, 0o755);
}

/** A Lambda function, the AWS SDK inside: the one that Lambda brings along changes without us. */
const lambda = (name: string): Promise<void> =>
  bundle(`lambdas/${name}/handler.ts`, `dist/lambdas/${name}/index.mjs`, {
    target: 'node24',
    minifyIdentifiers: true,
    sourcemap: true,
    sourcesContent: false,
  });

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
