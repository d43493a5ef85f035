import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr-assets';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { anyResource } from '../core/aws/grants.ts';
import { addGrant } from './roles.ts';

const ROOT = join(import.meta.dirname, '..');

/** A container image, as named in a job definition. */
export interface JobImage {
  readonly uri: string;
  /** Lets the role pull it. */
  grantPull(role: iam.Role): void;
}

/**
 * Sweepstack's own image, built from docker/trainer and the runner's bundle when the stack is deployed. Only what its
 * Dockerfile copies counts, so other changes in the repository do not rebuild it.
 */
export function trainerImage(scope: Construct): JobImage {
  const asset = new ecr.DockerImageAsset(scope, 'Trainer', {
    directory: ROOT,
    file: 'docker/trainer/Dockerfile',
    exclude: [
      '*',
      '!dist',
      'dist/*',
      '!dist/runner.mjs',
      '!docker',
      'docker/*',
      '!docker/trainer',
      'docker/trainer/.*',
      'docker/trainer/__pycache__',
    ],
    // Otherwise it is built for the deployer's CPU, which may be ARM.
    platform: ecr.Platform.LINUX_AMD64,
  });
  return { uri: asset.imageUri, grantPull: (role) => pullFrom(role, asset.repository.repositoryArn) };
}

/**
 * Whether a name always means the same image: one with a digest, or Sweepstack's own image (undefined), whose tag is a
 * digest of everything it is built from. CDK's bootstrap repository lets no tag be overwritten.
 */
export const isFixed = (image: string | undefined): boolean =>
  image === undefined || /@sha256:[0-9a-f]{64}$/.test(image);

/** A user's own image. One in ECR needs a grant to be pulled, limited to its repository. */
export function givenImage(uri: string): JobImage {
  const match = /^([0-9]{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/([^:@]+)/.exec(uri);
  return {
    uri,
    grantPull: (role) => {
      if (match === null) return;
      const [, account, region, repository] = match;
      // No role reaches into another partition, so use the stack's.
      pullFrom(role, `arn:${Stack.of(role).partition}:ecr:${region}:${account}:repository/${repository}`);
    },
  };
}

function pullFrom(role: iam.Role, repositoryArn: string): void {
  const actions = ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'];
  addGrant(role, { actions, resources: [repositoryArn] });
  addGrant(role, anyResource(['ecr:GetAuthorizationToken'], 'ECR has no resource-level permissions for logging in.'));
}
