import { expect, test } from 'vitest';
import { hangupWasIgnored, ignoresHangup } from '../../cli/hangup.ts';

test('SIGHUP is the lowest bit of SigIgn', () => {
  const status = (mask: string) =>
    `Name:\tsh\nSigBlk:\t0000000000000001\nSigIgn:\t${mask}\nSigCgt:\t0000000000000001\n`;
  expect(ignoresHangup(status('0000000000001001'))).toBe(true);
  expect(ignoresHangup(status('0000000000001000'))).toBe(false);
  expect(ignoresHangup('')).toBe(false);
});

test('what the shell or the Node that restarted the command found is believed', () => {
  expect(hangupWasIgnored({ SWEEPSTACK_HANGUP: 'ignored' })).toBe(true);
});

test('a command that was typed behind nohup is known by what the shell tells', () => {
  expect(hangupWasIgnored({ _: '/usr/bin/nohup' })).toBe(true);
});
