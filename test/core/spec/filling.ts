import { programText } from '../../../core/space/program-text.ts';
import type { Parameters } from '../../../core/space/space.ts';
import { contractValues } from '../../../core/spec/contract-values.ts';
import type { Filling } from '../../../core/spec/placeholders.ts';

/** What a trial with these parameters fills in: epoch 3 of 9, seed 7. */
export const fillingOf = (parameters: Parameters): Filling => ({
  parameters,
  contract: contractValues({ seed: 7, epochs: 9 }, { id: '00ff', epochs: 3 }, 's-1', {
    data: '/my data',
    checkpoint: '/a/checkpoint',
    model: '/a/model',
    metrics: '/a/metrics.jsonl',
  }),
  argsFolder: '/a',
  write: programText({}),
});
