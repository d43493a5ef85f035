import { describe, expect, test } from 'vitest';
import { checkCommand } from '../../../core/spec/check-command.ts';
import { specSchema } from '../../../core/spec/spec.ts';

const problems = (command: unknown, space: object = { a: [1, 2], name: ['x', 'y'] }, data?: string) => {
  const found: { field: string; message: string }[] = [];
  const training = { command, ...(data === undefined ? {} : { data }) };
  checkCommand(specSchema.parse({ search: { space }, training }), (field, message) => found.push({ field, message }));
  return found;
};
const fields = (command: unknown) => problems(command).map(({ field }) => field);

describe('a placeholder', () => {
  test('names a parameter, a form of {args} or a value of the contract', () => {
    expect(fields(['a', '{a}', '{args}', '{{b}}', `\${B}`, '{args_json_file}', '{EPOCHS}'])).toEqual([]);
    expect(fields(['a', 'x', '{b} {c}'])).toEqual(['training.command[2]', 'training.command[2]']);
  });

  test('of another name gets the nearest one that there is', () => {
    expect(problems(['a', '{EPOCH}'])[0]?.message).toContain('did you mean {EPOCHS}?');
    expect(problems(['a', '{args_jason}'])[0]?.message).toContain('did you mean {args_json}?');
  });

  test('of the data needs data', () => {
    expect(fields(['a', '{DATA_DIR}'])).toEqual(['training.command[1]']);
    expect(problems(['a', '{DATA_DIR}'], undefined, 'd')).toEqual([]);
  });

  test('is not both a parameter and all of them', () => {
    expect(problems(['a', '{args}'], { args: [1, 2] })[0]?.message).toContain('rename the parameter');
  });
});

test('a value that is no number may not stand where a shell could run it', () => {
  expect(fields(['sh', '-c', '`{name}`'])).toEqual(['training.command[2]']);
  expect(fields(['sh', '-c', '`{a} {EPOCHS}` {name}'])).toEqual([]);
  expect(fields(['sh', '-c', '`{TRIAL_ID}`'])).toEqual(['training.command[2]']);
});

test('a nested list is checked as the rest, and is not the program', () => {
  expect(fields(['a', ['-x', '{b}']])).toEqual(['training.command[1]']);
  expect(fields([['a']])).toEqual(['training.command[0]']);
});

test('an argument holds no NUL', () => {
  expect(fields(['a', 'b\0'])).toEqual(['training.command[1]']);
});

describe('a command in one text', () => {
  test('is checked as its words', () => {
    expect(fields('train {args} --name "{name}"')).toEqual([]);
    expect(fields('train {b}')).toEqual(['training.command']);
  });

  test('that needs a shell is refused with the list to write', () => {
    const [problem] = problems('cd "my src" && train {args}');
    expect(problem?.field).toBe('training.command');
    expect(problem?.message).toContain('[sh, -c, "cd \\"my src\\" && train {args}"]');
  });

  test("that names a shell's variable is told of the placeholder, and one that sets it of the environment", () => {
    expect(problems('train $EPOCHS')[0]?.message).toContain('{EPOCHS}');
    expect(problems('MODE=x train')[0]?.message).toContain('training.environment: { MODE: ... }');
  });

  test('is not empty', () => {
    expect(fields('  ')).toEqual(['training.command']);
  });
});
