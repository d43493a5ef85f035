import { SweepstackError } from '../base/errors.ts';

/** A program's metrics cannot be read; its trial fails with this sentence. */
export class BadMetrics extends SweepstackError {
  override name = 'BadMetrics';
}
