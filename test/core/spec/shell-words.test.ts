import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { splitWords } from '../../../core/spec/shell-words.ts';

const words = (text: string) => {
  const split = splitWords(text);
  return 'words' in split ? split.words : split.flaw.operator;
};

describe('a command in one text', () => {
  test.each<[string, string[]]>([
    ['python train.py', ['python', 'train.py']],
    ['  python \t train.py \n', ['python', 'train.py']],
    [`train 'a b' "c d" e\\ f`, ['train', 'a b', 'c d', 'e f']],
    [`train '' ""`, ['train', '', '']],
    [`train --name='a b'c`, ['train', '--name=a bc']],
    [`train "it's" 'say "hi"' "\\"\\\\\\n"`, ['train', "it's", 'say "hi"', '"\\\\n']],
    [`train '$HOME && x; *' a#b x=y b~`, ['train', '$HOME && x; *', 'a#b', 'x=y', 'b~']],
    ['train model.sizes=[64,64] {args} 50% @x', ['train', 'model.sizes=[64,64]', '{args}', '50%', '@x']],
    ['python train.py \\\n  --x 1', ['python', 'train.py', '--x', '1']],
    ['echo $ 5$', ['echo', '$', '5$']],
  ])('%j is split as a shell would', (text, expected) => {
    expect(words(text)).toEqual(expected);
  });

  test('is split as sh splits it, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...`ab '"\\ =-.`), maxLength: 12 }), (text) => {
        const split = splitWords(`x ${text} x`);
        if ('flaw' in split) return;
        const { stdout } = spawnSync('sh', ['-c', `printf '%s|' x ${text} x`], { encoding: 'utf8' });
        expect(`${split.words.join('|')}|`).toBe(stdout);
      }),
      { numRuns: 60, seed: 3 },
    );
  });
});

test.each([
  ['cd src && python train.py', '&&'],
  ['a || b', '||'],
  ['a;b', ';'],
  ['a &', '&'],
  ['a | tee log', '|'],
  ['a > log', '>'],
  ['a 2>&1', '>'],
  ['a < in', '<'],
  ['(a)', '('],
  ['a $(date)', '$('],
  ['a "$(date)"', '$('],
  ['a `date`', '`'],
  ['a --epochs $EPOCHS', '$EPOCHS'],
  [`a "\${DATA_DIR}/x"`, `\${DATA_DIR}`],
  ['a *.csv', '*'],
  ['a file?', '?'],
  ['a ~/data', '~'],
  ['LR=1 python train.py', 'LR='],
  ['a # comment', '#'],
  ['python a.py\npython b.py', 'a line break'],
  ["a 'b", "'"],
  ['a "b', '"'],
])('%j needs a shell, or is no command: %s', (text, operator) => {
  expect(words(text)).toBe(operator);
});
