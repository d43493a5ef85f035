import { expect, test } from 'vitest';
import { partOfTrial } from '../../../core/trial/child-log.ts';

const started = (id: string) => JSON.stringify({ type: 'started', trial: 1, id });
const LOG = `${started('a')}\nepoch 1 of a\n${started('b')}\nlost\n${started('b')}\n{"type":"started" oops\nb again\n`;

test('of a log of several trials the part of one is from its last start to the next trial', () => {
  expect(partOfTrial(LOG, 'a')).toBe(`${started('a')}\nepoch 1 of a\n`);
  expect(partOfTrial(LOG, 'b')).toBe(`${started('b')}\n{"type":"started" oops\nb again\n`);
});

test('a trial that has not started has no part', () => {
  expect(partOfTrial(LOG, 'c')).toBeNull();
  expect(partOfTrial('', 'a')).toBeNull();
});

test('of trials that print at once each has the lines that bear its mark', () => {
  const log = [`[a] ${started('a')}`, `[b] ${started('b')}`, '[a] one', 'not of a trial', '[b] two', '[a] three', ''];
  expect(partOfTrial(log.join('\n'), 'a')).toBe(`${started('a')}\none\nthree\n`);
  expect(partOfTrial(log.join('\n'), 'b')).toBe(`${started('b')}\ntwo\n`);
});
