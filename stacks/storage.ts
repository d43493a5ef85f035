import { Duration, RemovalPolicy, Stack, Tags, Validations } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Config } from './config.ts';
import { STACK_TAG } from './cost-tags.ts';

/**
 * Prefixes whose old versions are deleted after a day: buckets of earlier releases have some, and if someone turns on
 * versioning, the bucket would keep every replaced checkpoint forever. Old versions of models/ stay.
 */
const REWRITTEN = ['sweeps/', 'checkpoints/', 'sources/', 'data/', 'prices/'];

/**
 * The store: everything a sweep leaves behind. It has no versioning: each replaced checkpoint would be billed for a day
 * or two, which is terabytes with 64 trials that write 500 MB a minute. Nothing needs versions, and a laptop's store has
 * none: each training has its own key for its model, and champion.json is replaced by compare-and-set, which S3 supports
 * without versions.
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
      // Results that were paid for outlive the stack. A failed first deploy still leaves no empty bucket.
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      lifecycleRules: [
        { id: 'unfinished-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
        { id: 'expire-checkpoints', prefix: 'checkpoints/', expiration: Duration.days(config.checkpointDays) },
        // A filter can only include a prefix, so every prefix but models/ is listed.
        ...REWRITTEN.map((prefix) => ({
          id: `old-versions-of-${prefix.slice(0, -1)}`,
          prefix,
          noncurrentVersionExpiration: Duration.days(1),
          // A delete marker goes with the object's last version.
          ...(prefix === 'checkpoints/' ? {} : { expiredObjectDeleteMarker: true }),
        })),
      ],
    });
    // A bucket that stays keeps what guards it.
    bucket.policy?.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Access logs would need a second bucket that grows with every trial. CloudTrail data events can be turned on where needed.',
    });
    Tags.of(bucket).add(STACK_TAG, Stack.of(this).stackName);
    return bucket;
  }
}
