import { setTimeout as sleep } from 'node:timers/promises';

/** Where an instance asks about itself: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html */
const DEFAULT_ENDPOINT = 'http://169.254.169.254';
/** AWS suggests a look every 5 s; the notice comes 120 s before the end. */
const EVERY_MS = 5_000;
const TOKEN_SECONDS = 21_600;
const ANSWER_MS = 2_000;

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
  const endpoint = environment['AWS_EC2_METADATA_SERVICE_ENDPOINT'] ?? DEFAULT_ENDPOINT;
  const notice = new Promise<string>((resolve) => {
    if (environment['AWS_EC2_METADATA_DISABLED'] === 'true') return;
    void poll(endpoint.replace(/\/$/, ''), everyMs, controller.signal, resolve);
  });
  return { notice, stop: () => controller.abort() };
}

async function poll(
  endpoint: string,
  everyMs: number,
  signal: AbortSignal,
  found: (notice: string) => void,
): Promise<void> {
  let token: string | null = null;
  while (!signal.aborted) {
    token ??= await ask(`${endpoint}/latest/api/token`, signal, {
      method: 'PUT',
      headers: { 'X-aws-ec2-metadata-token-ttl-seconds': String(TOKEN_SECONDS) },
    }).then((answer) => answer?.text ?? null);
    if (token !== null) {
      const answer = await ask(`${endpoint}/latest/meta-data/spot/instance-action`, signal, {
        headers: { 'X-aws-ec2-metadata-token': token },
      });
      if (answer?.status === 200) return found(answer.text);
      // 404: no notice. 401: the token has expired.
      if (answer?.status === 401) token = null;
    }
    await sleep(everyMs, undefined, { signal, ref: false }).catch(() => {});
  }
}

/** Null: no answer, or none in time. */
async function ask(
  url: string,
  signal: AbortSignal,
  init: RequestInit,
): Promise<{ status: number; text: string } | null> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]) });
    const text = await response.text();
    return response.status >= 500 || (init.method === 'PUT' && !response.ok) ? null : { status: response.status, text };
  } catch {
    return null;
  }
}
