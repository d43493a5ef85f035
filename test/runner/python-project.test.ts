import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { projectPaths } from '../../runner/python-project.ts';

function copyWith(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'sweepstack-project-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

const LOCK = `version = 1
[[package]]
name = "mine"
source = { editable = "." }
[[package]]
name = "shared"
source = { editable = "packages/shared" }
`;
const PROJECT = '[project]\nname = "my-model"\nversion = "1.2"\n[project.scripts]\nfit = "mine.cli:app.main"\n';
const CLI =
  'class app:\n    def main():\n        import mine, shared, importlib.metadata as m\n        print(mine.__file__, shared.__file__, m.version("my-model"))\n';

test("a locked project's packages, those of its workspace and its command are the copy's", async () => {
  const copy = copyWith({
    'uv.lock': LOCK,
    'pyproject.toml': PROJECT,
    'src/mine/__init__.py': '',
    'src/mine/cli.py': CLI,
    'packages/shared/pyproject.toml': '[project]\nname = "shared"\n',
    'packages/shared/shared/__init__.py': '',
  });
  const { pythonPath, bin } = await projectPaths(join(copy, 'uv.lock'), join(copy, 'of-attempt'));
  // A command of a package is started by the name `python`, which need not be there outside of its environment.
  const printed = execFileSync('python3', [join(bin!, 'fit')], {
    env: { ...process.env, PYTHONPATH: pythonPath.join(':') },
  });
  expect(printed.toString().trim().split(' ')).toEqual([
    join(copy, 'src/mine/__init__.py'),
    join(copy, 'packages/shared/shared/__init__.py'),
    '1.2',
  ]);
});

test('a project that is no package, and a requirements.txt, have none', async () => {
  const copy = copyWith({ 'uv.lock': 'version = 1\n', 'pyproject.toml': PROJECT, 'requirements.txt': '' });
  const none = { pythonPath: [], bin: null };
  for (const name of ['uv.lock', 'pyproject.toml', 'requirements.txt'])
    expect(await projectPaths(join(copy, name), join(copy, 'of-attempt'))).toEqual(none);
});
