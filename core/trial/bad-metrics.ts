import { SweepstackError } from '../base/errors.ts';

/** What a program left in place of metrics cannot be read: its trial fails with this sentence. */
export class BadMetrics extends SweepstackError {
  override name = 'BadMetrics';
}
