import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseConfig } from '../../stacks/config.ts';
import { withScheduledSweeps } from '../../stacks/scheduled-sweeps.ts';
import { SweepstackStack } from '../../stacks/sweepstack-stack.ts';

const ROOT = join(import.meta.dirname, '../..');

const VPC = { id: 'vpc-0123456789abcdef0', subnets: ['subnet-0123456789abcdef0'] };
const KEY = 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const schedules = ['nightly', 'weekly'].map((name) => ({
  name,
  spec: 'examples/any-program/sweep.yaml',
  expression: 'rate(1 day)',
}));
/** Each is a process, or loads aws-cdk-lib: on a busy machine it takes minutes. */
const SLOW = { timeout: 300_000 };
/** All that can be switched on beside a network of the stack's own. */
const full = {
  schedules,
  notifications: ['team@example.com'],
  dashboard: true,
  logGroup: '/aws/batch/training',
  dataBuckets: ['team-data'],
  secrets: ['wandb'],
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sweepstack-synth-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Synthesizes as a stranger does: no credentials, no region, nothing of this process's environment but the PATH. */
function synth(out: string, context: readonly string[] = []) {
  const { PATH } = process.env;
  return spawnSync(process.execPath, ['node_modules/aws-cdk/bin/cdk', 'synth', '-q', '-o', out, ...context], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { PATH, HOME: folder, AWS_EC2_METADATA_DISABLED: 'true', CDK_DISABLE_CLI_TELEMETRY: 'true' },
  });
}

/** What cfn-lint says of these templates: on a machine that is new to it, uv first installs it and all it needs. */
function lint(templates: readonly string[]) {
  const uv = ['run', '--quiet', '--frozen', '--project', join(ROOT, 'test/python'), 'cfn-lint'];
  // W3005: CDK names a role among what a resource depends on although a reference to it says so as well.
  return spawnSync(process.env['UV'] ?? 'uv', [...uv, '--ignore-checks', 'W3005', '--', ...templates], {
    encoding: 'utf8',
  });
}

const templateIn = (out: string) => join(out, 'Sweepstack.template.json');

describe('cdk synth', SLOW, () => {
  test('needs no credentials and no Docker engine', () => {
    const { status, stderr } = synth(join(folder, 'stranger'));
    expect(status, stderr).toBe(0);
  });

  test('a mistake in cdk.json is told by key, and nothing is written', () => {
    const { status, stderr } = synth(join(folder, 'bad'), ['-c', 'sweepstack={"zones": 9}']);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/sweepstack/);
    expect(existsSync(templateIn(join(folder, 'bad')))).toBe(false);
  });
});

describe('cdk-nag', SLOW, () => {
  test.each([
    ['as it is', {}],
    ['with everything on', { ...full, subnets: 'nat' }],
    ['in private subnets without NAT', { subnets: 'endpoints' }],
    [
      'with images, a network and keys of its own',
      { ...full, image: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/train@sha256:0', vpc: VPC, keys: [KEY] },
    ],
  ])('finds nothing in a stack %s', async (name, configuration) => {
    const app = new App({ outdir: join(folder, name) });
    const config = parseConfig(configuration);
    await withScheduledSweeps(app, config, (scheduledSweeps) => {
      new SweepstackStack(app, 'Sweepstack', { config, scheduledSweeps });
      Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
      // It throws, with every finding, when there is one.
      expect(() => app.synth()).not.toThrow();
    });
  });
});

describe('cfn-lint', SLOW, () => {
  test('finds nothing in what was synthesized', () => {
    const folders = ['stranger', 'with everything on', 'with images, a network and keys of its own'];
    const { stdout, stderr, status } = lint(folders.map((name) => templateIn(join(folder, name))));
    expect(stdout + stderr).toBe('');
    expect(status).toBe(0);
  });
});
