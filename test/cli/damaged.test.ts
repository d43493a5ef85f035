import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Place, type Summary } from '../support/sweep-command.ts';

// What a person sees whose disk has damaged a finished sweep. Every kind of object and damage: test/chaos/damage.test.ts.

const place = new Place();
const store = join(place.project, '.sweepstack', 'store');
let first: Summary;
let leaderboard: string;

beforeAll(async () => {
  place.write({
    'sweep.yaml': `name: damaged
sweepId: damaged
search: { strategy: sobol, trials: 3, space: { x: { min: 1, max: 9, type: integer } } }
objective: { metric: score }
training: { command: [sh, train.sh], source: . }
`,
    'train.sh': `echo "{\\"score\\": $X}" >> "$METRICS_FILE"\necho "$X" > "$MODEL_DIR/weights"\n`,
  });
  first = await place.run();
  leaderboard = readFileSync(first.leaderboard, 'utf8');
});
afterAll(() => place.remove());

/** Changes one bit in the middle of a file. */
function flip(file: string): void {
  const body = readFileSync(file);
  body[body.length >> 1]! ^= 1;
  writeFileSync(file, body);
}

const object = (key: string) => join(store, 'sweeps/damaged', key);
const best = () =>
  JSON.parse(readFileSync(object('best.json'), 'utf8')) as { trialId: string; epochs: number; model: string };

test('what the same command can make again it makes, says so, and finds the same', async () => {
  flip(object(`results/${best().trialId}.${best().epochs}.json`));
  truncateSync(object('spec.json'), 100);
  rmSync(object('data.json'));
  flip(object('rounds/0/shard-0.json'));
  const archive = place.listing().find((name) => name.endsWith('.tgz'))!;
  truncateSync(join(place.project, archive), 10);
  const ended = await place.sweep(['run', 'sweep.yaml', '--json']);
  expect(ended.status, ended.stderr).toBe(0);
  expect(JSON.parse(ended.stdout).trials).toMatchObject({ planned: 3, trained: 1, reused: 2 });
  expect(ended.stderr).toMatch(/spec\.json, data\.json of damaged was damaged or missing, and was recreated/);
  expect(ended.stderr).toMatch(/sources\/.*\.tgz was damaged/);
  expect(readFileSync(first.leaderboard, 'utf8')).toBe(leaderboard);
});

test("a best trial's model that was changed is refused by name, and comes back by what is said to do", async () => {
  const weights = join(store, best().model, 'weights');
  flip(weights);
  const ended = await place.sweep(['run', 'sweep.yaml']);
  expect(ended.status).toBe(1);
  const [, remedy] = /weights is not what was stored; remove (\S+) and run/.exec(ended.stderr) ?? [];
  expect(remedy, ended.stderr).toBeDefined();
  const model = await place.sweep(['model', 'damaged', 'best', '--to', 'model']);
  expect([model.status, existsSync(join(place.project, 'model'))]).toEqual([1, false]);
  expect(model.stderr).toContain(remedy);
  rmSync(join(store, remedy!));
  const { model: folder } = (await place.run()).best!;
  expect(readFileSync(join(folder!, 'weights'), 'utf8')).toBe(`${first.best!.parameters['x']}\n`);
});

test('a lock that cannot be read is told by status, and a sweep that cannot be read hides no other in list', async () => {
  writeFileSync(object('lock.json'), '{');
  expect((await place.sweep(['status', 'damaged'])).stdout).toMatch(/lock\.json is damaged, .* takes it over 120 s/);
  rmSync(object('lock.json'));
  truncateSync(object('facts.json'), 9);
  const list = await place.sweep(['list', '--json']);
  expect(list.status, list.stderr).toBe(0);
  expect(JSON.parse(list.stdout)).toMatchObject([{ sweepId: 'damaged', status: 'damaged' }]);
  expect((await place.sweep(['status', 'damaged'])).stderr).toMatch(
    /facts\.json is damaged: .* run or start the same spec/,
  );
});
