import { expect, test } from 'vitest';
import { clickInterface, typerInterface } from '../../../inputs/script/functions.ts';
import { moduleOf } from '../../../inputs/script/module.ts';
import type { Option } from '../../../inputs/script/option.ts';

const only = (options: readonly Option[] | undefined) => {
  expect(options).toHaveLength(1);
  const { type, hasOff, flaw } = options![0]!;
  return { type, hasOff, flaw };
};

const click = (option: string) =>
  only(
    clickInterface([
      moduleOf('t.py', `import click\n@click.command()\n@click.option(${option})\ndef main(**k):\n  pass\n`),
    ])?.options,
  );
const typer = (parameter: string) =>
  only(typerInterface([moduleOf('t.py', `import typer\ndef main(${parameter}):\n  pass\ntyper.run(main)\n`)])?.options);

test('a flag of click that is on is searched only where its --no- form turns it off', () => {
  expect(click('"--shuffle/--no-shuffle", default=True')).toEqual({ type: 'flag', hasOff: true, flaw: undefined });
  expect(click('"--shuffle/--sequential", default=True').flaw).toBe('is on unless the command has --sequential');
  expect(click('"--shuffle", is_flag=True, default=True').flaw).toBe('is on by default');
  expect(click('"--shuffle", is_flag=True')).toEqual({ type: 'flag', hasOff: false, flaw: undefined });
});

test('a flag of typer whose name is given has no --no- form of its own', () => {
  expect(typer('bias: bool = False')).toEqual({ type: 'flag', hasOff: true, flaw: undefined });
  expect(typer('bias: bool = typer.Option(False, "--bias")')).toEqual({ type: 'flag', hasOff: false, flaw: undefined });
  expect(typer('bias: bool = typer.Option(True, "--bias/--no-bias")')).toMatchObject({ hasOff: true });
  expect(typer('bias: bool = typer.Option(True, "--bias")').flaw).toBe('is on by default');
});
