import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { sourceKey } from '../../../core/layout/inputs.ts';
import { readFileList } from '../../../inputs/file-lists.ts';
import { gitState } from '../../../inputs/source/git.ts';
import { storeSnapshot, takeSnapshot } from '../../../inputs/source/snapshot.ts';
import { FolderStore } from '../../../storage/folder.ts';

const SETTINGS = ['user.name=A', 'user.email=a@example.com', 'protocol.file.allow=always', 'init.defaultBranch=main'];

/** A repository whose source is the folder `code`; `git` runs in it. */
function repository() {
  const root = mkdtempSync(join(tmpdir(), 'sweepstack-git-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const git = (folder: string, ...args: string[]) =>
    execFileSync('git', [...SETTINGS.flatMap((setting) => ['-c', setting]), ...args], { cwd: folder, stdio: 'pipe' })
      .toString()
      .trim();
  const commitAll = (folder: string) => {
    git(folder, 'add', '-A');
    git(folder, 'commit', '-qm', 'x');
  };
  git(root, 'init', '-q');
  const code = join(root, 'code');
  mkdirSync(code);
  writeFileSync(join(code, 'train.py'), 'print(1)\n');
  return { root, code, git, commitAll };
}

test('a source tells its commit, and what of it is not in it', async () => {
  const { root, code, git, commitAll } = repository();
  expect(await gitState(code, ['train.py'])).toBeNull(); // no commit yet
  const library = join(root, '..', `${root.split('/').at(-1)}-library`);
  onTestFinished(() => rmSync(library, { recursive: true, force: true }));
  mkdirSync(library);
  git(library, 'init', '-q');
  writeFileSync(join(library, 'model.py'), '\n');
  commitAll(library);
  git(code, 'submodule', '-q', 'add', library, 'library');
  git(root, 'remote', 'add', 'origin', 'https://user:token@host.example/code.git');
  commitAll(root);
  const files = ['library/model.py', 'train.py'];
  const commit = git(root, 'rev-parse', 'HEAD');
  const clean = {
    commit,
    branch: 'main',
    remote: 'https://host.example/code.git',
    uncommitted: { count: 0, names: [] },
  };
  expect(await gitState(code, files)).toEqual(clean);

  writeFileSync(join(root, 'elsewhere.txt'), 'no part of the source\n');
  appendFileSync(join(code, 'library', 'model.py'), '# changed\n');
  writeFileSync(join(code, 'new.py'), '\n');
  git(root, 'checkout', '-q', '--detach');
  expect(await gitState(code, [...files, 'new.py'])).toEqual({
    ...clean,
    branch: null,
    uncommitted: { count: 2, names: ['library/model.py', 'new.py'] },
  });
});

test('a folder that git ignores, or that is in no repository, has no commit', async () => {
  const { root, code, commitAll } = repository();
  commitAll(root);
  const other = join(root, 'other');
  mkdirSync(other);
  writeFileSync(join(other, 'train.py'), '\n');
  expect(await gitState(other, ['train.py'])).toBeNull();
  rmSync(join(root, '.git'), { recursive: true });
  expect(await gitState(code, ['train.py'])).toBeNull();
  expect(await gitState(join(root, 'gone'), [])).toBeNull();
});

test('the same files are told to be those of the commit that they were taken from last', async () => {
  const { root, code, git, commitAll } = repository();
  commitAll(root);
  const store = new FolderStore(join(root, '.store'));
  const keep = async () => {
    const snapshot = await takeSnapshot(code, { except: [] });
    await storeSnapshot(store, snapshot, () => {});
    return readFileList(store, { source: sourceKey(snapshot) });
  };
  const first = await keep();
  expect(first?.git?.commit).toBe(git(root, 'rev-parse', 'HEAD'));
  git(root, 'commit', '-q', '--allow-empty', '-m', 'y');
  expect(await keep()).toEqual({ ...first, git: { ...first!.git!, commit: git(root, 'rev-parse', 'HEAD') } });
});
