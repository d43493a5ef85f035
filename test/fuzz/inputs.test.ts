import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { create } from 'tar';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type * as z from 'zod';
import { classifyChildEnd } from '../../core/aws/diagnosis.ts';
import { SweepstackError } from '../../core/base/errors.ts';
import { dataRecordSchema } from '../../core/layout/data.ts';
import { lockSchema } from '../../core/layout/lock.ts';
import { parseHistory } from '../../core/search/history.ts';
import { roundRecordSchema } from '../../core/search/rounds.ts';
import { buildSpace, contains } from '../../core/space/space.ts';
import { resolveSpec } from '../../core/spec/resolve.ts';
import { championSchema } from '../../core/sweep/champion.ts';
import { decodeLines, encodeManifest, parseManifestReference, trialText } from '../../core/trial/manifest.ts';
import { parseMetrics, summarize } from '../../core/trial/metrics.ts';
import { parseResult } from '../../core/trial/result.ts';
import { FolderStore } from '../../storage/folder.ts';
import { readJson } from '../../storage/json.ts';
import { unpack } from '../../storage/unpack.ts';
import { jsonBytes, RUNS, spoilt, torn } from './mutations.ts';

// Whatever comes in, there is an answer or a typed error; never a crash, a hang, or a value that was not there.

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sweepstack-fuzz-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The answer; null after an error of ours. Any other error fails the test. */
function answer<T>(ask: () => T): T | null {
  try {
    return ask();
  } catch (error) {
    if (!(error instanceof SweepstackError)) throw error;
    expect(error.message).not.toBe('');
    return null;
  }
}

const SPEC = {
  name: 'digits',
  sweepId: 'digits-1',
  search: {
    strategy: 'sobol',
    trials: 64,
    rounds: 4,
    seed: 0,
    space: {
      learning_rate: { min: 0.0001, max: 0.3, scale: 'log' },
      batch_size: [32, 64, 128],
      dropout: { min: 0, max: 0.5, step: 0.1 },
      layers: { min: 1, max: 6, type: 'integer' },
      optimizer: ['adam', 'sgd'],
      'optimizer.momentum': { min: 0.8, max: 0.99, when: { optimizer: 'sgd' } },
    },
    initial: [{ learning_rate: 0.001 }],
    stop: { value: 0.99, minImprovement: 0.001, rounds: 2 },
    confirm: { top: 3, seeds: 3 },
  },
  objective: { metric: 'val_accuracy', goal: 'maximize', at: 'best' },
  training: {
    command: ['python', 'train.py', '{args}', ['--momentum', '{optimizer.momentum}']],
    source: '.',
    workdir: 'pkg',
    files: { 'config.json': { rate: '{learning_rate}' } },
    links: { out: '{MODEL_DIR}/out/' },
    epochs: 10,
    stop: { patience: 5, median: true, minEpochs: 2 },
    environment: { MODE: 'fast', KEY: { secret: 'wandb' } },
  },
  compute: { profile: 'gpu', gpus: 1, maxParallel: 8, timeoutMinutes: 60, attempts: 3 },
  tolerance: { failedTrials: '25%' },
  keep: { models: 3 },
};
const TRIAL = { trial: 0, id: '0123456789abcdef', epochs: 3, parameters: { a: 1, b: 'ä "x"' } };
const RESULT = {
  sweepId: 's',
  trial: 0,
  trialId: 't',
  epochs: 3,
  status: 'succeeded',
  metric: 'm',
  value: 0.5,
  epoch: 2,
  diverged: false,
  failure: null,
  attempt: '1-abcdef',
  modelFiles: 1,
  facts: { startedAt: '2026-01-01T00:00:00.000Z', seconds: 1, host: 'h', attemptNumber: 1, logTail: '' },
};

