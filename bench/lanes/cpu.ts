// 64 small trials in 1, 2 and 4 lanes of one slot: wall and processor seconds, and whether leaderboards are the same bytes.
//
//   node tools/node24.mjs --install bench/lanes/cpu.ts [trials]
//
// Each trial computes for about a fifth of a second and waits for as long, as one does that leaves its GPU idle.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../tools/run.ts';

const trials = Number(process.argv[2] ?? 64);
const LANES = [1, 2, 4];

const PROGRAM = `import json, os, time
x = float(os.environ["X"])
end = time.process_time() + 0.2
while time.process_time() < end:
    x = x * 1.0000001
time.sleep(0.2)
with open(os.environ["METRICS_FILE"], "a") as file:
    print(json.dumps({"score": float(os.environ["X"])}), file=file)
`;

interface Measured {
  readonly wall: number;
  readonly cpu: number;
  readonly board: string;
}

function measure(strategy: string, lanes: number): Measured {
  const folder = mkdtempSync(join(tmpdir(), 'sweepstack-lanes-'));
  try {
    const values = JSON.stringify(Array.from({ length: trials }, (_, index) => index / trials));
    const search =
      strategy === 'grid'
        ? `{ strategy: grid, space: { x: ${values} } }`
        : `{ strategy: ${strategy}, trials: ${trials}, space: { x: { min: 0, max: 1 } } }`;
    writeFileSync(
      join(folder, 'sweep.yaml'),
      `name: lanes
sweepId: lanes
search: ${search}
objective: { metric: score }
training: { command: [python3, train.py], source: . }
compute: { gpus: 0, maxParallel: ${lanes}, trialsPerJob: 16, trialsPerGpu: ${lanes} }
`,
    );
    writeFileSync(join(folder, 'train.py'), PROGRAM);
    const args = [join(root, 'dist/sweep.mjs'), 'run', join(folder, 'sweep.yaml'), '--workdir', join(folder, 'work')];
    const start = performance.now();
    // The shell's own builtin tells the processor time of all that the command started.
    const shell = ['-c', '"$@" >&2; status=$?; times; exit $status', 'sh', process.execPath, ...args];
    const { status, stdout, stderr } = spawnSync('/bin/sh', shell, { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return {
      wall: (performance.now() - start) / 1000,
      cpu: childSeconds(stdout),
      board: readFileSync(join(folder, 'work/lanes/leaderboard.json'), 'utf8'),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `times` prints user and system time of the shell, and on the second line of its children: `0m1.250000s 0m0.310000s`. */
function childSeconds(text: string): number {
  const line = text.trim().split('\n').at(-1) ?? '';
  return [...line.matchAll(/([0-9]+)m([0-9.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds),
    0,
  );
}

spawnSync(process.execPath, ['tools/build.ts'], { cwd: root, stdio: 'ignore' });
console.log(`${trials} trials, ${availableParallelism()} cores`);
for (const strategy of ['grid', 'random', 'sobol']) {
  const [first, ...others] = LANES.map((lanes) => ({ lanes, ...measure(strategy, lanes) }));
  const text = [first!, ...others].map(
    ({ lanes, wall, cpu }) =>
      `${lanes} ${lanes === 1 ? 'lane' : 'lanes'} ${wall.toFixed(1)} s (${cpu.toFixed(1)} of processor time)`,
  );
  const same = others.every(({ board }) => board === first!.board) ? 'the same bytes' : 'LEADERBOARDS DIFFER';
  console.log(`${strategy.padEnd(6)} ${text.join(', ')}: ${same}`);
}
