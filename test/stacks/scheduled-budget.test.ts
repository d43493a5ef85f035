import { expect, test } from 'vitest';
import { resolveSpec } from '../../core/spec/resolve.ts';
import { parseConfig, type ScheduleConfig } from '../../stacks/config.ts';
import { budgetProblems } from '../../stacks/scheduled-budget.ts';

const problems = (budget: object, schedule: Partial<ScheduleConfig> = {}, config: object = {}) => {
  const all = {
    name: 'nightly',
    spec: 'x.yaml',
    expression: 'rate(1 day)',
    timezone: 'UTC',
    enabled: true,
    ...schedule,
  };
  return budgetProblems(resolveSpec({ search: { space: { x: [1] } }, budget }), parseConfig(config), all).map(
    ({ field, message }) => `${field}: ${message}`,
  );
};
const deadline = '2030-01-01T00:00+01:00';

test('a deadline is refused in a schedule that repeats, and hours are offered', () => {
  const refused = [expect.stringMatching(/^budget\.deadline: received "2030-01-01T00:00\+01:00"; .*use budget\.hours/)];
  expect(problems({ deadline })).toEqual(refused);
  expect(problems({ deadline }, { expression: 'cron(0 3 ? * MON *)' })).toEqual(refused);
  expect(problems({ hours: 3, dollars: 5 })).toEqual([]);
});

test('a deadline has to come after the one start, in whatever zone either is told', () => {
  const at = (time: string, timezone: string) => problems({ deadline }, { expression: `at(${time})`, timezone });
  expect(at('2029-12-31T23:59:00', 'Europe/Paris')).toEqual([]);
  expect(at('2029-12-31T22:59:00', 'UTC')).toEqual([]);
  for (const [time, zone] of [
    ['2030-01-01T00:00:00', 'Europe/Paris'],
    ['2029-12-31T23:00:00', 'UTC'],
    ['2029-12-31T18:00:00', 'America/New_York'],
  ] as const)
    expect(at(time, zone)).toEqual([expect.stringContaining(`not after the start, at(${time}) in ${zone}`)]);
});

test('a budget of dollars takes prices of all types that the profile may take', () => {
  const config = (more: object) => ({
    profiles: { gpu: { gpus: 1, vcpus: 4, memoryMiB: 8000, instanceTypes: ['c7i.2xlarge', 'g5.xlarge'], ...more } },
  });
  const unknown = problems({ dollars: 5 }, {}, config({ gpus: 0, instanceTypes: ['c7i.2xlarge'] }));
  expect(unknown).toEqual([
    expect.stringMatching(/^budget\.dollars: received 5, but no price is known for c7i\.2xlarge/),
  ]);
  expect(problems({ dollars: 5 }, {}, config({ gpus: 0, instanceTypes: ['c7i.2xlarge'], dollarsPerHour: 1 }))).toEqual(
    [],
  );
});
