import { expect, test } from 'vitest';
import { place, printMetrics, TRIAL } from './support.ts';

test('{args_json_file} names a file with the parameters', async () => {
  const { attempt, file } = await place(`cat {args_json_file}; ${printMetrics(1)}`);
  const { result } = await attempt();
  expect(JSON.parse((await file('log.txt', result!.attempt)) ?? '')).toEqual(TRIAL.parameters);
});
