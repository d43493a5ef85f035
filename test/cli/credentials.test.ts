import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Place, SWEEP } from '../support/sweep-command.ts';

// How the command comes by credentials and region, against a server that stands for STS and SSM.

const DEVICE = 'arn:aws:iam::123456789012:mfa/ada';
const CONFIG = `[profile team]
role_arn = arn:aws:iam::123456789012:role/sweeps
source_profile = ada
mfa_serial = ${DEVICE}
[profile ada]
aws_access_key_id = AKIAADA
aws_secret_access_key = secret
`;
const ASSUMED = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>ASIATEAM</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;

let server: Server;
let place: Place;
/** The codes that STS was told, and who signed the other calls, in which region. */
let codes: (string | null)[];
let signers: string[];

beforeAll(async () => {
  place = new Place().write({ config: CONFIG });
  server = createServer(async (request, response) => {
    const body = await text(request);
    if (body.includes('Action=AssumeRole')) {
      codes.push(new URLSearchParams(body).get('TokenCode'));
      return response.end(ASSUMED);
    }
    signers.push(
      /Credential=(\w+)\/\d+\/([\w-]+)/
        .exec(request.headers.authorization ?? '')!
        .slice(1)
        .join(' '),
    );
    response.writeHead(400, { 'x-amzn-errortype': 'ParameterNotFound' }).end('{}');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
beforeEach(() => {
  codes = [];
  signers = [];
});
afterAll(() => {
  server?.close();
  place?.remove();
});

const environment = () => ({
  AWS_CONFIG_FILE: join(place.project, 'config'),
  AWS_SHARED_CREDENTIALS_FILE: join(place.project, 'none'),
  AWS_PROFILE: 'team',
  AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  AWS_DEFAULT_REGION: 'eu-central-1',
  AWS_REGION: undefined,
  AWS_ACCESS_KEY_ID: undefined,
});

test('a profile with an MFA device asks for its code on a terminal, once; the region is that of AWS_DEFAULT_REGION', async () => {
  const typed = `key:${Buffer.from('123456\r').toString('hex')},until:no stack`;
  const script = join(import.meta.dirname, '../python/in_terminal.py');
  const command = [script, '120', '30', `MFA device ${DEVICE}: `, typed, process.execPath, SWEEP, 'list', '--aws'];
  const env = { ...process.env, ...environment(), XDG_CACHE_HOME: join(place.root, 'cache') };
  const { stdout } = await promisify(execFile)('python3', command, { cwd: place.project, env });
  expect(stdout).toContain('there is no stack Sweepstack in eu-central-1');
  expect(codes).toEqual(['123456']);
  expect(signers).toEqual(['ASIATEAM eu-central-1']);
});

test('where nobody can be asked, it says so and what to do', async () => {
  const { status, stderr } = await place.sweep(['list', '--aws'], { environment: environment() });
  expect(status).toBe(1);
  expect(stderr).toMatch(/needs a code of the MFA device .*mfa\/ada, and this is not a terminal.*export-credentials/s);
  expect(codes).toEqual([]);
});

test('AWS_REGION counts before AWS_DEFAULT_REGION', async () => {
  const keys = { AWS_PROFILE: undefined, AWS_ACCESS_KEY_ID: 'AKIAX', AWS_SECRET_ACCESS_KEY: 's' };
  await place.sweep(['list', '--aws'], { environment: { ...environment(), ...keys, AWS_REGION: 'us-west-2' } });
  expect(signers).toEqual(['AKIAX us-west-2']);
});
