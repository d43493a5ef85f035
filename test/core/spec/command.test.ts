import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { programText } from '../../../core/space/program-text.ts';
import type { Parameters } from '../../../core/space/space.ts';
import { commandParts, fillCommand, unclearPlaceholders } from '../../../core/spec/command.ts';
import type { CommandPart } from '../../../core/spec/spec.ts';
import { fillingOf } from './filling.ts';

const filled = (command: readonly CommandPart[], parameters: Parameters = { 'a.b': 'x y', rate: 0.1 }) =>
  fillCommand(command, fillingOf(parameters));

describe('a command', () => {
  test('gets each value as one argument, whatever is in it', () => {
    expect(filled(['train', '{a.b}', '--rate={rate}'])).toEqual(['train', 'x y', '--rate=0.1']);
  });

  test('gets every active parameter as one argument for {args}', () => {
    expect(filled(['train', '{args}'])).toEqual(['train', '--a.b=x y', '--rate=0.1']);
  });

  test('may name a parameter with hyphens, and gets floats with a point', () => {
    const write = programText({ 'batch-size': [32], fraction: [0.5, 1] });
    const filling = { ...fillingOf({ 'batch-size': 32, fraction: 1 }), write };
    expect(fillCommand(['{batch-size}', '{fraction}', '{args}'], filling)).toEqual([
      ...['32', '1.0'],
      ...['--batch-size=32', '--fraction=1.0'],
    ]);
  });

  test('loses the argument that is nothing but an inactive parameter', () => {
    expect(filled(['train', '{momentum}', 'end'])).toEqual(['train', 'end']);
  });

  test('keeps an argument that only holds an inactive parameter, with nothing in its place', () => {
    expect(filled(['train', '--m={momentum}'])).toEqual(['train', '--m=']);
  });

  test('keeps an active parameter whose value is the empty text', () => {
    expect(filled(['train', '{name}'], { name: '' })).toEqual(['train', '']);
  });

  test(`has {name} for {{name}}, and leaves \${NAME} to the shell`, () => {
    expect(filled(['train', '{{rate}}', `\${RATE}`])).toEqual(['train', '{rate}', `\${RATE}`]);
  });

  test('without placeholders stays as it is', () => {
    fc.assert(
      fc.property(fc.array(fc.string().filter((text) => !/[{}]|sh/.test(text))), (command) => {
        expect(filled(command)).toEqual(command);
      }),
    );
  });
});

describe('the script of a shell', () => {
  test('gets a value quoted, so that it stays one word', () => {
    expect(filled(['sh', '-c', 'train {a.b}'])).toEqual(['sh', '-c', "train 'x y'"]);
  });

  test('has a placeholder that is no number refused where a shell may run it', () => {
    expect(unclearPlaceholders(['sh', '-c', 'train `echo {a.b}`'])).toEqual([{ index: 2, name: 'a.b' }]);
    expect(() => filled(['sh', '-c', 'train `echo {a.b}`'])).toThrow('{a.b}');
  });

  test('takes a number anywhere', () => {
    expect(filled(['sh', '-c', 'train `echo {rate}`'])).toEqual(['sh', '-c', 'train `echo 0.1`']);
  });
});

test('a command without a script has no place that is unclear', () => {
  expect(unclearPlaceholders(['train', '`{rate}`'])).toEqual([]);
});

describe('a nested list', () => {
  const command = ['train', ['--momentum', '{momentum}'], 'end'];

  test('is kept as a whole where its parameter is active', () => {
    expect(filled(command, { momentum: 0.9 })).toEqual(['train', '--momentum', '0.9', 'end']);
  });

  test('is dropped as a whole where its parameter is inactive, also inside a longer text', () => {
    expect(filled(command, {})).toEqual(['train', 'end']);
    expect(filled(['train', ['-x', '--m={momentum}']], {})).toEqual(['train']);
  });

  test('is kept where it names no parameter', () => {
    expect(filled(['train', ['--epochs', '{EPOCHS}'], ['{args}']], { a: 1 })).toEqual([
      ...['train', '--epochs', '3', '--a=1'],
    ]);
  });
});

describe('values of the contract', () => {
  test('stand in arguments', () => {
    expect(filled(['train', '--epochs={EPOCHS}', '{DATA_DIR}'])).toEqual(['train', '--epochs=3', '/my data']);
  });

  test('are one word in a script', () => {
    expect(filled(['sh', '-c', 'train {DATA_DIR} {EPOCHS}'])).toEqual(['sh', '-c', "train '/my data' 3"]);
  });
});

test('every form of {args} is right in a script', () => {
  expect(filled(['sh', '-c', 'train {args_spaced}'], { a: [1, 'x y'] })[2]).toBe("train --a 1 'x y'");
  expect(filled(['sh', '-c', 'train {args_json}'], { a: "it's" })[2]).toBe(`train '{"a":"it'\\''s"}'`);
  expect(filled(['sh', '-c', 'train {args_json_file}'])[2]).toBe('train /a/parameters.json');
  expect(filled(['sh', '-c', 'train {args_no_boolean_flags}'], { a: false, b: true })[2]).toBe('train --b');
});

test('a command in one text is its words', () => {
  expect(commandParts(`python train.py --name 'a b' {args}`)).toEqual([
    ...['python', 'train.py', '--name', 'a b', '{args}'],
  ]);
});

test('numbers in a command are text', () => {
  expect(commandParts(['train', 3, ['--x', 1.5]])).toEqual(['train', '3', ['--x', '1.5']]);
});
