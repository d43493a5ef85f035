import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { alive, place } from './support.ts';

const LINUX = process.platform === 'linux';

test('kill -9 of the sweep and all its group leaves no program behind', async () => {
  // In a session of its own, without the program's environment, in a folder below its own.
  const left = LINUX ? `mkdir deep; setsid env -i sh -c 'cd deep; echo $$ > pid; exec sleep 1000' & ` : 'mkdir deep; ';
  const escaped = LINUX ? 'until [ -s deep/pid ]; do :; done; escaped=$(cat deep/pid); ' : 'escaped=; ';
  const at = await place(`${left}${escaped}sleep 1000 & echo "$$ $! $escaped" > "$PIDS"; wait`);
  const pids = join(at.folder, 'pids');
  const parent = join(at.folder, 'parent.ts');
  const { store: _, onEvent: __, signal: ___, builtInCommand: ____, ...plain } = at.run;
  writeFileSync(
    parent,
    `import { watch, existsSync, readFileSync } from 'node:fs';
import { runTrial } from ${JSON.stringify(join(import.meta.dirname, '../../runner/run-trial.ts'))};
import { manifestUnits } from ${JSON.stringify(join(import.meta.dirname, '../../runner/units.ts'))};
import { FolderStore } from ${JSON.stringify(join(import.meta.dirname, '../../storage/folder.ts'))};
const run = ${JSON.stringify({ ...plain, inherited: { ...at.run.inherited, PIDS: pids } })};
const store = new FolderStore(${JSON.stringify(join(at.folder, 'store'))});
const tell = () => { if (existsSync(${JSON.stringify(pids)}) && readFileSync(${JSON.stringify(pids)}, 'utf8').trim()) console.log(readFileSync(${JSON.stringify(pids)}, 'utf8').trim()); };
watch(${JSON.stringify(at.folder)}, tell);
const unit = await (await manifestUnits({ ...run, store })).next();
runTrial({ ...run, store, signal: new AbortController().signal, builtInCommand: async () => [] }, unit);
`,
  );
  const child = spawn(process.execPath, [parent], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const started = line.trim().split(' ').map(Number);
  expect(await Promise.all(started.map(alive))).toEqual(started.map(() => true));
  process.kill(-child.pid!, 'SIGKILL');
  await once(child, 'exit');
  // The watcher needs a moment to see its pipe close.
  await expect.poll(() => Promise.all(started.map(alive)), { timeout: 10_000 }).toEqual(started.map(() => false));
});
