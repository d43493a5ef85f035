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
    onResolve({ filter: /^(node:)?[a-z_/]+$/ }, ({ path }) => {
      const name = path.replace(/^node:/, '');
      return builtinModules.includes(name) ? { path: name, namespace: 'builtin', sideEffects: false } : undefined;
    });
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({ contents: readingNamesOf(path), loader: 'js' }));
  },
};

function readingNamesOf(builtin: string): string {
  const names = Object.keys(process.getBuiltinModule(builtin) as object).filter(
    (name) => /^[A-Za-z_$][\w$]*$/.test(name) && name !== 'default',
  );
  return `const builtin = /* @__PURE__ */ process.getBuiltinModule(${JSON.stringify(`node:${builtin}`)});
/* @__NO_SIDE_EFFECTS__ */ const read = (name) => builtin[name];
${names.map((name, index) => `const _${index} = read(${JSON.stringify(name)});`).join('\n')}
export { ${names.map((name, index) => `_${index} as ${name}`).join(', ')} };
export default builtin;`;
}
