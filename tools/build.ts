// Builds what is shipped: dist/sweep.mjs (the command, one file), dist/runner.mjs (the container's entrypoint, one file)
// and sweep.schema.json (from the zod schema).
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { specJsonSchema } from '../core/spec.ts';

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

async function bundle(entry: string, outfile: string, banner: string): Promise<void> {
  await build({
    entryPoints: [`${root}${entry}`],
    outfile: `${root}${outfile}`,
    bundle: true,
    platform: 'node',
    format: 'esm',
    // The command re-starts itself with Node 24 where it finds an older one, so the file must at least parse there.
    target: 'node20',
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: true, // error names are a contract
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [unusedByTheInterpreter],
    banner: {
      js: `${banner}import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);`,
    },
  });
  chmodSync(`${root}${outfile}`, 0o755);
}

export const schemaText = (): string => `${JSON.stringify(specJsonSchema(), null, 2)}\n`;

await bundle('cli/main.ts', 'dist/sweep.mjs', '#!/usr/bin/env node\n');
await bundle('runner/main.ts', 'dist/runner.mjs', '#!/usr/bin/env node\n');
const schemaFile = `${root}sweep.schema.json`;
let current = '';
try {
  current = readFileSync(schemaFile, 'utf8');
} catch {
  // not there yet
}
if (current !== schemaText()) writeFileSync(schemaFile, schemaText());
