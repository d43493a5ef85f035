import { expect, test } from 'vitest';
import { resolveSpec } from '../../../core/spec/resolve.ts';

const resolve = (args: string, choices: unknown[]) =>
  resolveSpec({
    search: { space: { x: choices } },
    objective: { metric: 'score' },
    training: { command: `train ${args}` },
  });

test.each([
  ['{args_python}', [true, 'True'], /true and "True", of which \{args_python\} makes the same arguments, "--x=True"/],
  ['{args_python}', [null, 'None'], /the same arguments, "--x=None"/],
  ['{args_python}', [[1, 2], '[1, 2]'], /the same arguments/],
  ['{args_spaced}', [['a'], 'a'], /the same arguments, "--x" "a"/],
])('%s: choices %j are refused', (args, choices, words) => {
  expect(() => resolve(args, choices)).toThrow(words);
});

test.each([
  ['{args}', [true, 'True', null, 'None']],
  ['{x}', [['a'], 'a']],
  ['{args_python}', [true, false, null, 'a', [1, 2]]],
  ['{args_no_boolean_flags}', [true, false, '']],
])('%s: choices %j stay apart', (args, choices) => {
  expect(() => resolve(args, choices)).not.toThrow();
});
