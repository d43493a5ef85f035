// Lint and format (Biome; its overrides hold the import directions), types, the state machine, the Python program.
import { run } from './run.ts';
import { uvCommand } from './uv.ts';

const uv = await uvCommand();
const steps = [
  () => run('lint, format, import directions', 'biome', ['ci', '--error-on-warnings']),
  () => run('types', 'tsc', ['-p', '.']),
  () => run('types of what runs in a browser', 'tsc', ['-p', 'report']),
  () => run('state machine', 'asl-validator', ['--json-path', 'statemachines/sweep.asl.json']),
  () =>
    run('ruff check', uv, [
      'run',
      '--frozen',
      '--project',
      'docker/trainer',
      'ruff',
      'check',
      '--config',
      'docker/trainer/pyproject.toml',
      'docker',
      'test/trainer',
      'test/python',
      'examples',
      'bench',
    ]),
];
const results = steps.map((step) => step());
if (process.env['SWEEPSTACK_SUMMARY'] !== undefined) {
  const { appendFileSync } = await import('node:fs');
  const passed = results.filter(Boolean).length;
  appendFileSync(process.env['SWEEPSTACK_SUMMARY'], `${passed} ${results.length - passed}\n`);
}
process.exit(results.every(Boolean) ? 0 : 1);
