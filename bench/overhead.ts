// What a trial costs beside its training: no-op trials a second of `sweep run`, beside Ray Tune's function trainables on
// the same machine in the same run.
//
//   node tools/node24.mjs --install bench/overhead.ts [trials] [trials for Ray] [trials for Ray with reuse_actors]
//
// Ours: a shell script that writes one metric line, the whole command from start to end. Ray's: a Python function that
// reports one number; the start of its cluster is told apart and not counted. By itself Ray starts a process a trial, with
// `reuse_actors` an actor goes on to the next one.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../tools/run.ts';
import { uvCommand } from '../tools/uv.ts';

const trials = Number(process.argv[2] ?? 1000);
const rayTrials = [
  { count: Number(process.argv[3] ?? 100), flags: [] },
  { count: Number(process.argv[4] ?? 1000), flags: ['--reuse'] },
];
const folder = mkdtempSync(join(tmpdir(), 'sweepstack-bench-'));

try {
  writeFileSync(
    join(folder, 'sweep.yaml'),
    `name: noop
search: { strategy: random, trials: ${trials}, space: { x: { min: 0, max: 1 } } }
objective: { metric: score }
training: { command: [sh, train.sh], source: . }
`,
  );
  writeFileSync(join(folder, 'train.sh'), 'echo "{\\"score\\": $X}" >> "$METRICS_FILE"\n');
  check('build', spawnSync(process.execPath, ['tools/build.ts'], { cwd: root, stdio: 'inherit' }));
  const start = performance.now();
  check(
    'sweep run',
    spawnSync(process.execPath, [join(root, 'dist/sweep.mjs'), 'run', join(folder, 'sweep.yaml')], { stdio: 'ignore' }),
  );
  const ours = trials / ((performance.now() - start) / 1000);
  console.log(`${availableParallelism()} cores`);
  console.log(`sweep run: ${trials} trials, ${ours.toFixed(1)} a second`);

  const uv = await uvCommand();
  for (const { count, flags } of rayTrials) {
    const project = join(root, 'bench/ray');
    const command = [
      'run',
      '--frozen',
      '--project',
      project,
      'python',
      join(project, 'noop.py'),
      String(count),
      ...flags,
    ];
    const ray = spawnSync(uv, command, { encoding: 'utf8' });
    check('Ray Tune', ray);
    const told = ray.stdout.trim().split('\n').at(-1)!;
    const peer = JSON.parse(told) as { startSeconds: number; seconds: number; version: string };
    const theirs = count / peer.seconds;
    console.log(
      `Ray Tune ${peer.version}${flags.length > 0 ? ' with reuse_actors' : ''}: ${count} trials, ${theirs.toFixed(2)} a second (its start of ${peer.startSeconds.toFixed(1)} s not counted), ratio ${(ours / theirs).toFixed(1)}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function check(name: string, { status, stderr }: { status: number | null; stderr: string | Buffer | null }): void {
  if (status !== 0) throw new Error(`${name} ended with status ${status}: ${stderr ?? ''}`);
}
