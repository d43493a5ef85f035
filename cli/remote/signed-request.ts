import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseXML } from '@aws-sdk/xml-builder';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsCredentialIdentityProvider, SourceData } from '@smithy/types';

// For single questions to services whose clients would make the command larger by half: the client of EC2 alone is 1.7 MB.

/** Who asks, and where. */
export interface Caller {
  readonly credentials: AwsCredentialIdentityProvider;
  readonly region: string;
}

/** Endpoints, target prefixes and versions are those of the services' models (botocore). */
const SERVICES = {
  ec2: { host: 'ec2', version: '2016-11-15' },
  iam: { host: 'iam', version: '2010-05-08' },
  sts: { host: 'sts', version: '2011-06-15' },
  ecr: { host: 'api.ecr', target: 'AmazonEC2ContainerRegistry_V20150921' },
  servicequotas: { host: 'servicequotas', target: 'ServiceQuotasV20190624' },
  pricing: { host: 'api.pricing', target: 'AWSPriceListService' },
  lambda: { host: 'lambda' },
} as const;
type Service = keyof typeof SERVICES;

const ATTEMPTS = 4;
const FIRST_WAIT_MS = 500;
const PATIENCE_MS = 10_000;

/** An answer that is an error; `name` is AWS's own code, as the SDK has it. */
class ServiceError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/** A question by AWS's query protocol; the answer's XML as an object. Lists: `items`. */
export async function query(
  caller: Caller,
  service: 'ec2' | 'iam' | 'sts',
  action: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<XmlNode> {
  const body = new URLSearchParams({ Action: action, Version: SERVICES[service].version, ...parameters }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
  const answer = nodeOf(parseXML(await send(caller, service, { method: 'POST', path: '/', headers, body })));
  return nodeOf(answer[`${action}Response`]);
}

/** A question by AWS's JSON protocol. */
export async function askJson(
  caller: Caller,
  service: 'ecr' | 'servicequotas' | 'pricing',
  operation: string,
  input: unknown,
): Promise<unknown> {
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': `${SERVICES[service].target}.${operation}`,
  };
  return JSON.parse(await send(caller, service, { method: 'POST', path: '/', headers, body: JSON.stringify(input) }));
}

/** A question by path. */
export async function read(caller: Caller, service: 'lambda', path: string): Promise<unknown> {
  return JSON.parse(await send(caller, service, { method: 'GET', path, headers: {}, body: '' }));
}

interface Request {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** @throws ServiceError with AWS's code, after some tries where it may pass */
async function send(caller: Caller, service: Service, request: Request): Promise<string> {
  const { url, region } = placeOf(service, caller.region);
  const signer = new SignatureV4({ service, region, credentials: caller.credentials, sha256: Sha256 });
  for (let attempt = 1; ; attempt++) {
    const signed = await signer.sign({
      ...request,
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port === '' ? {} : { port: Number(url.port) }),
      headers: { ...request.headers, host: url.host },
    });
    const { host: _, ...headers } = signed.headers;
    const response = await fetch(new URL(request.path, url), {
      method: request.method,
      headers,
      ...(request.method === 'GET' ? {} : { body: request.body }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const text = await response.text();
    if (response.ok) return text;
    const error = errorOf(text, response);
    const passing =
      response.status >= 500 || response.status === 429 || /Throttl|RequestLimitExceeded/.test(error.name);
    if (!passing || attempt === ATTEMPTS) throw error;
    await sleep(FIRST_WAIT_MS * 2 ** (attempt - 1) * (0.5 + Math.random() / 2));
  }
}

/** A service that is one for a whole partition: by the beginning of the caller's region, its host and its own region. */
const CENTRAL: Partial<Record<Service, readonly (readonly [beginning: string, host: string, region: string])[]>> = {
  iam: [
    ['cn-', 'iam.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
    ['us-gov-', 'iam.us-gov.amazonaws.com', 'us-gov-west-1'],
    ['', 'iam.amazonaws.com', 'us-east-1'],
  ],
  // Of its few regions one a partition: it tells the prices of all of them.
  pricing: [
    ['cn-', 'api.pricing.cn-northwest-1.amazonaws.com.cn', 'cn-northwest-1'],
    ['', 'api.pricing.us-east-1.amazonaws.com', 'us-east-1'],
  ],
};

/** As the SDK's variables name a service: by its id. */
const variableOf = (service: Service): string =>
  service === 'servicequotas' ? 'SERVICE_QUOTAS' : service.toUpperCase();

function placeOf(service: Service, region: string): { url: URL; region: string } {
  const own = process.env[`AWS_ENDPOINT_URL_${variableOf(service)}`] ?? process.env['AWS_ENDPOINT_URL'];
  const central = CENTRAL[service]?.find(([beginning]) => region.startsWith(beginning));
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const host = central?.[1] ?? `${SERVICES[service].host}.${region}.${suffix}`;
  return {
    url: new URL(own === undefined || own === '' ? `https://${host}` : own),
    region: central?.[2] ?? region,
  };
}

/** Both protocols' errors: a `Code` and a `Message` in XML, or a type, in the body or a header, in JSON. */
function errorOf(text: string, response: Response): ServiceError {
  const inXml = (tag: string) => new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(text)?.[1];
  const json = text.startsWith('{') ? (JSON.parse(text) as Record<string, string | undefined>) : {};
  const type = inXml('Code') ?? json['__type'] ?? response.headers.get('x-amzn-errortype') ?? `HTTP${response.status}`;
  const message = inXml('Message') ?? json['message'] ?? json['Message'] ?? response.statusText;
  return new ServiceError(type.split('#').at(-1)!.split(':')[0]!, message);
}

/** An element of an answer in XML: text, or elements by name. */
export type XmlNode = Readonly<Record<string, unknown>>;

const nodeOf = (value: unknown): XmlNode => (typeof value === 'object' && value !== null ? (value as XmlNode) : {});

/** The elements at a path of names; one, several or none. */
export function items(node: XmlNode, ...path: string[]): XmlNode[] {
  const found = path.reduce<unknown>((at, name) => nodeOf(at)[name], node);
  if (found === undefined || found === '') return [];
  return (Array.isArray(found) ? found : [found]).map(nodeOf);
}

/** The text of an element; empty where there is none. */
export const textAt = (node: XmlNode, name: string): string => {
  const value = node[name];
  return typeof value === 'string' ? value : '';
};

/** The hash that the signer asks for, by Node's own. */
class Sha256 {
  #hash: Hash | Hmac;
  readonly #secret: SourceData | undefined;

  constructor(secret?: SourceData) {
    this.#secret = secret;
    this.#hash = this.#new();
  }

  #new(): Hash | Hmac {
    return this.#secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(this.#secret));
  }

  update(data: SourceData): void {
    this.#hash.update(bytesOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    this.#hash = this.#new();
  }
}

function bytesOf(data: SourceData): string | Uint8Array {
  if (typeof data === 'string') return data;
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
