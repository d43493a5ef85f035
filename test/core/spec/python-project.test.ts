import { parse } from 'smol-toml';
import { expect, test } from 'vitest';
import { localArchives, localPackages, lockObstacle, pythonProject } from '../../../core/spec/python-project.ts';

test('of the packages of a lock, those of the source itself, each once', () => {
  const lock = parse(`
version = 1
[[package]]
name = "numpy"
source = { registry = "https://example.org/simple" }
[[package]]
name = "mine"
source = { editable = "." }
[[package]]
name = "shared"
source = { directory = "packages/shared/" }
[[package]]
name = "script"
source = { virtual = "tools" }
`);
  expect(localPackages(lock)).toEqual(['.', 'packages/shared/']);
  expect(localPackages({})).toEqual([]);
});

test.each([
  ['nothing said', '', null],
  ["uv's default", 'build-backend = "uv_build"', ['src']],
  ['uv', 'build-backend = "uv_build"\n[tool.uv.build-backend]\nmodule-root = ""', ['']],
  ['setuptools', '[tool.setuptools.package-dir]\n"" = "lib"', ['lib']],
  ['setuptools, by package', '[tool.setuptools.package-dir]\nmine = "lib/mine"\nother = "other"', ['lib', '.']],
  ['setuptools, a package of another name', '[tool.setuptools.package-dir]\nmine = "lib/code"', null],
  ['hatch, for all targets', '[tool.hatch.build]\npackages = ["code/mine"]', ['code']],
  ['setuptools, found', '[tool.setuptools.packages.find]\nwhere = ["python"]', ['python']],
  ['hatch', '[tool.hatch.build.targets.wheel]\npackages = ["code/mine", "code/other"]', ['code']],
  ['poetry', '[[tool.poetry.packages]]\ninclude = "mine"\nfrom = "lib"', ['lib']],
  ['pdm', '[tool.pdm.build]\npackage-dir = "lib"', ['lib']],
])('where packages lie, by %s', (_, text, roots) => {
  expect(pythonProject(parse(`[build-system]\n${text}\n`)).roots).toEqual(roots);
});

test('what a project is called, its commands, and whether it is compiled', () => {
  const text = '[project]\nname = "mine"\nversion = "1.2"\n[project.scripts]\nfit = "mine.cli:main"\n';
  expect(pythonProject(parse(text))).toMatchObject({
    name: 'mine',
    version: '1.2',
    scripts: { fit: 'mine.cli:main' },
    compiler: null,
  });
  expect(pythonProject(parse('[build-system]\nbuild-backend = "maturin"\n')).compiler).toBe('maturin');
  expect(pythonProject(parse('[build-system]\nrequires = ["setuptools", "Cython>=3"]\n')).compiler).toBe('Cython>=3');
});

test.each([
  ['[project]\nname = "mine"\ndependencies = ["numpy"]\n', null],
  ['[project]\n[tool.uv.sources]\ntorch = { index = "cpu" }\n', null],
  ['[project]\n[tool.uv.sources]\nshared = { workspace = true }\n', /names other packages/],
  ['[project]\n[tool.uv.sources]\nshared = { path = "../shared" }\n', /names other packages/],
  ['[project]\ndynamic = ["dependencies"]\n', /takes its dependencies from elsewhere; run uv lock/],
  ['[tool.poetry]\nname = "mine"\n', /has no \[project\].*requirements\.txt/],
])('whether a pyproject.toml alone can be locked: %s', (text, obstacle) => {
  const found = lockObstacle(parse(text));
  if (obstacle === null) expect(found).toBeNull();
  else expect(found).toMatch(obstacle);
});

test('the archives of the source that a lock installs', () => {
  const lock = parse(`
[[package]]
name = "vendored"
source = { path = "vendor/vendored-1.0-py3-none-any.whl" }
[[package]]
name = "torch"
source = { url = "https://example.com/torch.whl" }
`);
  expect(localArchives(lock)).toEqual([{ name: 'vendored', path: 'vendor/vendored-1.0-py3-none-any.whl' }]);
});
