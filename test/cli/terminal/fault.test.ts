import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AwsProblem } from '../../../cli/remote/errors.ts';
import { blameOf } from '../../../cli/terminal/fault.ts';
import { complain, EXIT, failureOf, outputTo } from '../../../cli/terminal/output.ts';
import { badInput, CorruptObject, PlanTooLarge, SweepLocked } from '../../../core/base/errors.ts';
import { Place } from '../../support/sweep-command.ts';

describe('whose error it is:', () => {
  const ended = (error: string, cause = 'why') => failureOf({ error, cause });
  test.each([
    ['a mistake in the input', badInput('name', 'is wrong'), 'input'],
    ['a plan that is too large', new PlanTooLarge('too large'), 'input'],
    ['a sweep that another has', new SweepLocked('locked'), 'input'],
    ['the same, told by an execution', ended('SweepLocked'), 'input'],
    ['AWS that refuses', new AwsProblem('no rights'), 'outside'],
    ['an object that is broken', new CorruptObject('cut short'), 'outside'],
    ['an execution that somebody stopped', ended('ABORTED'), 'outside'],
    ['a service of AWS', ended('Batch.ClientException'), 'outside'],
    ['a disk that is full', new Error("ENOSPC: no space left on device, write '/x'"), 'outside'],
    ['the same in a handler', ended('Error', "ENOSPC: no space left on device, write '/x'"), 'outside'],
    ['a program that is wrong', new TypeError('x is not a function'), 'fault'],
    ['a handler that is wrong', ended('TypeError'), 'fault'],
    ['what is no error at all', 'a text', 'fault'],
  ])('%s', (_, error, blame) => {
    expect(blameOf(error)).toBe(blame);
  });
});

describe('a fault', () => {
  let cache: string;
  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), 'sweepstack-faults-'));
    vi.stubEnv('SWEEPSTACK_CACHE', cache);
    vi.stubEnv('DEBUG', undefined);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(cache, { recursive: true, force: true });
  });

  const complaint = (error: unknown, json = false) => {
    const words = { out: '', err: '' };
    const stream = (name: 'out' | 'err') => {
      const write = (text: string) => {
        words[name] += text;
        return true;
      };
      return { write } as unknown as NodeJS.WritableStream;
    };
    const status = complain(error, outputTo(stream('out'), stream('err'), json), ['run', 'sweep.yaml']);
    return { status, ...words };
  };

  test('ends with a status of its own, two lines, and a file for a report', () => {
    const { status, err } = complaint(new TypeError('x is not a function'));
    expect(status).toBe(EXIT.fault);
    const [, file] =
      /^This is a bug in sweep, .*: TypeError: x is not a function\n {2}please report it, with (\S+) .*\n$/.exec(err)!;
    expect(readFileSync(file!, 'utf8')).toMatch(
      /^sweep .*\nnode .*\ncommand +sweep run sweep\.yaml\n.*TypeError.*\n +at /s,
    );
  });

  test('shows its stack with DEBUG', () => {
    vi.stubEnv('DEBUG', '1');
    expect(complaint(new TypeError('broken')).err).toMatch(/\n +at /);
  });

  test('shows its stack where no file can be written', () => {
    rmSync(cache, { recursive: true });
    writeFileSync(cache, 'a file');
    expect(complaint(new TypeError('broken')).err).toMatch(/\n +at /);
  });

  test('is a JSON document, too', () => {
    const { error } = JSON.parse(complaint(new TypeError('broken'), true).out);
    expect(error).toMatchObject({ name: 'TypeError', message: 'broken', fault: true });
    expect(existsSync(error.report)).toBe(true);
  });
});

test('a place that is not there is told in a sentence, with what to do and no stack', async () => {
  const place = new Place();
  try {
    const { status, stderr } = await place.sweep(['init', 'nowhere/sweep.yaml']);
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /received "nowhere\/sweep\.yaml", but there is no folder .*; create it first, or correct the path\n$/,
    );
  } finally {
    place.remove();
  }
});
