import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { place, TRIAL } from './support.ts';

const KEY = 'hunter2/hunter2';
const environment = { WANDB_API_KEY: { secret: 'wandb' } };
const has = { secrets: () => KEY };

/** Everything in the store but the spec, as text. */
const stored = (folder: string): string =>
  readdirSync(join(folder, 'store'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'spec.json')
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');

test.each([
  ['a metric key and a text', `echo "{\\"$WANDB_API_KEY\\": 1, \\"note\\": \\"$WANDB_API_KEY\\"}" >> "$METRICS_FILE"`],
  ['the reason of a failure', 'echo "denied for $WANDB_API_KEY"; exit 3'],
  ['two streams at once', 'printf hunter2; printf "noise\\n" >&2; sleep 0.1; printf "/hunter2\\n"; exit 3'],
  ['a URL', 'echo "https://x/?key=hunter2%2Fhunter2"; exit 3'],
  ["a checkpoint's metrics", `echo "{\\"$WANDB_API_KEY\\": 1}" >> "$METRICS_FILE"; touch "$CHECKPOINT_DIR/a"; exit 75`],
])('a secret in %s reaches no object of the store', async (_, script) => {
  const at = await place(script, { spec: { environment } });
  await at.attempt(has);
  expect(stored(at.folder)).not.toMatch(/hunter2/);
});

test('a failure lists metric keys without the secret', async () => {
  const at = await place(`echo "{\\"$WANDB_API_KEY\\": 1}" >> "$METRICS_FILE"`, { spec: { environment } });
  const { result } = await at.attempt(has);
  expect(result!.failure!.reason).toMatch(/it reported \[secret\]/);
});

test('a failure says nothing that a terminal would obey', async () => {
  const at = await place(`printf '\\033]0;owned\\007\\033[31mred\\033[0m\\n'; exit 3`);
  expect((await at.attempt()).result!.failure!.reason).toBe('the program exited with status 3: red');
});

test('a secret too short to be taken out fails the trial by name, before it starts', async () => {
  const at = await place('echo started', { spec: { environment } });
  const { result } = await at.attempt({ secrets: () => '12345' });
  expect(result!.failure).toMatchObject({
    class: 'setup',
    reason: expect.stringMatching(/WANDB_API_KEY: the secret wandb has 5 characters/),
  });
  expect(await at.file('log.txt', result!.attempt)).not.toMatch(/started/);
  expect(TRIAL.id).toBe(result!.trialId);
});
