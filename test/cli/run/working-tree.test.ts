import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { installedByFiles, workingTreeNotes } from '../../../cli/run/working-tree.ts';
import { prepare } from '../../../inputs/prepare.ts';

let root: string;
let source: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sweepstack-tree-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  source = join(root, 'project');
  mkdirSync(join(source, 'src', 'mine'), { recursive: true });
  writeFileSync(join(source, 'train.py'), '');
  writeFileSync(join(source, 'src', 'mine', '__init__.py'), '');
});

async function notesFor(command: string, ...how: [typeof installedByFiles?]): Promise<string[]> {
  const spec = join(source, 'sweep.yaml');
  writeFileSync(
    spec,
    `search: { space: { x: [1] } }\nobjective: { metric: score }\ntraining: { command: ${command}, source: . }\n`,
  );
  return workingTreeNotes(await prepare(spec, { environment: {} }), ...how);
}

test.each([
  ['src', '[python3, train.py]', true],
  ['.', '[python3, tools/train.py]', true],
  ['.', '[python3, train.py]', false],
  ['..', '[python3, train.py]', false],
  ['src', '[sh, train.sh]', false],
])('PYTHONPATH %s of the source, for %s: told %s', async (folder, command, isTold) => {
  vi.stubEnv('PYTHONPATH', join(source, folder));
  onTestFinished(() => void vi.unstubAllEnvs());
  const notes = await notesFor(command);
  expect(notes).toHaveLength(isTold ? 1 : 0);
  if (isTold) expect(notes[0]).toMatch(/^Because of PYTHONPATH, the program imports your own .*project/);
});

test('an editable install of the source is told, in an environment that lies in the source too', async () => {
  const environment = join(source, 'env');
  execFileSync('python3', ['-m', 'venv', '--without-pip', environment]);
  const python = join(environment, 'bin', 'python');
  const packages = execFileSync(python, ['-c', 'import site; print(site.getsitepackages()[0])'], {
    encoding: 'utf8',
  }).trim();
  expect(await notesFor(`[${python}, train.py]`)).toEqual([]);
  // As pip leaves it, whose setuptools would have to be fetched.
  const info = join(packages, 'mine-1.0.dist-info');
  mkdirSync(info);
  writeFileSync(join(info, 'METADATA'), 'Metadata-Version: 2.1\nName: mine\nVersion: 1.0\n');
  writeFileSync(join(info, 'direct_url.json'), `{"dir_info": {"editable": true}, "url": "file://${source}"}`);
  writeFileSync(join(packages, '__editable__.mine.pth'), `${join(source, 'src')}\n`);
  const notes = await notesFor(`[${python}, train.py]`);
  expect(notes).toEqual([
    expect.stringMatching(/^Because of the editable install of mine, the program imports your own .*src /),
  ]);
  // plan starts no Python; what it finds lies in files.
  const seen = await notesFor(`[${python}, train.py]`, installedByFiles);
  expect(seen).toEqual([expect.stringMatching(/^Because of an editable install, the program imports your own .*src /)]);
});

test('so is one by a finder of setuptools, found without a start of Python', async () => {
  const packages = join(source, 'env', 'lib', 'python3.12', 'site-packages');
  mkdirSync(packages, { recursive: true });
  const python = join(source, 'env', 'bin', 'python');
  expect(await notesFor(`[${python}, train.py]`, installedByFiles)).toEqual([]);
  const mapping = `MAPPING: dict[str, str] = {'mine': '${join(source, 'src', 'mine')}'}\n`;
  writeFileSync(join(packages, '__editable___mine_1_0_finder.py'), mapping);
  const notes = await notesFor(`[${python}, train.py]`, installedByFiles);
  expect(notes).toEqual([
    expect.stringMatching(/^Because of an editable install, the program imports your own .*src /),
  ]);
});
