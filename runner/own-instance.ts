import type { Instance } from '../core/trial/instance.ts';
import { instanceMetadata } from './instance-metadata.ts';

/** What the three answers look like; anything else does not come from an instance. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/;

/** The instance that this process runs on; null where there is none, or it does not tell within seconds. */
export async function ownInstance(
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<Instance | null> {
  const metadata = instanceMetadata(environment);
  const token = metadata === null ? null : await metadata.token(signal);
  if (metadata === null || token === null) return null;
  const [type, purchase, zone] = await Promise.all(
    ['instance-type', 'instance-life-cycle', 'placement/availability-zone'].map(async (category) => {
      const answer = await metadata.get(category, token, signal);
      return answer?.status === 200 && NAME.test(answer.text) ? answer.text : null;
    }),
  );
  return type && purchase && zone ? { type, purchase, zone } : null;
}
