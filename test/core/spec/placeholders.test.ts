import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fillCommand, placeholdersIn, unclearPlaceholders } from '../../../core/spec/placeholders.ts';

const parameters = { 'a.b': 'x y', rate: 0.1 };

test('a placeholder is a name in single braces, neither doubled nor a variable of the shell', () => {
  expect(placeholdersIn(`{rate} {{rate}} \${RATE} {1} {a.b}`)).toEqual(['rate', 'a.b']);
});

describe('a command', () => {
  test('gets each value as one argument, whatever is in it', () => {
    expect(fillCommand(['train', '{a.b}', '--rate={rate}'], parameters)).toEqual(['train', 'x y', '--rate=0.1']);
  });

  test('gets every active parameter as two arguments for {args}', () => {
    expect(fillCommand(['train', '{args}'], parameters)).toEqual(['train', '--a.b', 'x y', '--rate', '0.1']);
  });

  test('loses the argument that is nothing but an inactive parameter', () => {
    expect(fillCommand(['train', '{momentum}', 'end'], parameters)).toEqual(['train', 'end']);
  });

  test('keeps an argument that only holds an inactive parameter, with nothing in its place', () => {
    expect(fillCommand(['train', '--m={momentum}'], parameters)).toEqual(['train', '--m=']);
  });

  test('keeps an active parameter whose value is the empty text', () => {
    expect(fillCommand(['train', '{name}'], { name: '' })).toEqual(['train', '']);
  });

  test(`has {name} for {{name}}, and leaves \${NAME} to the shell`, () => {
    expect(fillCommand(['train', '{{rate}}', `\${RATE}`], parameters)).toEqual(['train', '{rate}', `\${RATE}`]);
  });

  test('without placeholders stays as it is', () => {
    fc.assert(
      fc.property(fc.array(fc.string().filter((text) => !/[{}]|sh/.test(text))), (command) => {
        expect(fillCommand(command, parameters)).toEqual(command);
      }),
    );
  });
});

describe('the script of a shell', () => {
  test('gets a value quoted, so that it stays one word', () => {
    expect(fillCommand(['sh', '-c', 'train {a.b}'], parameters)).toEqual(['sh', '-c', "train 'x y'"]);
  });

  test('has a placeholder that is no number refused where a shell may run it', () => {
    expect(unclearPlaceholders(['sh', '-c', 'train `echo {a.b}`'])).toEqual([{ index: 2, name: 'a.b' }]);
    expect(() => fillCommand(['sh', '-c', 'train `echo {a.b}`'], parameters)).toThrow('{a.b}');
  });

  test('takes a number anywhere', () => {
    expect(fillCommand(['sh', '-c', 'train `echo {rate}`'], parameters)).toEqual(['sh', '-c', 'train `echo 0.1`']);
  });
});

test('a command without a script has no place that is unclear', () => {
  expect(unclearPlaceholders(['train', '`{rate}`'])).toEqual([]);
});
