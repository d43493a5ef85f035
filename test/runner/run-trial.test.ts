import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { create } from 'tar';
import { describe, expect, test } from 'vitest';
import { sourceListKey } from '../../core/layout/inputs.ts';
import * as keys from '../../core/layout/keys.ts';
import { encodeManifest, manifestReference, trialText } from '../../core/trial/manifest.ts';
import { alive, place, printMetrics, TRIAL } from './support.ts';

const PYTHON = `import os\nopen(os.environ['METRICS_FILE'], 'w').write('{"score": 1}')\n`;
const RESULT = keys.resultKey('s', TRIAL.id, TRIAL.epochs);

describe('a trial', () => {
  test('that reports its metric leaves a result, its model and its metrics', async () => {
    const at = await place(`${printMetrics(0.5)}; echo weights > "$MODEL_DIR/model.txt"; echo hello`);
    const { status, exitCode, result } = await at.attempt();
    expect({ status, exitCode }).toEqual({ status: 'succeeded', exitCode: 0 });
    expect(result).toMatchObject({ trialId: TRIAL.id, epochs: 3, value: 0.5, epoch: 1, modelFiles: 1, failure: null });
    expect(await at.file('model/model.txt', result!.attempt)).toBe('weights\n');
    expect(await at.file('log.txt', result!.attempt)).toBe('hello\n');
    expect(await at.file('metrics.jsonl', result!.attempt)).toContain('0.5');
  });

  test('that is the first records its commit, its Python and its machine, beside all that it leaves', async () => {
    const at = await place(`exec python3 train.py`, { source: { 'train.py': PYTHON } });
    const { training } = JSON.parse((await at.store.get(keys.specKey('s')))!.body.toString());
    const git = { commit: 'a'.repeat(40), branch: 'main', remote: null, uncommitted: null };
    await at.store.put(sourceListKey(training.source)!, JSON.stringify({ files: [], git }));
    const { result } = await at.attempt();
    const { provenance } = result!.facts;
    expect(provenance).toMatchObject({ git, python: { version: expect.stringMatching(/^3\./) } });
    expect(provenance!.machine.cores).toBeGreaterThan(0);
  });

  test('leaves no folder of its own behind', async () => {
    const at = await place(printMetrics(1));
    await at.attempt();
    expect(existsSync(at.run.workFolder)).toBe(false);
  });

  test('with a result is not trained again', async () => {
    const at = await place(printMetrics(1));
    await at.attempt();
    const second = await at.attempt();
    expect(second).toMatchObject({ status: 'reused', exitCode: 0, result: { value: 1 } });
    expect(at.events.filter(({ type }) => type === 'started')).toHaveLength(1);
  });

  test('whose result cannot be read is trained', async () => {
    const at = await place(printMetrics(1));
    await at.store.put(RESULT, '{"torn');
    expect((await at.attempt()).status).toBe('succeeded');
  });

  test('trained by two attempts at once has the one result, whole, and the files of that attempt only', async () => {
    const at = await place(`${printMetrics(1)}; echo "$TRIAL_ID" > "$MODEL_DIR/m"`);
    const both = await Promise.all([at.attempt(), at.attempt({ workFolder: join(at.folder, 'work', 'b') })]);
    expect(both[0].result?.attempt).toBe(both[1].result?.attempt);
    const attempts = new Set<string>();
    for await (const { key } of at.store.list(`${keys.trialsPrefix('s')}${TRIAL.id}/`))
      attempts.add(key.split('/')[4]!);
    expect([...attempts]).toEqual([both[0].result?.attempt]);
  });

  test('gets its parameters and its place, and nothing of the caller that the contract owns', async () => {
    const at = await place(`${printMetrics(1)}; env > "$MODEL_DIR/env"`);
    const { result } = await at.attempt({
      inherited: { ...at.run.inherited, EPOCHS: '99', SWEEP_MANIFEST: 'x', FREE: 'yes' },
    });
    const env = await at.file('model/env', result!.attempt);
    for (const line of [
      'X=2',
      'OPTIMIZER=adam',
      'EPOCHS=3',
      'MAX_EPOCHS=3',
      'SEED=0',
      'SWEEP_ID=s',
      'OBJECTIVE_METRIC=score',
      'OMP_NUM_THREADS=1',
      'PYTHONUNBUFFERED=1',
      'WANDB_RUN_GROUP=s',
      'FREE=yes',
    ]) {
      expect(env?.split('\n')).toContain(line);
    }
    expect(env).not.toContain('SWEEP_MANIFEST');
    expect(env).not.toContain('DATA_DIR');
  });

  test('finds the helper for Python, unless a module of its own has that name', async () => {
    const source = {
      'train.py': 'import sweepstack\nsweepstack.report(epoch=1, score=sweepstack.params(x=0).x)',
      'own.py': "import sweepstack\nassert sweepstack.__doc__ == 'mine'",
      'mine.py': "'mine'",
    };
    const at = await place(
      'mkdir own && mv mine.py own/sweepstack.py && mv own.py own && python3 own/own.py && python3 train.py',
      {
        source,
      },
    );
    expect(await at.attempt()).toMatchObject({ status: 'succeeded', result: { value: TRIAL.parameters.x } });
  });

  test('works in a copy of the source of its own', async () => {
    const at = await place(`test ! -e trace && touch trace && ${printMetrics(1)}`, { source: { 'a.txt': 'a' } });
    expect((await at.attempt()).status).toBe('succeeded');
    await at.store.delete([RESULT]);
    expect((await at.attempt()).status).toBe('succeeded');
  });

  test("keeps TensorBoard's event files that lie beside its metrics", async () => {
    const at = await place(
      `mkdir "\${METRICS_FILE%/*}/tensorboard"; echo event > "\${METRICS_FILE%/*}/tensorboard/events.1"; ${printMetrics(1)}`,
    );
    const { result } = await at.attempt();
    expect(await at.file('tensorboard/events.1', result!.attempt)).toBe('event\n');
  });

  test('that prints without end keeps the last megabyte', async () => {
    const at = await place(`yes 'a line of output' | head -c 4000000; echo; echo the end; ${printMetrics(1)}`);
    const { result } = await at.attempt();
    const log = await at.file('log.txt', result!.attempt);
    expect(log!.length).toBeLessThan(1.1 * 1024 * 1024);
    expect(log).toMatch(/^\[the beginning was dropped[\s\S]*the end\n$/);
  });
});

describe('a trial that fails', () => {
  test.each([
    ['crashes', 'echo boom >&2; exit 3', 'exit-status', /status 3: boom/],
    ['is killed', 'kill -9 $$', 'out-of-memory', /SIGKILL/],
    ['ends by another signal', 'kill -SEGV $$', 'signal', /SIGSEGV/],
    [
      'runs out of GPU memory',
      'echo "torch.OutOfMemoryError: CUDA out of memory." >&2; exit 1',
      'gpu-out-of-memory',
      /GPU memory/,
    ],
    [
      'finds the disk full',
      'echo "OSError: [Errno 28] No space left on device" >&2; exit 1',
      'disk-full',
      /disk space/,
    ],
    ['says so by its status', 'echo "7 of 9 cannot be read" >&2; exit 81', 'data-unreadable', /^7 of 9 cannot/],
    ['reports only NaN', printMetrics('NaN'), 'non-finite', /never a finite number/],
    ['reports nothing', 'true', 'no-metric', /it reported no metrics/],
    ['reports something else', `echo '{"scor": 1}' >> "$METRICS_FILE"`, 'no-metric', /scor.*did you mean scor/],
    [
      'reports epochs that cannot be',
      `echo '{"epoch": -1, "score": 1}' >> "$METRICS_FILE"`,
      'no-metric',
      /a line is left out, with epoch -1; allowed: 0 to 1,000,000/,
    ],
    ['writes half a line', `printf '{"score": 1' >> "$METRICS_FILE"`, 'no-metric', /it reported no metrics/],
  ])('because it %s says so by class', async (_, script, failureClass, reason) => {
    const { exitCode, result } = await (await place(script)).attempt();
    expect(exitCode).toBe(1);
    expect(result).toMatchObject({
      status: 'failed',
      value: null,
      failure: { class: failureClass, reason: expect.stringMatching(reason) },
    });
  });

  test('because its command is not there says so', async () => {
    const at = await place('', { spec: { command: ['no-such-program'] } });
    expect((await at.attempt()).result?.failure).toMatchObject({
      class: 'setup',
      reason: expect.stringContaining('no-such-program'),
    });
  });

  test('because it takes too long is stopped, and says the limit', async () => {
    const at = await place(`trap '' TERM; sleep 1000`, { compute: { timeoutMinutes: 0.005 } });
    expect((await at.attempt({ graceSeconds: 0.2 })).result?.failure).toMatchObject({
      class: 'timeout',
      reason: expect.stringContaining('0.005'),
    });
  });

  test('because its packages are never there says so, in a class of its own, and never starts its program', async () => {
    const at = await place(printMetrics(1), { source: { 'r.txt': '' }, spec: { requirements: 'r.txt' } });
    const { result } = await at.attempt({ pythonEnvironment: () => new Promise(() => {}), preparationSeconds: 0.3 });
    expect(result?.failure).toMatchObject({
      class: 'setup-timeout',
      reason: expect.stringMatching(/longer than the allowed 0.005 minutes/),
    });
    expect(result?.value).toBeNull();
  });

  test('because there are too few GPUs never starts its program', async () => {
    const at = await place(printMetrics(1));
    const { result } = await at.attempt({ requiredGpus: 2, slot: { cores: 1, gpus: ['0'] } });
    expect(result?.failure).toMatchObject({ class: 'too-few-gpus' });
    expect(result?.value).toBeNull();
  });

  test('because a link in its source leads elsewhere never starts its program', async () => {
    const at = await place(printMetrics(1), { source: { 'a.txt': 'a' } });
    const evil = join(at.folder, 'evil');
    mkdirSync(evil);
    symlinkSync('/etc/passwd', join(evil, 'a.txt'));
    await create({ file: join(at.folder, 'evil.tgz'), cwd: evil, gzip: true }, ['a.txt']);
    for await (const { key } of at.store.list('sources/')) await at.store.upload(key, join(at.folder, 'evil.tgz'));
    expect((await at.attempt()).result?.failure).toMatchObject({
      class: 'setup',
      reason: expect.stringContaining('a.txt (SymbolicLink)'),
    });
  });
});

test('the time limit of the program counts from its start, however long it took to make ready', async () => {
  const at = await place(printMetrics(1), {
    source: { 'r.txt': '' },
    spec: { requirements: 'r.txt' },
    compute: { timeoutMinutes: 0.01 },
  });
  const slow = () => new Promise<string>((ready) => setTimeout(ready, 700, '/nowhere'));
  expect((await at.attempt({ pythonEnvironment: slow })).result).toMatchObject({ status: 'succeeded', value: 1 });
});

test('finite at first and then not is a success marked diverged', async () => {
  const { result } = await (await place(`${printMetrics(0.5)}; ${printMetrics('NaN', 2)}`)).attempt();
  expect(result).toMatchObject({ status: 'succeeded', value: 0.5, diverged: true });
});

test('a metric is read from what a program prints', async () => {
  const at = await place('echo "Val Acc: 0.25"; echo "Val Acc: 0.75"', {
    objective: { pattern: 'Val Acc: ([0-9.]+)' },
  });
  expect((await at.attempt()).result).toMatchObject({ value: 0.75, epoch: 2 });
});

describe('interruption', () => {
  /** Three epochs, one a checkpoint; the first attempt stops after one, by exit status 75. */
  const COUNTING = `done=$(cat "$CHECKPOINT_DIR/epoch" 2>/dev/null || echo 0)
    next=$((done + 1))
    echo "{\\"epoch\\": $next, \\"score\\": $next}" >> "$METRICS_FILE"
    echo $next > "$CHECKPOINT_DIR/epoch"
    [ $next -ge $EPOCHS ] || exit 75`;

  test('leaves a checkpoint and no result, and the next attempt goes on from it, metrics included', async () => {
    const at = await place(COUNTING);
    expect(await at.attempt()).toMatchObject({ status: 'interrupted', exitCode: 75, result: null });
    expect(await at.store.get(RESULT)).toBeNull();
    await at.attempt();
    const { result } = await at.attempt();
    expect(result).toMatchObject({ value: 3, epoch: 3 });
    expect((await at.file('metrics.jsonl', result!.attempt))?.trim().split('\n')).toHaveLength(3);
  });

  test('of a program by the signal stops it, with all it started', async () => {
    const controller = new AbortController();
    const at = await place(
      `trap '' TERM; sleep 1000 & echo $! > "$CHECKPOINT_DIR/pid"; ${printMetrics(1)}; wait; sleep 1000`,
    );
    const done = at.attempt({
      signal: controller.signal,
      graceSeconds: 0.2,
      onEvent: ({ type }) => type === 'metrics' && controller.abort(),
    });
    expect(await done).toMatchObject({ status: 'interrupted', exitCode: 75 });
    const pid = Number((await at.store.get(`${keys.checkpointPrefix('s', TRIAL.id)}1/pid`))?.body.toString());
    await expect.poll(() => alive(pid)).toBe(false);
  });

  test('before the last epoch is no success, also when the program exits with 0', async () => {
    const controller = new AbortController();
    const at = await place(`trap 'exit 0' TERM; ${printMetrics(1)}; while :; do sleep 0.05; done`);
    const abort = ({ type }: { type: string }) => void (type === 'metrics' && controller.abort());
    expect((await at.attempt({ signal: controller.signal, onEvent: abort })).status).toBe('interrupted');
  });

  test('after the last epoch does not undo a success', async () => {
    const controller = new AbortController();
    const at = await place(`trap 'exit 0' TERM; ${printMetrics(1, 3)}; while :; do sleep 0.05; done`);
    const abort = ({ type }: { type: string }) => void (type === 'metrics' && controller.abort());
    expect((await at.attempt({ signal: controller.signal, onEvent: abort })).status).toBe('succeeded');
  });

  test('with a damaged checkpoint starts from the beginning, and says so', async () => {
    const at = await place(COUNTING);
    await at.attempt();
    await at.store.put(`${keys.checkpointPrefix('s', TRIAL.id)}1/epoch`, '9\n');
    await at.attempt();
    await at.attempt();
    const { result } = await at.attempt();
    expect(result?.value).toBe(3);
  });

  test('keeps one checkpoint, the last', async () => {
    const at = await place(COUNTING);
    await at.attempt();
    await at.attempt();
    const found: string[] = [];
    for await (const { key } of at.store.list(keys.checkpointPrefix('s', TRIAL.id)))
      found.push(key.split('/').slice(3).join('/'));
    expect(found).toEqual(['2/epoch', 'checkpoint.json']);
  });
});

describe('the best model of a trial that goes on', () => {
  /**
   * Three epochs of which the second is the best, interrupted after it. A program keeps its best value so far beside its
   * epoch, or forgets it: then the third epoch's model takes the place of the second's.
   */
  const OVERFITTING = (remembers: boolean) => `
    read done best < "$CHECKPOINT_DIR/state" 2>/dev/null || { done=0; best=0; }
    ${remembers ? '' : 'best=0'}
    while [ $done -lt $EPOCHS ]; do
      done=$((done + 1))
      case $done in 2) score=9;; *) score=$done;; esac
      echo "{\\"epoch\\": $done, \\"score\\": $score}" >> "$METRICS_FILE"
      if [ $score -gt $best ]; then best=$score; echo "epoch $done" > "$MODEL_DIR/model.txt"; fi
      echo "$done $best" > "$CHECKPOINT_DIR/state"
      if [ $done = 2 ] && [ ! -e "$CHECKPOINT_DIR/was" ]; then touch "$CHECKPOINT_DIR/was"; exit 75; fi
    done`;

  test('is there at the end, with the value', async () => {
    const at = await place(OVERFITTING(true));
    await at.attempt();
    const { result } = await at.attempt();
    expect(result).toMatchObject({ value: 9, epoch: 2, modelFiles: 1 });
    expect(result?.facts.modelRewrite).toBeUndefined();
    expect(await at.file('model/model.txt', result!.attempt)).toBe('epoch 2\n');
  });

  test('is known to be another where the program forgot its best value', async () => {
    const at = await place(OVERFITTING(false));
    await at.attempt();
    const { result } = await at.attempt();
    expect(result).toMatchObject({ value: 9, epoch: 2, facts: { modelRewrite: { resumedAfter: 2 } } });
    expect(await at.file('model/model.txt', result!.attempt)).toBe('epoch 3\n');
  });

  test('is known to be another for certain where epochs follow', async () => {
    const at = await place(OVERFITTING(false), { spec: { epochs: 5 } });
    const manifest = encodeManifest([{ ...TRIAL, epochs: 5 }].map(trialText));
    await at.store.put(keys.shardKey('s', 0, 0), manifest.bytes);
    const SWEEP_MANIFEST = manifestReference(`${at.store.url}/${keys.shardKey('s', 0, 0)}`, manifest.width);
    const attempt = () => at.attempt({ environment: { ...at.run.environment, SWEEP_MANIFEST } });
    await attempt();
    const { result } = await attempt();
    expect(result).toMatchObject({ value: 9, facts: { modelRewrite: { resumedAfter: 2, whileTraining: true } } });
  });

  test('goes with a damaged checkpoint: the next attempt starts with neither', async () => {
    const at = await place(
      `ls "$MODEL_DIR" > "$CHECKPOINT_DIR/seen"; echo m > "$MODEL_DIR/m"; ${printMetrics(1)}; exit 75`,
    );
    await at.attempt();
    await at.store.put(`${keys.checkpointPrefix('s', TRIAL.id)}1/seen`, 'damaged');
    await at.attempt();
    expect((await at.store.get(`${keys.checkpointPrefix('s', TRIAL.id)}2/seen`))?.body.toString()).toBe('');
  });
});

test('a program that fails while it shares the GPU by MPS leaves no result until MPS has worked', async () => {
  const at = await place('echo "$CUDA_MPS_PIPE_DIRECTORY"; exit 3');
  const sharing = (hasWorked: boolean) => ({
    sharing: { environment: { CUDA_MPS_PIPE_DIRECTORY: '/pipe' }, hasWorked: () => hasWorked },
  });
  const printed: string[] = [];
  const onOutput = (chunk: Buffer) => void printed.push(chunk.toString());
  expect(await at.attempt({ ...sharing(false), onOutput })).toMatchObject({ status: 'crowded', result: null });
  expect(printed.join('')).toBe('/pipe\n');
  expect((await at.attempt(sharing(true))).result?.failure).toMatchObject({ class: 'exit-status' });
});
