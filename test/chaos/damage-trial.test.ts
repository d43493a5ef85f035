import { expect, test } from 'vitest';
import { checkpointPrefix } from '../../core/layout/keys.ts';
import type { ObjectStore } from '../../storage/store.ts';
import { place, printMetrics, TRIAL } from '../runner/support.ts';
import { listed } from '../storage/conformance.ts';
import { DAMAGES } from './damage-kinds.ts';

// What a disk does to the objects that a trial starts from, between two attempts of it. DAMAGE_SEEDS as in damage.test.ts.

const SEEDS = Number(process.env['DAMAGE_SEEDS'] ?? 1);

async function damage(store: ObjectStore, key: string, how: string, seed: number): Promise<void> {
  const body = DAMAGES[how]!((await store.get(key))!.body, seed);
  if (body === null) await store.delete([key]);
  else await store.put(key, body);
}

/** Three epochs, each an attempt: the score is the sum that checkpoint and model carry, 1 + 2 + 3. */
const SUMS = `read -r done sum < "$CHECKPOINT_DIR/state" || { done=0; sum=0; }
  [ "$(cat "$MODEL_DIR/sum" 2>/dev/null || echo 0)" = "$sum" ] || exit 9
  next=$((done + 1)); sum=$((sum + next))
  echo "{\\"epoch\\": $next, \\"score\\": $sum}" >> "$METRICS_FILE"
  echo $sum > "$MODEL_DIR/sum"; echo "$next $sum" > "$CHECKPOINT_DIR/state"
  [ $next -ge $EPOCHS ] || exit 75`;

test.each(
  ['checkpoint.json', 'state', 'sum'].flatMap((name) => Object.keys(DAMAGES).map((how) => [name, how] as const)),
)('a checkpoint whose %s was %s makes the trial no other one', async (name, how) => {
  for (let seed = 0; seed < SEEDS; seed++) {
    const at = await place(SUMS);
    await at.attempt();
    const [object] = (await listed(at.store, checkpointPrefix('s', TRIAL.id))).filter(({ key }) => key.endsWith(name));
    await damage(at.store, object!.key, how, seed);
    let outcome = await at.attempt();
    for (let attempts = 1; outcome.status === 'interrupted' && attempts < 4; attempts++) outcome = await at.attempt();
    const { result } = outcome;
    expect(result).toMatchObject({ status: 'succeeded', value: 6, epoch: 3 });
    expect(await at.file('metrics.jsonl', result!.attempt)).toBe(
      [1, 3, 6].map((sum, index) => `{"epoch": ${index + 1}, "score": ${sum}}\n`).join(''),
    );
  }
});

test.each(Object.keys(DAMAGES))(
  'a source archive that was %s is unpacked by no trial, and kept by no cache',
  async (how) => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const script = `[ "$(cat code.txt)" = whole ] || exit 9; ${printMetrics(1, 3)}`;
      const at = await place(script, { source: { 'code.txt': 'whole' } });
      const [{ key } = { key: '' }] = await listed(at.store, 'sources/');
      const whole = (await at.store.get(key))!.body;
      await damage(at.store, key, how, seed);
      const { result } = await at.attempt();
      // A bit of the archive's header, such as its time, may decide nothing.
      if (result?.status !== 'succeeded')
        expect(result?.failure).toMatchObject({
          class: 'setup',
          reason: expect.stringMatching(/sources\/.*uploads it again/),
        });
      for (const { key: left } of await listed(at.store, 'sweeps/s/results/')) await at.store.delete([left]);
      await at.store.put(key, whole);
      expect((await at.attempt()).result).toMatchObject({ status: 'succeeded', value: 1 });
    }
  },
);
