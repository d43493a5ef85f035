// What makes the Lambda functions' bundles start faster: esbuild plugins that leave out what Node would read and run for
// nothing. Each says what it saved; bench/README.md has the measurements.
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import type { Plugin } from 'esbuild';

/**
 * A client's schemas are arrays with keys such as `{ [_h]: ... }`, where `_h` is a constant. For all that esbuild knows, such a
 * key runs code, so it keeps the schemas of every operation: of S3 a hundred that nobody calls. Written out, they go.
 */
export const calledOperationsOnly: Plugin = {
  name: 'called-operations-only',
  setup({ onLoad }) {
    onLoad({ filter: /\/dist-es\/(.*\/)?schemas\/schemas_0\.js$/ }, ({ path }) => ({
      contents: withPlainKeys(readFileSync(path, 'utf8'), path),
      loader: 'js',
    }));
  },
};

function withPlainKeys(text: string, path: string): string {
  const constants = new Map(
    [...text.matchAll(/^const (_\w+) = ("[^"]*");$/gm)].map(([, name, value]) => [name, value]),
  );
  return text.replace(/(?<=[{,]\s*)\[(_\w+)\]:/g, (_, name: string) => {
    const value = constants.get(name);
    if (value === undefined) throw new Error(`${path}: ${name} is no constant; see how the schemas are written now`);
    return `${value}:`;
  });
}

/**
 * `import ... from 'node:crypto'` makes Node read each export, and getters among them load modules that nobody uses: web
 * cryptography, workers, with node:http all of `fetch`. So only what is named is read.
 */
export const namedBuiltins: Plugin = {
  name: 'named-builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?[a-z_/]+$/ }, ({ path, kind }) => {
      const name = path.replace(/^node:/, '');
      if (!builtinModules.includes(name)) return undefined;
      // Of what `import()` gives esbuild does not know what is used.
      return {
        path: name,
        namespace: 'builtin',
        sideEffects: false,
        suffix: kind === 'dynamic-import' ? '?whole' : '',
      };
    });
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path, suffix }) => ({
      contents: readingNamesOf(path, suffix === ''),
      loader: 'js',
    }));
  },
};

/** @param withGetters whether exports that Node computes when they are read, most by loading a module, are among them */
function readingNamesOf(builtin: string, withGetters: boolean): string {
  const exports = Object.getOwnPropertyDescriptors(process.getBuiltinModule(builtin) as object);
  const names = Object.entries(exports)
    .filter(
      ([name, { get }]) => /^[A-Za-z_$][\w$]*$/.test(name) && name !== 'default' && (withGetters || get === undefined),
    )
    .map(([name]) => name);
  return `const builtin = /* @__PURE__ */ process.getBuiltinModule(${JSON.stringify(`node:${builtin}`)});
/* @__NO_SIDE_EFFECTS__ */ const read = (name) => builtin[name];
${names.map((name, index) => `const _${index} = read(${JSON.stringify(name)});`).join('\n')}
export { ${names.map((name, index) => `_${index} as ${name}`).join(', ')} };
export default builtin;`;
}

/** Only what S3 selects from an object comes as a stream of events, and nobody has it select: 12 kB less to read. */
export const noEventStreams: Plugin = {
  name: 'no-event-streams',
  setup({ onLoad }) {
    onLoad({ filter: /\/client-s3\/dist-es\/(runtimeConfig|S3Client)\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const lean = text.replace(
        /^import \{ (\w+),? \} from "@smithy\/core\/event-streams";$/m,
        'const $1 = (given) => given;',
      );
      if (lean === text) throw new Error(`${path} no longer imports event streams; see whether this is still needed`);
      return { contents: lean, loader: 'js' };
    });
  },
};

/** What a start reads anyway, so that `import()` gives the same module. */
const READ_ANYWAY = /^\.\/s3\.ts$|^@aws-sdk\/credential-provider-node$/;

/**
 * Leaves what is imported by `import()` to a bundle of its own. In one with the start, they would share files, and a start
 * would read of them also what only the others call: the JSON protocol of Batch, for one.
 * @param later where they are noted: the file of the bundle, without its ending, and the module
 */
export const bundledLater = (later: Map<string, string>, root: string): Plugin => ({
  name: 'bundled-later',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /.*/ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
      if (kind !== 'dynamic-import' || pluginData === 'asked' || READ_ANYWAY.test(path)) return undefined;
      const module = await resolve(path, { kind, importer, resolveDir, pluginData: 'asked' });
      if (module.namespace !== 'file') return undefined;
      const name = module.path
        .slice(root.length)
        .replace(/\.\w+$/, '')
        .replaceAll(/[^a-z0-9]+/gi, '-');
      later.set(name, module.path);
      return { path: `./later/${name}.mjs`, external: true };
    });
  },
});
