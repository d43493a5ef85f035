import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { resolveSpec } from '../../core/spec/resolve.ts';
import type { SweepEvent } from '../../core/sweep/events.ts';
import { createHandlers } from '../../lambdas/handlers.ts';
import { runSweep, type SweepRun } from '../../local/run-sweep.ts';
import { runTrial } from '../../runner/run-trial.ts';
import { openStore } from '../../storage/open.ts';
import { NEVER, slots } from './fakes.ts';

/** With the real runner and real programs. */
const SWEEP = 'programs';
let workdir: string;
let events: SweepEvent[];

beforeEach(async () => {
  workdir = await mkdtemp(join(tmpdir(), 'sweep-programs-'));
  events = [];
});
afterEach(() => rm(workdir, { recursive: true, force: true }));

async function sweep(program: string, more: Partial<SweepRun> = {}): Promise<SweepRun> {
  const script = join(workdir, 'train.sh');
  await writeFile(script, program);
  const search = { space: { rate: [0.1, 0.3, 0.2, 0.4] } };
  const input = { sweepId: SWEEP, search, training: { command: ['sh', script], epochs: 1 } };
  return {
    spec: { ...resolveSpec(input), sweepId: SWEEP },
    store: await openStore(pathToFileURL(join(workdir, 'store')).href),
    workdir,
    cacheFolder: join(workdir, 'cache'),
    inherited: process.env,
    slots: { slots: slots(2), requiredGpus: 0, description: '2 CPU slots' },
    builtInCommand: async () => [],
    identifyData: async (uri) => ({ uri, digest: 'd', files: 0, bytes: 0 }),
    signal: NEVER,
    onEvent: (event) => events.push(event),
    createHandlers,
    runTrial,
    graceSeconds: 1,
    ...more,
  };
}

const count = (type: SweepEvent['type']) => events.filter((event) => event.type === type).length;

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('a sweep of real programs', () => {
  test('ranks what they write', async () => {
    const end = await runSweep(await sweep('echo "{\\"epoch\\": 1, \\"val_accuracy\\": $RATE}" >> "$METRICS_FILE"\n'));
    expect(end).toMatchObject({
      status: 'succeeded',
      output: { trials: { planned: 4, trained: 4, failed: 0 }, best: { parameters: { rate: 0.4 }, value: 0.4 } },
    });
    expect([count('trial-started'), count('trial-ended')]).toEqual([4, 4]);
  });

  test('that fail says why, with the exit status', async () => {
    const end = await runSweep(await sweep('echo no luck >&2; exit 3\n'));
    expect(end).toMatchObject({ status: 'failed', error: 'ToleranceExceeded' });
    expect((end as { cause: string }).cause).toMatch(/4 of 4 trials failed \(4 exit-status\).*status 3: no luck/);
  });

  test('that is interrupted leaves no process, even of programs that do not listen', async () => {
    const controller = new AbortController();
    const program = `trap '' TERM
echo $$ > "${join(workdir, 'pid')}-$TRIAL_ID"
echo '{"epoch": 1, "val_accuracy": 1}' >> "$METRICS_FILE"
while true; do sleep 0.1; done
`;
    let bothReport = () => {};
    const reported = new Promise<void>((resolve) => {
      bothReport = resolve;
    });
    const onEvent = (event: SweepEvent) => {
      events.push(event);
      if (count('trial-metrics') === 2) bothReport();
    };
    const end = runSweep(await sweep(program, { signal: controller.signal, onEvent }));
    // A sweep that ends before both report fails below, and nothing waits for ever.
    await Promise.race([reported, end]);
    const trials = events.flatMap((event) => (event.type === 'trial-started' ? [event.id] : []));
    const pids = await Promise.all(
      trials.map(async (id) => Number(await readFile(`${join(workdir, 'pid')}-${id}`, 'utf8'))),
    );
    controller.abort();
    expect(await end).toEqual({ status: 'interrupted' });
    expect(pids).toHaveLength(2);
    expect(pids.filter(alive)).toEqual([]);
  });
});
