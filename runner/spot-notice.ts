import { setTimeout as sleep } from 'node:timers/promises';
import { type InstanceMetadata, instanceMetadata } from './instance-metadata.ts';

/** AWS suggests a look every 5 s; the notice comes 120 s before the end. */
const EVERY_MS = 5_000;

export interface SpotPoll {
  /** Fulfilled, with what the instance was told, when there is a notice. */
  readonly notice: Promise<string>;
  stop(): void;
}

/**
 * Asks the instance's metadata service (IMDSv2) for a Spot notice again and again. Where there is no such service (a
 * laptop, an on-demand host that forbids it) nothing is ever noticed, and nothing fails. SIGTERM alone does not do: ECS
 * does not promise it for tasks of Batch.
 */
export function pollSpotNotice(
  environment: Readonly<Record<string, string | undefined>>,
  everyMs: number = EVERY_MS,
): SpotPoll {
  const controller = new AbortController();
  const metadata = instanceMetadata(environment);
  const notice = new Promise<string>((resolve) => {
    if (metadata !== null) void poll(metadata, everyMs, controller.signal, resolve);
  });
  return { notice, stop: () => controller.abort() };
}

async function poll(
  metadata: InstanceMetadata,
  everyMs: number,
  signal: AbortSignal,
  found: (notice: string) => void,
): Promise<void> {
  let token: string | null = null;
  while (!signal.aborted) {
    token ??= await metadata.token(signal);
    if (token !== null) {
      // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
      const answer = await metadata.get('spot/instance-action', token, signal);
      if (answer?.status === 200) return found(answer.text);
      // 404: no notice. 401: the token has expired.
      if (answer?.status === 401) token = null;
    }
    await sleep(everyMs, undefined, { signal, ref: false }).catch(() => {});
  }
}
