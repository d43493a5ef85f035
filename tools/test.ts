// All tests: the pure modules', then those that start servers and processes; the training program's beside them, since
// most of the others wait for processes of their own.
//
//   npm test [-- FILTER ...]     a filter is a part of a test file's path; with one, only vitest runs
//
// With SWEEPSTACK_RETRY set, what failed runs once more, alone: a machine that is shared with others must not fail a change
// that is right. A test that only passes then is named, because its cause is still to be found.
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { run, runBeside } from './run.ts';
import { uvCommand } from './uv.ts';

/** What a run found, by test file (vitest) or test (pytest). */
type Found = ReadonlyMap<string, { readonly passed: number; readonly failed: readonly string[] }>;

interface Outcome {
  readonly found: Found;
  readonly succeeded: boolean;
}

/** The folders of tests that run in the environment of each Python project. */
const PYTHON: Readonly<Record<string, readonly string[]>> = {
  'docker/trainer': ['test/trainer', 'test/helper'],
  'docker/finetune': ['test/finetune'],
};

const filters = process.argv.slice(2);
const retry = process.env['SWEEPSTACK_RETRY'] !== undefined;
const reports = mkdtempSync(join(tmpdir(), 'sweepstack-tests-'));
const outcomes: Outcome[] = [];
let crashed = 0;

try {
  outcomes.push({ found: new Map(), succeeded: run('build', process.execPath, ['tools/build.ts']) });
  const uv = await uvCommand();
  const files = (found: Found) => [...found].flatMap(([file, { failed }]) => (failed.length === 0 ? [] : [file]));
  const [node, python] = await Promise.all([
    vitest(uv, 'vitest', filters),
    filters.length === 0 ? everyPytest(uv) : [],
  ]);
  outcomes.push(await twice(node, (found) => vitest(uv, 'vitest, once more', ['--maxWorkers=1', ...files(found)])));
  for (const { project, outcome } of python) {
    outcomes.push(await twice(outcome, () => pytest(uv, 'pytest, once more', project, ['--last-failed'])));
  }
} catch (error) {
  console.error(error);
  crashed = 1;
} finally {
  rmSync(reports, { recursive: true, force: true });
}
const all = outcomes.flatMap(({ found }) => [...found.values()]);
const passed = all.reduce((sum, one) => sum + one.passed, 0);
const failed = all.reduce((sum, one) => sum + one.failed.length, crashed);
const succeeded = failed === 0 && outcomes.every((outcome) => outcome.succeeded);
console.error(`\n${passed} passed, ${failed} failed`);
const summary = process.env['SWEEPSTACK_SUMMARY'];
if (summary !== undefined) appendFileSync(summary, `${passed} ${failed === 0 && !succeeded ? 1 : failed}\n`);
process.exit(succeeded ? 0 : 1);

/** The outcome of a run, and of a second one of what failed, where that is wanted. */
async function twice(first: Outcome, second: (found: Found) => Promise<Outcome>): Promise<Outcome> {
  const failedIn = (found: Found) => [...found.values()].flatMap(({ failed }) => failed);
  const failures = failedIn(first.found);
  if (!retry || failures.length === 0) return first;
  const { found, succeeded } = await second(first.found);
  const again = new Set(failedIn(found));
  for (const name of failures) if (!again.has(name)) console.error(`passed only when run once more: ${name}`);
  return { found: new Map([...first.found, ...found]), succeeded };
}

async function vitest(uv: string, title: string, more: readonly string[]): Promise<Outcome> {
  const json = join(reports, 'vitest.json');
  const options = ['--reporter=default', '--reporter=json', `--outputFile.json=${json}`];
  const succeeded = await runBeside(title, 'vitest', ['run', ...options, ...more], {
    shown: true,
    // The tests start the command and the runner hundreds of times: compiled once, a start takes two thirds of the time.
    environment: { UV: uv, NODE_COMPILE_CACHE: join(reports, 'compiled') },
  });
  const { testResults } = JSON.parse(readFileSync(json, 'utf8')) as {
    testResults: { name: string; status: string; assertionResults: { fullName: string; status: string }[] }[];
  };
  const found = testResults.map(({ name, status, assertionResults }) => {
    const named = (wanted: string) =>
      assertionResults.flatMap((test) => (test.status === wanted ? [`${name}: ${test.fullName}`] : []));
    // A file that breaks outside its tests has none that failed.
    const failures = named('failed').length > 0 || status !== 'failed' ? named('failed') : [name];
    return [name, { passed: named('passed').length, failed: failures }] as const;
  });
  return { found: new Map(found), succeeded };
}

/** The tests of each Python project, one project after the other. */
async function everyPytest(uv: string): Promise<{ project: string; outcome: Outcome }[]> {
  const found = [];
  for (const project of Object.keys(PYTHON)) {
    found.push({ project, outcome: await pytest(uv, `pytest of ${project}`, project, []) });
  }
  return found;
}

async function pytest(uv: string, title: string, project: string, more: readonly string[]): Promise<Outcome> {
  const junit = join(reports, `${basename(project)}.xml`);
  const options = ['-q', '-o', `cache_dir=${join(reports, basename(project))}`, `--junitxml=${junit}`, ...more];
  const args = ['run', '--frozen', '--project', project, 'pytest', ...options, ...(PYTHON[project] ?? [])];
  const succeeded = await runBeside(title, uv, args, { shown: false });
  const cases = readFileSync(junit, 'utf8').split('<testcase ').slice(1);
  const found = cases.map((text) => {
    const name = /classname="([^"]*)" name="([^"]*)"/.exec(text)?.slice(1).join(': ') ?? text;
    const broken = /<(failure|error)\b/.test(text);
    return [name, { passed: broken || text.includes('<skipped') ? 0 : 1, failed: broken ? [name] : [] }] as const;
  });
  return { found: new Map(found), succeeded };
}
