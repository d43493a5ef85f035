import { expect, test } from 'vitest';
import { cleanText, commitText, publicRemote, uncommittedFiles } from '../../../core/layout/git-state.ts';

test.each([
  ['https://user:token@host.example/team/code.git', 'https://host.example/team/code.git'],
  ['https://token@host.example/team/code.git?x=secret', 'https://host.example/team/code.git'],
  ['https://host.example', 'https://host.example'],
  ['ssh://git@host.example:2222/code', 'ssh://host.example:2222/code'],
  ['git@host.example:team/code.git', 'host.example:team/code.git'],
  ['me:pass@word@host.example/x', null],
  ['/home/somebody/code', null],
  ['../code', null],
  ['file:///home/somebody/code', null],
  ['C:\\code', null],
  ['', null],
])('of the remote %j, %j may be read by others', (address, shown) => expect(publicRemote(address)).toBe(shown));

const none = new Set<string>();

test('a file that the commit does not hold as it is counts as uncommitted', () => {
  const counted = ['train.py', 'new.py', 'same.py', 'sub/model.py', 'subway.py'];
  const tracked = new Set(['train.py', 'same.py', 'sub/model.py', 'subway.py']);
  expect(
    uncommittedFiles(counted, { tracked, changed: new Set(['train.py', 'sub']), removed: new Set(['gone.py']) }),
  ).toEqual({
    count: 4,
    names: ['gone.py', 'new.py', 'sub/model.py', 'train.py'],
  });
});

test('what no trial gets is not asked about', () => {
  const changed = new Set(['notes.md']);
  expect(uncommittedFiles(['a.py'], { tracked: new Set(['a.py']), changed, removed: none }).count).toBe(0);
});

test('a few of many files are named', () => {
  const counted = Array.from({ length: 12 }, (_, n) => `f${n}`);
  const git = {
    ...{ commit: 'a'.repeat(40), branch: null, remote: null },
    uncommitted: uncommittedFiles(counted, { tracked: none, changed: none, removed: none }),
  };
  expect(commitText(git)).toBe('aaaaaaaaaa');
  expect(cleanText(git)).toMatch(/^with uncommitted changes in f0, f1, f10, .* and 2 more$/);
  expect(cleanText({ ...git, uncommitted: null })).toBe('git took too long to tell whether it has uncommitted changes');
});

test('a name never breaks its line, nor reaches the terminal as an order', () => {
  const uncommitted = { count: 1, names: ['a\nb\u001b[31mc\u009b'] };
  expect(cleanText({ commit: 'a'.repeat(40), branch: null, remote: null, uncommitted })).toBe(
    'with uncommitted changes in a\\x0ab\\x1b[31mc\\x9b',
  );
});
