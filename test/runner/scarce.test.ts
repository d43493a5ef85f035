import { expect, test } from 'vitest';
import { scarcity, whenAvailable } from '../../runner/scarce.ts';

const error = (code: string) => Object.assign(new Error(`${code}: refused`), { code });

test.each(['EMFILE', 'ENFILE', 'EAGAIN'])('%s is something to wait for', (code) => {
  expect(scarcity(error(code))).toMatch(/--max-parallel/);
  expect(scarcity(new Error(`put of x failed: too many (${code}: open)`))).toMatch(/--max-parallel/);
});

test.each([error('ENOENT'), new Error('EMFILES'), 'EMFILE'])('%s is not', (thrown) => {
  expect(scarcity(thrown)).toBeNull();
});

test('work is done again until there is enough, and the wait is told once', async () => {
  const notes: string[] = [];
  let tries = 0;
  const work = async () => {
    tries += 1;
    if (tries < 3) throw error('EMFILE');
    return tries;
  };
  const signal = new AbortController().signal;
  expect(await whenAvailable(work, { signal, everyMs: 1, onWait: (why) => notes.push(why) })).toBe(3);
  expect(notes).toHaveLength(1);
});

test('another error is thrown at once', async () => {
  let tries = 0;
  const work = async () => {
    tries += 1;
    throw error('ENOENT');
  };
  const signal = new AbortController().signal;
  await expect(whenAvailable(work, { signal, everyMs: 1, onWait: () => {} })).rejects.toThrow('ENOENT');
  expect(tries).toBe(1);
});

test('a signal ends the wait', async () => {
  const controller = new AbortController();
  const work = () => Promise.reject(error('EMFILE'));
  const waiting = { signal: controller.signal, everyMs: 2 ** 30, onWait: () => controller.abort() };
  await expect(whenAvailable(work, waiting)).rejects.toThrow('EMFILE');
});
