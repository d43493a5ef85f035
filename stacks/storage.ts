import { Duration, RemovalPolicy, Stack, Tags, Validations } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Config } from './config.ts';
import { STACK_TAG } from './cost-tags.ts';

/**
 * Prefixes whose old versions go after a day: the bucket of an earlier release has some, and a bucket in which somebody
 * turns versioning on would keep every replaced checkpoint for ever. Old versions of models/ stay.
 */
const REWRITTEN = ['sweeps/', 'checkpoints/', 'sources/', 'data/', 'prices/'];

/**
 * The store: everything a sweep leaves behind. Without versions: each replaced checkpoint would be billed for a day or
 * two, 64 trials of 500 MB a minute for terabytes. Nothing needs them, as the store on a laptop has none: models lie
 * under a key of their own a training, and champion.json is replaced by compare-and-set, which S3 does without versions.
 */
export class Storage extends Construct {
  readonly bucket: s3.IBucket;

  constructor(scope: Construct, id: string, config: Config) {
    super(scope, id);
    this.bucket =
      config.bucket === undefined
        ? (this.#newBucket(config) as s3.IBucket)
        : s3.Bucket.fromBucketName(this, 'Bucket', config.bucket);
  }

  #newBucket(config: Config): s3.Bucket {
    const bucket = new s3.Bucket(this, 'Bucket', {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      encryption: s3.BucketEncryption.S3_MANAGED,
      // Results of paid training outlive the stack that made them; a first deploy that fails leaves no empty bucket.
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      lifecycleRules: [
        { id: 'unfinished-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
        { id: 'expire-checkpoints', prefix: 'checkpoints/', expiration: Duration.days(config.checkpointDays) },
        // A filter takes a prefix and no "not": the prefixes are named, models/ is left out.
        ...REWRITTEN.map((prefix) => ({
          id: `old-versions-of-${prefix.slice(0, -1)}`,
          prefix,
          noncurrentVersionExpiration: Duration.days(1),
          // The mark that a deleted object leaves goes with its last version.
          ...(prefix === 'checkpoints/' ? {} : { expiredObjectDeleteMarker: true }),
        })),
      ],
    });
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Access logs would be a second bucket that grows with every trial; CloudTrail data events can be turned on where they are needed.',
    });
    Tags.of(bucket).add(STACK_TAG, Stack.of(this).stackName);
    return bucket;
  }
}
