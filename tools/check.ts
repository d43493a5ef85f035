// Lint and format (Biome), import directions, types, the state machine, the Python programs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkImports } from './imports.ts';
import { root, run } from './run.ts';
import { uvCommand } from './uv.ts';

const uv = await uvCommand();
const project = 'docker/trainer/pyproject.toml';
const programs = ['test/trainer', 'test/finetune', 'examples'];

/** Runs a tool of the trainer's development environment. */
function python(title: string, tool: string, args: readonly string[]): boolean {
  return run(title, uv, ['run', '--frozen', '--project', 'docker/trainer', tool, ...args]);
}

/** The file is valid once its partition is filled in: the validator knows no placeholder in a resource. */
function stateMachine(partition: string): boolean {
  const file = readFileSync(join(root, 'statemachines/sweep.asl.json'), 'utf8');
  const definition = file.replaceAll(/\$\{Partition\}/g, partition);
  return run(`state machine in ${partition}`, 'asl-validator', ['--json-definition', definition]);
}

const steps = [
  () => run('lint, format', 'biome', ['ci', '--error-on-warnings']),
  checkImports,
  () => run('types', 'tsc', ['-p', '.']),
  () => run('types of what runs in a browser', 'tsc', ['-p', 'page']),
  ...['aws', 'aws-cn', 'aws-us-gov'].map((partition) => () => stateMachine(partition)),
  () =>
    python('ruff check', 'ruff', [
      'check',
      '--config',
      project,
      'docker',
      ...programs,
      'test/helper',
      'test/python',
      'test/conformance',
      'bench',
    ]),
  // It runs under older versions of Python than the rest, so it has rules of its own.
  () => python('ruff check of the helper', 'ruff', ['check', 'python']),
  () => python('types of the helper', 'mypy', ['--strict', 'python/sweepstack.py']),
  () =>
    python('Python types', 'mypy', [
      '--config-file',
      project,
      'docker/trainer',
      'docker/finetune',
      ...programs,
      'bench/trainer',
    ]),
];
const results = steps.map((step) => step());
if (process.env['SWEEPSTACK_SUMMARY'] !== undefined) {
  const { appendFileSync } = await import('node:fs');
  const passed = results.filter(Boolean).length;
  appendFileSync(process.env['SWEEPSTACK_SUMMARY'], `${passed} ${results.length - passed}\n`);
}
process.exit(results.every(Boolean) ? 0 : 1);
