import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr-assets';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { anyResource } from '../core/aws/grants.ts';
import { addGrant } from './roles.ts';

const ROOT = join(import.meta.dirname, '..');

/** A container image as a job definition names it. */
export interface JobImage {
  readonly uri: string;
  /** Lets the role pull it. */
  grantPull(role: iam.Role): void;
}

/**
 * The product's own image, built from docker/trainer and the runner's bundle when the stack is deployed. Only what its
 * Dockerfile copies counts, so that another change of the repository does not make it anew.
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
    // Else it is built for the deployer's own CPU, which may be an ARM one.
    platform: ecr.Platform.LINUX_AMD64,
  });
  return { uri: asset.imageUri, grantPull: (role) => pullFrom(role, asset.repository.repositoryArn) };
}

/**
 * Whether a name can never come to mean another image: one with a digest; and the product's own (undefined), whose tag
 * is a digest of all that it is built from, in CDK's bootstrap repository, which lets no tag be written again.
 */
export const isFixed = (image: string | undefined): boolean =>
  image === undefined || /@sha256:[0-9a-f]{64}$/.test(image);

/** An image of somebody's own. One in ECR needs a right to be pulled, which is given for its repository alone. */
export function givenImage(uri: string): JobImage {
  const match = /^([0-9]{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/([^:@]+)/.exec(uri);
  return {
    uri,
    grantPull: (role) => {
      if (match === null) return;
      const [, account, region, repository] = match;
      // No role reaches into another partition, so it is the stack's own.
      pullFrom(role, `arn:${Stack.of(role).partition}:ecr:${region}:${account}:repository/${repository}`);
    },
  };
}

function pullFrom(role: iam.Role, repositoryArn: string): void {
  const actions = ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'];
  addGrant(role, { actions, resources: [repositoryArn] });
  addGrant(role, anyResource(['ecr:GetAuthorizationToken'], 'A login to ECR knows no resources.'));
}
