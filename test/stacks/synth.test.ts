import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseConfig } from '../../stacks/config.ts';
import { withScheduledSweeps } from '../../stacks/scheduled-sweeps.ts';
import { SweepstackStack } from '../../stacks/sweepstack-stack.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Synthesizes as a stranger does: no credentials, no region, nothing of this process's environment but the PATH. */
function synth(folder: string, context: readonly string[] = []) {
  const { PATH } = process.env;
  return spawnSync(process.execPath, ['node_modules/aws-cdk/bin/cdk', 'synth', '-q', '-o', folder, ...context], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { PATH, HOME: folder, AWS_EC2_METADATA_DISABLED: 'true', CDK_DISABLE_CLI_TELEMETRY: 'true' },
  });
}

const VPC = { id: 'vpc-0123456789abcdef0', subnets: ['subnet-0123456789abcdef0'] };
const KEY = 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';

describe('cdk synth', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sweepstack-synth-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const schedules = [{ name: 'nightly', spec: 'examples/any-program/sweep.yaml', expression: 'rate(1 day)' }];
  const full = {
    schedules,
    notifications: ['team@example.com'],
    dashboard: true,
    logGroup: '/aws/batch/training',
    vpc: VPC,
    keys: [KEY],
  };

  test.each([
    ['as it is', []],
    ['with everything on', ['-c', `sweepstack=${JSON.stringify(full)}`]],
  ])(
    '%s needs no credentials and no Docker engine, and cfn-lint finds nothing',
    (name, context) => {
      const out = join(folder, name.replaceAll(' ', '-'));
      const { status, stderr } = synth(out, context);
      expect(status, stderr).toBe(0);
      const template = join(out, 'Sweepstack.template.json');
      const uv = ['run', '--quiet', '--frozen', '--project', join(ROOT, 'test/python'), 'cfn-lint'];
      // W3005: CDK names a role among what a resource depends on although a reference to it says so as well.
      const lint = spawnSync(process.env['UV'] ?? 'uv', [...uv, '--ignore-checks', 'W3005', '--', template], {
        encoding: 'utf8',
      });
      expect(lint.stdout + lint.stderr).toBe('');
      expect(lint.status).toBe(0);
      // On a machine that is new to it, uv first installs cfn-lint and all it needs.
    },
    300_000,
  );

  test('a mistake in cdk.json is told by key, and nothing is written', () => {
    const { status, stderr } = synth(join(folder, 'bad'), ['-c', 'sweepstack={"zones": 9}']);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/sweepstack/);
  });
});

describe('cdk-nag', () => {
  test.each([
    ['as it is', {}],
    [
      'with everything on',
      {
        dashboard: true,
        notifications: ['team@example.com'],
        dataBuckets: ['team-data'],
        secrets: ['wandb'],
        subnets: 'nat',
        schedules: ['nightly', 'weekly'].map((name) => ({
          name,
          spec: 'examples/any-program/sweep.yaml',
          expression: 'rate(1 day)',
        })),
      },
    ],
    ['in private subnets without NAT', { subnets: 'endpoints' }],
    [
      'with images, a network and keys of its own',
      { image: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/train@sha256:0', vpc: VPC, keys: [KEY] },
    ],
  ])('finds nothing in a stack %s', async (_, configuration) => {
    const folder = mkdtempSync(join(tmpdir(), 'sweepstack-nag-'));
    const app = new App({ outdir: folder });
    const config = parseConfig(configuration);
    try {
      await withScheduledSweeps(app, config, (scheduledSweeps) => {
        new SweepstackStack(app, 'Sweepstack', { config, scheduledSweeps });
        Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
        // It throws, with every finding, when there is one.
        expect(() => app.synth()).not.toThrow();
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
