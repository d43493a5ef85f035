import { RemovalPolicy, Size, Stack, Validations } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import * as deployment from 'aws-cdk-lib/aws-s3-deployment';
import { Construct } from 'constructs';
import { listing, logGroup, objects, usingKeys, WRITE, WRITE_WITH_KEY } from '../core/aws/grants.ts';
import { BadInput } from '../core/base/errors.ts';
import type { Config } from './config.ts';
import { addGrant, serviceRole } from './roles.ts';

/** Source and data of a schedule, laid out under the keys that they have in the store. */
export interface PackedInputs {
  /** The schedule's name. */
  readonly name: string;
  readonly folder: string;
  /** Of all its files. */
  readonly bytes: number;
}

export interface UploadsProps {
  readonly config: Config;
  readonly inputs: readonly PackedInputs[];
  readonly bucket: s3.IBucket;
}

const MIB = 1024 * 1024;
/** The most that Lambda gives a function in /tmp. The least is 512 MiB. */
const LARGEST_TMP_MIB = 10_240;
/** CDK's function is named after its size, so the size moves in steps: editing the data rarely replaces the function. */
const STEP_MIB = 512;
/** Room for Python, the AWS CLI and the archive's index. */
const SPARE_MIB = 64;
/** The function holds the archive and its unpacked files at once, and an archive of data is hardly smaller. */
const largestUploadMiB = Math.floor((LARGEST_TMP_MIB - SPARE_MIB) / 2);

/** MiB of /tmp that CDK's function needs to upload this many bytes. */
export function temporaryMiB(bytes: number): number {
  return Math.ceil((2 * Math.ceil(bytes / MIB) + SPARE_MIB) / STEP_MIB) * STEP_MIB;
}

/** @throws BadInput naming the schedule when its objects are more than a deployment can upload */
export function checkUpload(name: string, bytes: number): void {
  if (temporaryMiB(bytes) <= LARGEST_TMP_MIB) return;
  throw new BadInput([
    {
      field: `sweepstack.schedules.${name}.spec`,
      message: `its source and data take ${Math.ceil(bytes / MIB).toLocaleString('en-US')} MiB; allowed: at most ${largestUploadMiB.toLocaleString('en-US')} MiB, because the function that uploads them has ${LARGEST_TMP_MIB.toLocaleString('en-US')} MiB of temporary space and needs twice their size; copy the data to S3 and set training.data: s3://bucket/prefix`,
    },
  ]);
}

/** Uploads the inputs of schedules during deployment, under the keys that `sweep start` would use. */
export class Uploads extends Construct {
  readonly #bucket: s3.IBucket;
  readonly #role: iam.Role;
  readonly #log: logs.LogGroup;
  /** One size for all, so that they share one function. */
  readonly #temporaryMiB: number;
  readonly #uploads = new Map<string, deployment.BucketDeployment>();

  /** @throws BadInput for inputs that are too large */
  constructor(scope: Construct, id: string, { config, inputs, bucket }: UploadsProps) {
    super(scope, id);
    for (const { name, bytes } of inputs) checkUpload(name, bytes);
    this.#bucket = bucket;
    this.#temporaryMiB = temporaryMiB(Math.max(...inputs.map(({ bytes }) => bytes)));
    this.#log = new logs.LogGroup(this, 'Log', {
      logGroupName: `/aws/lambda/${Stack.of(this).stackName}-uploads`,
      retention: config.logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // CDK's default role may write and delete every object in the bucket, champions included.
    this.#role = serviceRole(this, 'Role', 'lambda.amazonaws.com', 'Uploads the inputs of schedules', [
      logGroup(this.#log.logGroupArn),
      listing(bucket.bucketArn),
      objects(bucket.bucketArn, WRITE, ['sources/*', 'data/*']),
      ...usingKeys(config.keys, WRITE_WITH_KEY),
    ]);
    for (const each of inputs) this.#uploads.set(each.name, this.#upload(each));
    this.#acknowledge();
  }

  /** Uploads that must be done before the schedule of that name starts anything. */
  neededBy(name: string): deployment.BucketDeployment[] {
    const upload = this.#uploads.get(name);
    return upload === undefined ? [] : [upload];
  }

  #upload({ name, folder }: PackedInputs): deployment.BucketDeployment {
    const asset = new Asset(this, `asset-${name}`, { path: folder });
    addGrant(this.#role, {
      actions: ['s3:GetObject'],
      resources: [asset.bucket.arnForObjects(asset.s3ObjectKey)],
    });
    return new deployment.BucketDeployment(this, `upload-${name}`, {
      sources: [deployment.Source.bucket(asset.bucket, asset.s3ObjectKey)],
      destinationBucket: this.#bucket,
      // The bucket also holds every other sweep.
      prune: false,
      retainOnDelete: true,
      memoryLimit: 1024,
      ephemeralStorageSize: Size.mebibytes(this.#temporaryMiB),
      role: this.#role.withoutPolicyUpdates(),
      logGroup: this.#log,
    });
  }

  /** CDK attaches the function to the stack, not to the upload. */
  #acknowledge(): void {
    for (const child of Stack.of(this).node.children) {
      if (!child.node.id.startsWith('Custom::CDKBucketDeployment')) continue;
      Validations.of(child).acknowledge({
        id: 'AwsSolutions-L1',
        reason: "It is CDK's own function: its runtime comes with the version of aws-cdk-lib.",
      });
    }
  }
}
