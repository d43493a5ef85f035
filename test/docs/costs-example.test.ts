import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { accountOf } from '../../core/money/account.ts';
import type { PaidAttempt } from '../../core/money/attempts.ts';
import { dollarsText } from '../../core/money/dollars.ts';
import { pricesBy } from '../../core/money/prices.ts';
import { START_SECONDS } from '../../core/money/rates.ts';

const page = readFileSync(new URL('../../docs/costs-and-spot.md', import.meta.url), 'utf8');

const instance = { type: 'g4dn.2xlarge', purchase: 'spot', zone: 'us-east-1a' };
const SECONDS = 1800;

/** 64 trials of half an hour on 32 machines, of which two are taken back 20 minutes into their first trial. */
function attempts(): PaidAttempt[] {
  const on = (host: string, trial: number, start: number, over: Partial<PaidAttempt> = {}): PaidAttempt => ({
    ...{ trial, id: `t${trial}`, host, instance, start: start * 1000, seconds: SECONDS },
    ...{ outcome: 'succeeded', wasTakenBack: false },
    ...over,
  });
  return Array.from({ length: 32 }, (_, machine) => {
    const [first, second] = [machine, 32 + machine];
    if (machine > 1) return [on(`h${machine}`, first, 0), on(`h${machine}`, second, SECONDS)];
    const again = 1200 + START_SECONDS;
    return [
      on(`h${machine}`, first, 0, { seconds: 1200, outcome: 'interrupted', wasTakenBack: true }),
      // From the checkpoint.
      on(`h${machine}-again`, first, again, { seconds: 660 }),
      on(`h${machine}-again`, second, again + 660),
    ];
  }).flat();
}

test('the account of the worked example is what the page says', () => {
  const { dollars, toBest, idle, notCharged, by, machines } = accountOf(attempts(), {
    price: pricesBy((region) => ({ region, asked: null, own: null })),
    slots: () => 1,
    best: 't40',
  });
  const said = [dollars, toBest, idle, notCharged, by!.succeeded, by!.interrupted].map((each) => dollarsText(each!));
  for (const amount of said) expect(page, said.join(', ')).toContain(amount);
  expect(page).toContain(`${machines} machines`);
});
