import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from 'tar';
import { onTestFinished } from 'vitest';
import { sha256 } from '../../core/base/digest.ts';
import { sourceKey } from '../../core/layout/inputs.ts';
import * as keys from '../../core/layout/keys.ts';
import { resolveSpec } from '../../core/spec/resolve.ts';
import { encodeManifest, manifestReference, trialText } from '../../core/trial/manifest.ts';
import { type RunnerEvent, runTrial, type TrialRun } from '../../runner/run-trial.ts';
import { manifestUnits } from '../../runner/units.ts';
import { FolderStore } from '../../storage/folder.ts';

export const TRIAL = { trial: 0, id: '00000000000000aa', epochs: 3, parameters: { x: 2, optimizer: 'adam' } };

/** A store with one sweep of one trial whose program is a shell script, and the means to run it. */
export async function place(
  script: string,
  more: { spec?: object; objective?: object; compute?: object; source?: Record<string, string> } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'sweepstack-runner-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const store = new FolderStore(join(folder, 'store'));
  const training = {
    command: ['sh', '-c', script],
    ...(more.source === undefined ? {} : { source: await putSource(store, folder, more.source) }),
    epochs: TRIAL.epochs,
    ...more.spec,
  };
  const spec = resolveSpec({
    sweepId: 's',
    search: { space: { x: [1, 2], optimizer: ['adam'] } },
    objective: { metric: 'score', ...more.objective },
    training,
    compute: more.compute ?? {},
  });
  await store.put(keys.specKey('s'), JSON.stringify(spec));
  const manifest = encodeManifest([TRIAL].map(trialText));
  await store.put(keys.shardKey('s', 0, 0), manifest.bytes);
  const events: RunnerEvent[] = [];
  const run: TrialRun = {
    environment: {
      SWEEP_MANIFEST: manifestReference(`${store.url}/${keys.shardKey('s', 0, 0)}`, manifest.width),
      S3_DATA_PATH: '',
      S3_OUTPUT_PATH: store.url,
      AWS_BATCH_JOB_ATTEMPT: '1',
    },
    inherited: { PATH: process.env['PATH'] },
    store,
    workFolder: join(folder, 'work', 'a'),
    cacheFolder: join(folder, 'cache'),
    slot: { cores: 1, gpus: null },
    requiredGpus: 0,
    builtInCommand: async () => ['false'],
    signal: new AbortController().signal,
    onEvent: (event) => void events.push(event),
    graceSeconds: 2,
  };
  const attempt = async (changes: Partial<TrialRun> = {}) => {
    const changed = { ...run, ...changes };
    return runTrial(changed, (await (await manifestUnits(changed)).next())!);
  };
  const file = async (name: string, attemptName: string) =>
    (await store.get(`${keys.attemptPrefix('s', TRIAL.id, attemptName)}${name}`))?.body.toString() ?? null;
  return { folder, store, run, events, attempt, file };
}

async function putSource(store: FolderStore, folder: string, files: Record<string, string>): Promise<string> {
  const source = join(folder, 'source');
  mkdirSync(source);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(source, name), text);
  const archive = join(folder, 'source.tgz');
  await create({ file: archive, cwd: source, gzip: true }, Object.keys(files));
  const key = sourceKey({ counted: sha256(folder), content: sha256(folder) });
  await store.upload(key, archive);
  return key;
}

export const printMetrics = (value: string | number, epoch = 1) =>
  `echo '{"epoch": ${epoch}, "score": ${value}}' >> "$METRICS_FILE"`;

/** Whether a process runs; a zombie, which only waits to be asked for its status, does not. */
export async function alive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat !== null) return !/\) [ZX] /.test(stat);
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux';
  } catch {
    return false;
  }
}

/**
 * Stands for NVIDIA's control daemon, by its manual page: `-f` stays in the foreground and opens its pipe in
 * CUDA_MPS_PIPE_DIRECTORY; without it, the program passes the commands of its standard input to the daemon.
 */
const MPS_CONTROL = `#!/bin/sh
if [ "$1" = -f ]; then
  echo $$ >> "$HERE/daemons"
  echo "$CUDA_MPS_PIPE_DIRECTORY \${CUDA_VISIBLE_DEVICES-unset}" >> "$HERE/started"
  [ -z "$BROKEN" ] || exit 1
  echo 'Server is in fault state' > "$CUDA_MPS_LOG_DIRECTORY/server.log"
  mkfifo "$CUDA_MPS_PIPE_DIRECTORY/control"
  [ -z "$SILENT" ] || exec sleep 600
  read command < "$CUDA_MPS_PIPE_DIRECTORY/control"
  echo "$command" >> "$HERE/ended"
  exit 0
fi
[ -e "$CUDA_MPS_PIPE_DIRECTORY/control" ] && [ -z "$SILENT" ] || exit 1
read command
[ "$command" != quit ] || echo quit > "$CUDA_MPS_PIPE_DIRECTORY/control"
`;

/** Puts an MPS daemon into a folder of the PATH. What it is told, it writes to files of HERE: started, ended, daemons. */
export const fakeMps = (bin: string): void =>
  writeFileSync(join(bin, 'nvidia-cuda-mps-control'), MPS_CONTROL, { mode: 0o755 });