describe('of any input', () => {
  test('a spec is resolved or refused with its fields', { timeout: 600_000 }, () => {
    expect(resolveSpec(SPEC).search.trials).toBe(64);
    fc.assert(
      fc.property(spoilt(SPEC), (input) => {
        const spec = answer(() => resolveSpec(input));
        // What was accepted is whole: it is accepted again, and says the same.
        if (spec !== null) expect(resolveSpec(JSON.parse(JSON.stringify(spec)))).toEqual(spec);
      }),
      { numRuns: RUNS },
    );
  });

  test('a manifest line is a trial or corrupt', { timeout: 600_000 }, () => {
    const { bytes: whole, width } = encodeManifest([TRIAL, { ...TRIAL, trial: 1 }].map(trialText));
    fc.assert(
      fc.property(torn(whole), fc.oneof(fc.constant(width), fc.nat(300)), (bytes, lineWidth) => {
        for (const { id, epochs } of answer(() => decodeLines(bytes, lineWidth, bytes.length / lineWidth, 'shard')) ??
          []) {
          expect(id).toMatch(/^[0-9a-f]+$/);
          expect(epochs).toBeGreaterThan(0);
        }
      }),
      { numRuns: RUNS },
    );
  });

  test('a reference to a manifest is one or corrupt', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        answer(() => parseManifestReference(text));
      }),
      { numRuns: RUNS },
    );
  });

  test('a result is this trial’s or none', { timeout: 600_000 }, () => {
    fc.assert(
      fc.property(jsonBytes(RESULT), (body) => {
        const result = parseResult(body, { sweepId: 's', trialId: 't', epochs: 3 });
        if (result?.status === 'succeeded') expect(Number.isFinite(result.value)).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });

  test('metrics lines give finite values or none', { timeout: 600_000 }, () => {
    const lines = Buffer.from('{"epoch": 1, "m": 0.5}\n{"epoch": 2, "m": NaN, "t": "NaN"}\n{"m": -Infinity}\n{"m": 2}');
    fc.assert(
      fc.property(torn(lines), (bytes) => {
        const { value, epoch } = summarize(parseMetrics(bytes.toString(), 'm'), {
          metric: 'm',
          goal: 'maximize',
          at: 'best',
        });
        if (value !== null) expect(Number.isFinite(value) && epoch !== null).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });

  test('history lines are trials of the space, or refused by line', { timeout: 600_000 }, () => {
    const spec = resolveSpec({ ...SPEC, search: { ...SPEC.search, strategy: 'bayesian' } });
    const first = { learning_rate: 0.01, batch_size: 32, dropout: 0.1, layers: 2, optimizer: 'adam' };
    const lines = [
      { parameters: first, value: 0.5, epochs: 10 },
      { parameters: { ...first, optimizer: 'sgd', 'optimizer.momentum': 0.9 }, value: null },
    ];
    const text = Buffer.from(lines.map((line) => JSON.stringify(line)).join('\n'));
    const space = buildSpace(spec.search.space);
    fc.assert(
      fc.property(fc.oneof(torn(text), jsonBytes(lines[1]!)), (bytes) => {
        for (const { parameters, value } of answer(() => parseHistory(spec, bytes.toString())) ?? []) {
          expect(contains(space, parameters).ok).toBe(true);
          expect(value === null || Number.isFinite(value)).toBe(true);
        }
      }),
      { numRuns: RUNS },
    );
  });

  test('how Batch says a child ended has a class or says nothing', () => {
    fc.assert(
      fc.property(spoilt({ statusReason: 'Host EC2 (i-1) terminated.', reason: 'CannotPull', exitCode: 1 }), (end) => {
        const texts = Object.entries((end ?? {}) as Record<string, unknown>).filter(
          ([key, value]) => typeof value === (key === 'exitCode' ? 'number' : 'string'),
        );
        answer(() => classifyChildEnd({ index: 0, attempts: null, ...Object.fromEntries(texts) }));
      }),
      { numRuns: RUNS },
    );
  });

  const OBJECTS: Record<string, { schema: z.ZodType; valid: Parameters<typeof jsonBytes>[0] }> = {
    'champion.json': {
      schema: championSchema,
      valid: {
        name: 'n',
        sweepId: 's',
        trialId: 't',
        objective: { metric: 'm', goal: 'maximize', at: 'best' },
        value: 1,
        epochs: 3,
        parameters: { a: 1 },
        data: null,
        model: 'models/n/s/',
      },
    },
    'lock.json': { schema: lockSchema, valid: { execution: 'e', owner: 'o', since: '2026-01-01' } },
    'round.json': {
      schema: roundRecordSchema,
      valid: { round: 0, first: 0, size: 2, exhausted: false, shards: [{ size: 2, width: 128 }] },
    },
    'data.json': {
      schema: dataRecordSchema,
      valid: { uri: 's3://b/d', digest: 'd', files: 1, bytes: 1, champion: null },
    },
  };
  test.each(Object.keys(OBJECTS))('%s is read or corrupt, and is named', { timeout: 600_000 }, async (name) => {
    const { schema, valid } = OBJECTS[name]!;
    const store = new FolderStore(join(folder, name));
    await fc.assert(
      fc.asyncProperty(jsonBytes(valid), async (body) => {
        await store.put(name, body);
        const problem = await readJson(store, name, schema).then(
          () => null,
          (error: unknown) => error,
        );
        if (problem === null) return;
        expect(problem).toBeInstanceOf(SweepstackError);
        expect(String(problem)).toContain(name);
      }),
      { numRuns: Math.ceil(RUNS / 5) },
    );
  });

  test('an archive is unpacked within its folder or refused', { timeout: 900_000 }, async () => {
    const source = mkdtempSync(join(folder, 'source-'));
    writeFileSync(join(source, 'train.py'), 'print(1)\n'.repeat(200));
    writeFileSync(join(source, 'data.bin'), Buffer.alloc(2000, 7));
    for (const gzip of [true, false]) {
      const valid = Buffer.concat(
        await Array.fromAsync(
          create({ cwd: source, gzip, portable: true }, ['train.py', 'data.bin']) as AsyncIterable<Buffer>,
        ),
      );
      const around = mkdtempSync(join(folder, 'around-'));
      await fc.assert(
        fc.asyncProperty(torn(valid), async (bytes) => {
          const inside = mkdtempSync(join(around, 'in-'));
          const archive = join(folder, 'archive.tgz');
          writeFileSync(archive, bytes);
          await unpack(archive, inside, 'the archive').catch((error: unknown) => expect(error).toBeInstanceOf(Error));
          expect(readdirSync(around)).toHaveLength(1);
          rmSync(inside, { recursive: true });
        }),
        { numRuns: Math.ceil(RUNS / 10) },
      );
    }
  });
});

describe('a line of a megabyte', () => {
  test.each([
    ['quotes that end nowhere', `{"m": NaN, "t": "${'\\"'.repeat(500_000)}`],
    ['brackets', '['.repeat(1_000_000)],
    ['one number', `{"m": ${'9'.repeat(1_000_000)}}`],
    ['text', `{"m": 1, "t": "${'x'.repeat(1_000_000)}"}`],
  ])('of %s is read in one pass', { timeout: 20_000 }, (_, line) => {
    const epochs = parseMetrics(`${line}\n{"epoch": 9, "m": 3}\n`, 'm');
    expect(epochs.at(-1)).toEqual({ epoch: 9, values: { m: 3 } });
  });
});
