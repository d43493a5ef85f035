// All tests: the pure modules', then those that start servers and processes, then the training program's.
//
//   npm test [-- FILTER ...]     a filter is a part of a test file's path; with one, only vitest runs
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run.ts';
import { uvCommand } from './uv.ts';

const filters = process.argv.slice(2);
const reports = mkdtempSync(join(tmpdir(), 'sweepstack-tests-'));
let passed = 0;
let failed = 0;
let succeeded = true;

try {
  succeeded = run('build', process.execPath, ['tools/build.ts']) && succeeded;
  const uv = await uvCommand();
  const json = join(reports, 'vitest.json');
  succeeded =
    run('vitest', 'vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${json}`, ...filters], {
      UV: uv,
    }) && succeeded;
  const vitest = JSON.parse(readFileSync(json, 'utf8')) as { numPassedTests: number; numFailedTests: number };
  passed += vitest.numPassedTests;
  failed += vitest.numFailedTests;
  if (filters.length === 0) {
    const junit = join(reports, 'pytest.xml');
    succeeded =
      run('pytest', uv, [
        'run',
        '--frozen',
        '--project',
        'docker/trainer',
        'pytest',
        '-q',
        '-p',
        'no:cacheprovider',
        `--junitxml=${junit}`,
        'test/trainer',
      ]) && succeeded;
    const suite = readFileSync(junit, 'utf8');
    const count = (name: string) => Number(new RegExp(`<testsuite [^>]*\\b${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
    const broken = count('failures') + count('errors');
    passed += count('tests') - broken - count('skipped');
    failed += broken;
  }
} catch (error) {
  console.error(error);
  succeeded = false;
  failed += 1;
} finally {
  rmSync(reports, { recursive: true, force: true });
}
console.error(`\n${passed} passed, ${failed} failed`);
const summary = process.env['SWEEPSTACK_SUMMARY'];
if (summary !== undefined) appendFileSync(summary, `${passed} ${failed === 0 && !succeeded ? 1 : failed}\n`);
process.exit(succeeded && failed === 0 ? 0 : 1);
