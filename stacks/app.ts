import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { DEFAULT_STACK } from '../core/aws/deployment.ts';
import { BadInput, badInput, formatProblem } from '../core/base/errors.ts';
import { show } from '../core/base/text.ts';
import { instanceTypesOf, parseConfig } from './config.ts';
import { fleetText } from './fleet-text.ts';
import { withScheduledSweeps } from './scheduled-sweeps.ts';
import { SweepstackStack } from './sweepstack-stack.ts';

// What `cdk synth` and `cdk deploy` run. Needs no credentials and no Docker engine to synthesize.

const ROOT = join(import.meta.dirname, '..');

/** Bundles the functions and the runner again, so that a deploy is never older than the code beside it. */
function bundle(): void {
  const { status } = spawnSync(process.execPath, [join(ROOT, 'tools/build.ts')], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) process.exit(1);
}

/** `-c sweepstack='{...}'` on the command line arrives as text. */
function contextOf(app: App): unknown {
  const given: unknown = app.node.tryGetContext('sweepstack');
  if (typeof given !== 'string') return given;
  try {
    return JSON.parse(given);
  } catch (error) {
    throw badInput(
      'sweepstack',
      `received ${show(given)}, which is not valid JSON: ${(error as Error).message}; allowed: an object`,
    );
  }
}

try {
  const app = new App();
  bundle();
  const config = parseConfig(contextOf(app));
  const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;
  const environment = account === undefined || region === undefined ? {} : { env: { account, region } };
  const name: string = app.node.tryGetContext('stack') ?? DEFAULT_STACK;
  await withScheduledSweeps(app, config, (scheduledSweeps) => {
    new SweepstackStack(app, name, { config, scheduledSweeps, ...environment });
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    app.synth();
  });
  const { maxVcpus } = config;
  const fleets = Object.entries(config.profiles).map(([profile, settings]) => [
    profile,
    { ...settings, maxVcpus, instanceTypes: instanceTypesOf(config, settings) },
  ]);
  console.error(fleetText(Object.fromEntries(fleets)));
} catch (error) {
  if (!(error instanceof BadInput)) throw error;
  console.error('cdk.json is not valid; nothing was changed.');
  for (const problem of error.problems) console.error(`  ${formatProblem(problem)}`);
  process.exit(2);
}
