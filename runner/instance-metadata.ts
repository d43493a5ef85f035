/** Where an instance asks about itself: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html */
const DEFAULT_ENDPOINT = 'http://169.254.169.254';
const TOKEN_SECONDS = 21_600;
const ANSWER_MS = 2_000;

export interface MetadataAnswer {
  readonly status: number;
  readonly text: string;
}

/** The metadata service of this instance (IMDSv2); null where the environment says that there is none. */
export function instanceMetadata(environment: Readonly<Record<string, string | undefined>>): InstanceMetadata | null {
  if (environment['AWS_EC2_METADATA_DISABLED'] === 'true') return null;
  return new InstanceMetadata(environment['AWS_EC2_METADATA_SERVICE_ENDPOINT'] ?? DEFAULT_ENDPOINT);
}

export class InstanceMetadata {
  readonly #endpoint: string;

  constructor(endpoint: string) {
    this.#endpoint = endpoint.replace(/\/$/, '');
  }

  /** Null: no answer, or none in time. */
  async token(signal: AbortSignal): Promise<string | null> {
    const answer = await ask(`${this.#endpoint}/latest/api/token`, signal, {
      method: 'PUT',
      headers: { 'X-aws-ec2-metadata-token-ttl-seconds': String(TOKEN_SECONDS) },
    });
    return answer?.text ?? null;
  }

  /** @param category such as `instance-type`. Null: no answer, or none in time */
  get(category: string, token: string, signal: AbortSignal): Promise<MetadataAnswer | null> {
    return ask(`${this.#endpoint}/latest/meta-data/${category}`, signal, {
      headers: { 'X-aws-ec2-metadata-token': token },
    });
  }
}

/** Null: no answer, or none in time. */
export async function ask(url: string, signal: AbortSignal, init: RequestInit): Promise<MetadataAnswer | null> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]) });
    const text = await response.text();
    return response.status >= 500 || (init.method === 'PUT' && !response.ok) ? null : { status: response.status, text };
  } catch {
    return null;
  }
}
